"""A complaint reaches somebody who can do something about it, and never whom it is about."""

from collections.abc import Mapping
from datetime import timedelta

import asyncpg
import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, code_of
from complaint_samples import complained, know_answer_days, said, seen_by, step, stepped, time_passes

from shared.chassis.actor import Actor
from shared.contracts.registry import PostingGrantedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.staff import repository as staff

Line = Mapping[str, httpx.AsyncClient]
YESTERDAY = today() - timedelta(days=1)


@pytest.fixture
async def line(centers: None, client_as: ClientAs) -> Line:
    """One of each level, from the center up."""
    return {
        "center": await client_as("center-manager", CENTER, subject="manager"),
        "county": await client_as("county-officer", "2901"),
        "province": await client_as("province-officer", "29"),
        "nation": await client_as("headquarters", "IR"),
    }


async def sees(line: Line) -> set[str]:
    return {level for level, client in line.items() if await seen_by(client)}


@pytest.mark.parametrize(
    ("about", "place", "handled_at", "seen"),
    [
        ("worker", CENTER, "center", {"center", "county", "province"}),
        ("nobody", CENTER, "center", {"center", "county", "province"}),
        ("manager", CENTER, "county", {"county", "province"}),
        ("center", CENTER, "county", {"county", "province"}),
        ("county", "2901", "province", {"province", "nation"}),
        ("province", "29", "nation", {"nation"}),
    ],
)
async def test_who_handles_it_and_who_sees_it(
    public: httpx.AsyncClient, line: Line, about: str, place: str, handled_at: str, seen: set[str]
) -> None:
    received = await complained(public, about, place)

    assert received["handled_at"] == handled_at
    assert await sees(line) == seen
    (complaint,) = await seen_by(line[handled_at])
    await stepped(line[handled_at], complaint, "take")
    for level, client in line.items():
        if level not in seen:
            assert code_of(await client.get(f"/v1/complaints/{complaint['id']}")) == (404, "not-found")
            assert code_of(await step(client, complaint, "take")) == (404, "not-found")


async def test_it_is_not_shown_to_the_person_it_is_about_wherever_they_act(
    public: httpx.AsyncClient, line: Line, client_as: ClientAs
) -> None:
    await complained(public, "worker", CENTER, person="manager")
    (complaint,) = await seen_by(line["county"])

    for role, place in (("center-manager", CENTER), ("county-officer", "2901"), ("auditor", "IR")):
        themselves = await client_as(role, place, subject="manager")
        assert await seen_by(themselves) == []
        for path in ("", "/entries"):
            answer = await themselves.get(f"/v1/complaints/{complaint['id']}{path}")
            assert code_of(answer) == (404, "not-found")


async def test_a_worker_who_is_the_manager_is_above_the_managers_handling(
    running: Running, public: httpx.AsyncClient, line: Line
) -> None:
    posting = PostingGrantedV1(
        jurisdiction=Jurisdiction(CENTER), posting_id=new_id(), version=1, person="manager", role="center-manager",
        valid_from=YESTERDAY, granted_by="officer",
    )  # fmt: skip
    async with running.database.command(Actor.system("casefile")) as command:
        await staff.keep(command, posting, ended=False)

    assert (await complained(public, "worker", CENTER, person="manager"))["handled_at"] == "county"
    assert (await complained(public, "worker", CENTER, person="sara"))["handled_at"] == "center"
    assert (await complained(public, "worker", NEIGHBOUR, person="manager"))["handled_at"] == "center"


async def test_the_database_itself_keeps_it_from_whom_it_is_about(
    running: Running, public: httpx.AsyncClient, line: Line
) -> None:
    await complained(public, "center", CENTER)
    await complained(public, "worker", CENTER, person="sara")
    counts = []
    for subject, place in (("anybody", CENTER), ("sara", "2901"), ("anybody", "2901"), ("anybody", NEIGHBOUR)):
        actor = Actor(subject=subject, roles=frozenset(), scope=Jurisdiction(place))
        async with running.database.query(actor) as query:
            counts.append([await query.fetchval(f"SELECT count(*) FROM {table}")
                           for table in ("complaint", "complaint_entry", "complaint_identity")])  # fmt: skip
    # of two the center handles one, and only from above it are identities seen, sealed as they are
    assert counts == [[1, 1, 0], [1, 1, 0], [2, 2, 1], [0, 0, 0]]

    with pytest.raises(asyncpg.CheckViolationError):  # nor can a program give it to whom it is about
        async with running.database.command(Actor.system("casefile")) as command:
            await command.connection.execute("UPDATE complaint SET jurisdiction = about_place WHERE about = 'center'")


async def test_what_is_overdue_goes_one_level_up_and_out_of_sight(
    running: Running, public: httpx.AsyncClient, line: Line
) -> None:
    await know_answer_days(running, 10)
    received = await complained(public)
    assert received["due_on"] == str(today() + timedelta(days=10))
    await time_passes(running)
    assert await sees(line) == {"center", "county", "province"}

    for handled_at, seen in (
        ("county", {"county", "province"}),
        ("province", {"province", "nation"}),
        ("nation", {"nation"}),
    ):
        await time_passes(running, day=YESTERDAY)
        assert await sees(line) == seen
        (complaint,) = await seen_by(line[handled_at])
        assert (complaint["status"], complaint["due_on"]) == ("received", str(today() + timedelta(days=10)))
    await time_passes(running, day=YESTERDAY)  # there is nobody above
    assert await sees(line) == {"nation"}

    facts = await running.events(type="pl.casefile.complaint.raised.v1", count=3)
    assert [str(fact.jurisdiction) for fact in facts] == ["2901", "29", "IR"]
    (first,) = await running.events(type="pl.casefile.complaint.received.v1", count=1)
    assert str(first.jurisdiction) == CENTER
    assert "بازدید" not in first.to_json().decode()


async def test_what_is_not_overdue_or_answered_stays(running: Running, public: httpx.AsyncClient, line: Line) -> None:
    await know_answer_days(running, 10)
    await complained(public)
    await time_passes(running, day=today())
    assert await sees(line) == {"center", "county", "province"}
    (complaint,) = await seen_by(line["center"])
    await stepped(line["center"], complaint, "answer", outcome="done", answer="رسیدگی شد")
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE complaint SET due_on = $1", YESTERDAY)
    await time_passes(running)
    assert await sees(line) == {"center", "county", "province"}


async def test_without_a_rule_no_day_is_made_up_and_a_rule_set_later_counts_from_then(
    running: Running, public: httpx.AsyncClient, line: Line
) -> None:
    received = await complained(public)
    assert received["due_on"] is None
    await time_passes(running)
    (complaint,) = await seen_by(line["center"])
    assert complaint["due_on"] is None

    await know_answer_days(running, 10)
    await know_answer_days(running, 5, place="29")
    await time_passes(running)
    (complaint,) = await seen_by(line["center"])
    assert complaint["due_on"] == str(today() + timedelta(days=5))


async def test_a_place_refers_up_and_one_above_takes_up(
    running: Running, public: httpx.AsyncClient, line: Line
) -> None:
    await complained(public)
    (complaint,) = await seen_by(line["center"])
    await stepped(line["center"], complaint, "refer-up", reason="از توان مرکز بیرون است")
    await time_passes(running)
    assert await seen_by(line["center"]) == []

    (complaint,) = await seen_by(line["province"])
    assert complaint["jurisdiction"] == "2901"
    elsewhere = await step(line["province"], complaint, "answer", outcome="done", answer="…")
    assert code_of(elsewhere) == (409, "handled-elsewhere")
    assert elsewhere.json()["handled_by"] == "2901"
    taken = await stepped(line["province"], complaint, "take-up", reason="دیر شده است")
    assert (taken["jurisdiction"], taken["status"]) == ("29", "in-hand")
    assert await seen_by(line["county"]) == []
    entries = (await line["province"].get(f"/v1/complaints/{complaint['id']}/entries")).json()["items"]
    assert [entry["kind"] for entry in entries] == ["received", "referred-up", "raised", "taken-up"]
    assert entries[-1]["note"] == "دیر شده است"


async def test_nobody_is_above_headquarters(public: httpx.AsyncClient, line: Line) -> None:
    await complained(public, "province", "29")
    (complaint,) = await seen_by(line["nation"])
    assert code_of(await step(line["nation"], complaint, "refer-up", reason="…")) == (409, "nobody-above")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (said("worker", "2901"), "invalid-input"),
        (said("county", CENTER), "invalid-input"),
        (said("province", "IR"), "invalid-input"),
        (said(kind="report"), "invalid-input"),
        (said(identity=None), "invalid-input"),
        (said(identity={"mobile": "+989151234567"}), "invalid-input"),
        (said(body=""), "invalid-input"),
        (said("center", "2901777"), "place-of-complaint-unknown"),
        (said("province", "11"), "place-of-complaint-unknown"),
    ],
)
async def test_what_is_no_complaint(line: Line, public: httpx.AsyncClient, body: object, code: str) -> None:
    answer = await public.post("/v1/complaints", json=body)
    assert code_of(answer) == (422, code)
    assert "0499370899" not in answer.text
