"""A center with files cannot close; how many it has is known from casefile's events only."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx

from shared.chassis.actor import Actor
from shared.contracts.casefile import CaseFileChangedV1, CaseFileClosedV1, CaseFileMovedV1, CaseFileOpenedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]
Step = Callable[..., Awaitable[httpx.Response]]
Eventually = Callable[..., Awaitable[None]]


def state(case_file_id: UUID, at: str, *, version: int) -> dict[str, Any]:
    return {
        "case_file_id": case_file_id,
        "jurisdiction": Jurisdiction(at),
        "number": "1",
        "version": version,
        "status": "active",
        "member_count": 1,
        "members": (),
        "opened_on": date(2021, 3, 8),
    }


def opened(case_file_id: UUID, at: str, *, version: int = 1) -> CaseFileOpenedV1:
    return CaseFileOpenedV1(**state(case_file_id, at, version=version))


def moved(case_file_id: UUID, to: str, *, version: int) -> CaseFileMovedV1:
    return CaseFileMovedV1(
        **state(case_file_id, to, version=version),
        previous_jurisdiction=Jurisdiction("2901"),
        effective_at=datetime.now(UTC),
        reason="transfer",
    )


async def known(running: Running) -> list[tuple[str, str, int]]:
    async with running.database.query(Actor.system("registry")) as query:
        rows = await query.fetch("SELECT jurisdiction, status, version FROM case_file_location ORDER BY jurisdiction")
    return [tuple(row) for row in rows]


async def test_a_center_with_files_cannot_close(
    running: Running, make_center: Make, step: Step, officer: httpx.AsyncClient, eventually: Eventually
) -> None:
    code, other = (await make_center("open"))["code"], (await make_center("open"))["code"]
    first, second = new_id(), new_id()

    async def has(*expected: tuple[str, str, int]) -> None:
        async def check() -> bool:
            return await known(running) == list(expected)

        await eventually(check)

    await running.publish(opened(first, code), opened(second, "2901"), moved(second, code, version=2))
    await has((code, "active", 1), (code, "active", 2))
    response = await step(officer, code, "close")
    assert (response.status_code, response.json()["code"]) == (409, "center-has-files")
    assert response.json()["files"] == 2
    assert (await officer.get(f"/v1/centers/{code}")).json()["status"] == "open"

    await running.publish(
        moved(first, other, version=2),
        CaseFileClosedV1(
            case_file_id=second, jurisdiction=Jurisdiction(code), version=3, closed_on=today(), reason="moved"
        ),
    )
    await has((code, "closed", 3), (other, "active", 2))
    assert (await step(officer, code, "close")).status_code == 200
    assert (await step(officer, other, "close")).status_code == 409


async def test_older_news_never_replaces_newer(running: Running, eventually: Eventually) -> None:
    file = new_id()
    last = new_id()
    await running.publish(
        moved(file, "2901002", version=5),
        opened(file, "2901001", version=1),
        CaseFileChangedV1(**state(file, "2901001", version=4), changed=("phone",)),
        opened(last, "2901009"),
    )

    async def arrived() -> bool:
        return len(await known(running)) == 2

    await eventually(arrived)
    assert await known(running) == [("2901002", "active", 5), ("2901009", "active", 1)]
