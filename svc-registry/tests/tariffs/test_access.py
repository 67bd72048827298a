"""Who may draft, sign off and read tariffs."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import pytest

from shared.chassis.actor import Actor
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Statuses = Callable[..., Awaitable[dict[Role, int]]]

VISIT = {
    "service_code": "S03",
    "area_class": "urban",
    "jurisdiction": "29",
    "valid_from": "2026-03-21",
    "amount_rials": 1_000_000,
}


async def test_the_line_and_the_auditor_read(
    statuses: Statuses, anonymous: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    for address in ("/v1/tariffs", "/v1/tariffs:in-force", f"/v1/tariffs/{new_id()}"):
        answers = await statuses("GET", address, scope="2901001")
        assert {role for role, status in answers.items() if status != 403} == {
            Role.HEADQUARTERS,
            Role.PROVINCE_OFFICER,
            Role.COUNTY_OFFICER,
            Role.CENTER_MANAGER,
            Role.AUDITOR,
        }
        assert (await anonymous.get(address)).status_code == 401
        assert (await anybody.get(address)).status_code == 403


async def test_provinces_draft_and_headquarters_signs_off(statuses: Statuses) -> None:
    drafting = {Role.HEADQUARTERS, Role.PROVINCE_OFFICER}
    tariff = f"/v1/tariffs/{new_id()}"
    for address, roles in (
        ("/v1/tariffs", drafting),
        (f"{tariff}:withdraw", drafting),
        (f"{tariff}:sign-off", {Role.HEADQUARTERS}),
    ):
        answers = await statuses("POST", address, scope="29", json={})
        assert {role for role, status in answers.items() if status != 403} == roles, address


async def test_nobody_drafts_beyond_their_scope(
    officer: httpx.AsyncClient, neighbour: httpx.AsyncClient, headquarters: httpx.AsyncClient, running: Running
) -> None:
    for place in ("29", "2901", "IR", "77"):
        response = await neighbour.post("/v1/tariffs", json=VISIT | {"jurisdiction": place})
        assert (response.status_code, response.json()["code"]) == (403, "scope-forbidden"), place
    tariff = (await officer.post("/v1/tariffs", json=VISIT)).json()
    for step in ("withdraw", "sign-off"):
        client = await running.client(running.token(Role.HEADQUARTERS, "09", subject="x"))
        foreign = await client.post(f"/v1/tariffs/{tariff['id']}:{step}")
        missing = await client.post(f"/v1/tariffs/{new_id()}:{step}")
        assert foreign.status_code == missing.status_code == 404
    assert (await neighbour.get(f"/v1/tariffs/{tariff['id']}")).json() == tariff
    assert (await headquarters.post(f"/v1/tariffs/{tariff['id']}:sign-off")).status_code == 200


async def test_the_database_refuses_what_a_rule_forgot(officer: httpx.AsyncClient, running: Running) -> None:
    await officer.post("/v1/tariffs", json=VISIT)
    neighbour = Actor(subject="x", roles=frozenset(), scope=Jurisdiction("09"))
    async with running.database.command(neighbour) as command:
        assert await command.connection.execute("UPDATE tariff SET amount_rials = 1") == "UPDATE 0"
    self_signed = "UPDATE tariff SET status = 'signed-off', signed_off_by = drafted_by, signed_off_at = now()"
    with pytest.raises(asyncpg.CheckViolationError):
        async with running.database.command(Actor.system("registry")) as command:
            await command.connection.execute(self_signed)
