"""Whoever has the tracking code follows what became of it, without an account, and says whether it satisfied."""

import httpx
import pytest
from casefile_samples import CENTER, code_of
from complaint_samples import complained, said, seen_by, step, stepped

from shared.chassis.actor import Actor
from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


async def test_a_complaint_is_followed_by_its_code(public: httpx.AsyncClient, manager: httpx.AsyncClient) -> None:
    code = (await complained(public))["tracking_code"]
    first = (await public.post("/v1/complaints:track", json={"tracking_code": code})).json()
    assert (first["status"], first["handled_at"], first["answer"]) == ("received", "center", None)
    early = await public.post("/v1/complaints:rate", json={"tracking_code": code, "satisfaction": "satisfied"})
    assert code_of(early) == (409, "not-answered-yet")

    (complaint,) = await seen_by(manager)
    taken = await stepped(manager, complaint, "take")
    answered = await stepped(manager, taken, "answer", outcome="founded", answer="با مددکار گفت‌وگو شد")

    as_typed = code.lower().replace("-", " ")
    seen = (await public.post("/v1/complaints:track", json={"tracking_code": as_typed})).json()
    assert (seen["status"], seen["outcome"], seen["answer"]) == ("answered", "founded", "با مددکار گفت‌وگو شد")
    assert not {"id", "body", "about_person", "taken_by", "answered_by", "jurisdiction"} & seen.keys()
    for satisfaction in ("dissatisfied", "partly"):
        rated = await public.post("/v1/complaints:rate", json={"tracking_code": code, "satisfaction": satisfaction})
        assert rated.json()["satisfaction"] == satisfaction
    (complaint,) = await seen_by(manager)
    assert (complaint["satisfaction"], complaint["version"]) == ("partly", answered["version"] + 2)
    assert code_of(await step(manager, complaint, "take")) == (409, "complaint-step-not-allowed")


async def test_an_unknown_code_is_told_nothing(manager: httpx.AsyncClient, public: httpx.AsyncClient) -> None:
    await complained(public)
    for operation, more in (("track", {}), ("rate", {"satisfaction": "partly"})):
        unknown = await public.post(f"/v1/complaints:{operation}", json={"tracking_code": "0000-0000-0000-0000"} | more)
        assert code_of(unknown) == (404, "tracking-code-unknown")
        none = await public.post(f"/v1/complaints:{operation}", json={"tracking_code": "' OR 1=1 -- ......"} | more)
        assert code_of(none) == (422, "invalid-input")


async def test_the_code_is_kept_nowhere(
    running: Running, manager: httpx.AsyncClient, public: httpx.AsyncClient
) -> None:
    code = (await complained(public))["tracking_code"]
    async with running.database.query(Actor.system("casefile")) as query:
        rows = await query.fetch("SELECT complaint::text AS row FROM complaint")
    assert code not in rows[0]["row"]
    assert code.replace("-", "") not in rows[0]["row"]


async def test_what_the_code_tells_across_scopes(running: Running) -> None:
    nobody = Actor(subject="public", roles=frozenset(), scope=None)
    async with running.database.query(nobody) as query:
        assert await query.fetch("SELECT * FROM track_complaint($1)", b"guess") == []
        # and the scope is the caller's again
        assert await query.fetchval("SELECT current_setting('app.scope_from') || current_setting('app.scope_to')") == ""
        for function in ("track_complaint", "rate_complaint", "is_manager_of"):
            executors = await query.fetchval(
                "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
                " WHERE proname = $1 AND grantee <> proowner",
                function,
            )
            assert executors == ["casefile_app"]


async def test_staff_take_down_what_people_say_and_do_not_see_it_when_it_is_about_them(
    manager: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    recorded = await manager.post("/v1/complaints:record", json=said("center"))
    assert recorded.status_code == 201, recorded.text
    assert await seen_by(manager) == []
    (complaint,) = await seen_by(county)
    assert complaint["received_by"] == f"center-manager@{CENTER}"
