"""A center whose licence to be active ends stops; licences are known from licensing's events only."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.licensing import (
    LicenceExpiredV1,
    LicenceIssuedV1,
    LicenceRenewedV1,
    LicenceState,
    LicenceSuspendedV1,
)
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]
Step = Callable[..., Awaitable[httpx.Response]]
Eventually = Callable[..., Awaitable[None]]


def licence(
    fact: type[LicenceState], licence_id: UUID, center: str, *, version: int, status: str, kind: str = "activity"
) -> LicenceState:
    return fact(
        jurisdiction=Jurisdiction(center),
        licence_id=licence_id,
        version=version,
        number="29-1405-00001",
        kind=kind,
        clause=4,
        status=status,
        center=Jurisdiction(center),
        valid_from=date(2023, 11, 22),
        valid_to=date(2026, 11, 21),
    )


async def test_it_stops_by_rule_and_goes_on_by_a_person_with_a_licence(
    running: Running, make_center: Make, step: Step, officer: httpx.AsyncClient, eventually: Eventually
) -> None:
    center, other = await make_center("open"), await make_center("open")
    code, first = center["code"], new_id()

    async def now(at: str = code) -> dict[str, Any]:
        read: dict[str, Any] = (await officer.get(f"/v1/centers/{at}")).raise_for_status().json()
        return read

    async def refers_to_it() -> bool:
        return bool((await now())["licence_reference"] == "29-1405-00001")

    async def is_suspended() -> bool:
        return bool((await now())["status"] == "suspended")

    expired = licence(LicenceExpiredV1, first, code, version=2, status="expired")
    await running.publish(
        licence(LicenceIssuedV1, first, code, version=1, status="in-force"),
        licence(LicenceExpiredV1, new_id(), other["code"], version=2, status="expired", kind="technical-manager"),
    )
    await eventually(refers_to_it)
    assert (await now())["status"] == "open"
    await running.publish(expired, expired)
    await eventually(is_suspended)
    transitions = (await officer.get(f"/v1/centers/{code}/transitions")).json()["items"]
    by_rule = [each for each in transitions if each["done_by"] == "system:registry"]
    assert [(each["status_from"], each["status_to"]) for each in by_rule] == [("open", "suspended")]
    assert "29-1405-00001" in by_rule[0]["reason"]
    assert (await now(other["code"]))["status"] == "open", "its licence to be active did not end"

    refused = await step(officer, code, "resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "center-licence-ended")
    assert (refused.json()["number"], refused.json()["standing"]) == ("29-1405-00001", "expired")
    # what is older comes late, and changes nothing; what is newer lets it go on
    await running.publish(
        licence(LicenceSuspendedV1, first, code, version=1, status="suspended"),
        licence(LicenceRenewedV1, first, code, version=3, status="in-force"),
    )

    async def goes_on() -> bool:
        return (await step(officer, code, "resume")).status_code == 200

    await eventually(goes_on)
    # a second licence in force keeps the center open when the first one ends
    await running.publish(
        licence(LicenceIssuedV1, second := new_id(), code, version=1, status="in-force"),
        licence(LicenceExpiredV1, first, code, version=4, status="expired"),
        licence(LicenceSuspendedV1, second, code, version=2, status="suspended"),
    )
    await eventually(is_suspended)
    found = (await officer.get(f"/v1/centers/{code}/transitions")).json()["items"]
    assert sum(each["done_by"] == "system:registry" for each in found) == 2
