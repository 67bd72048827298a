"""What other bodies are asked, and what counts as an answer."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from licensing_samples import (
    Json,
    answered,
    asked,
    association,
    code_of,
    eventually,
    executed,
    inquiring,
    named,
    open_session,
    person,
    read,
    reply,
    sent,
    step,
    version_of,
    with_papers,
)

from shared.chassis.actor import Actor
from shared.chassis.sealing import SealBroken, Seals
from shared.contracts.events import Envelope
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.testing.plugin import ClientAs, Running
from svc_licensing.inquiries.service import seal_anew
from svc_licensing.inquiries.worker import look_once

PATH = "/v1/licensing-inquiries"
PAPER = {"result": "ok", "reference": "نامه ۱۲/۱۴۰۵"}


def seals_of(running: Running) -> Seals:
    settings: Any = running.settings
    found: Seals = settings.seals
    return found


def of(application: Json, system: str) -> Json:
    return next(each for each in application["inquiries"] if each["system"] == system and not each["replaced_by"])


async def test_a_body_is_asked_where_it_alone_reads_and_its_answer_counts_once(
    running: Running, manager: httpx.AsyncClient, officer: httpx.AsyncClient, deputy: httpx.AsyncClient
) -> None:
    application = await inquiring(manager, officer, deputy)
    criminal = of(application, "criminal-record")
    (question, *_) = [each for each in await asked(running, 3) if each.system == "criminal-record"]
    assert question.subject == "national.criminal-record.inquiry.asked.v1.29.01.003"
    assert (str(question.inquiry_id), question.legal_purpose) == (criminal["id"], criminal["legal_purpose"])
    founder = await sent(manager, "GET", f"/v1/institutions/{application['founder_id']}")
    assert question.person is not None
    assert question.person.id_value == founder["people"][0]["identity"]["value"]

    foreign = reply(criminal).model_copy(update={"system": "addiction-test"})
    await running.publish(foreign)
    misplaced = reply(criminal, "mismatch")
    envelope = Envelope.wrap(misplaced, id=new_id(), time=misplaced.replied_at, actor="addiction-test")
    wrong_subject = misplaced.subject.replace("criminal-record", "addiction-test")
    await running.service.broker.jetstream.publish(wrong_subject, envelope.to_json())
    until = today() + timedelta(days=90)
    await running.publish(reply(criminal, note="بدون سابقه", valid_until=until), reply(criminal, "mismatch"))

    async def there() -> bool:
        return of(await read(officer, application), "criminal-record")["settled"] is True

    await eventually(there)
    await running.publish(reply(of(application, "addiction-test"), "mismatch"))

    async def both() -> bool:
        return of(await read(officer, application), "addiction-test")["settled"] is True

    await eventually(both)
    shown = of(await read(officer, application), "criminal-record")
    assert (shown["state"], shown["note"], shown["valid_until"]) == ("ok", "بدون سابقه", str(until))
    assert of(await read(officer, application), "addiction-test")["state"] == "mismatch"
    buried = await running.service.broker.jetstream.stream_info("DEAD_LETTERS")
    assert buried.state.messages == 1, "an answer at another body's address is nobody's"
    told = await running.events(type="pl.licensing.inquiry.answered.v1", count=2)
    assert {each.data["state"] for each in told} == {"ok", "mismatch"}
    assert "احمدی" not in "".join(each.to_json().decode() for each in told)


async def test_a_body_that_is_down_is_asked_once_it_is_up_and_a_paper_takes_the_place_of_its_answer(
    running: Running,
    headquarters: httpx.AsyncClient,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:
    system = "/v1/national-systems/criminal-record"
    down = await sent(headquarters, "POST", f"{system}:down", headers={"If-Match": '"1"'})
    assert down["down_since"] is not None
    again = await headquarters.post(f"{system}:down", headers=version_of(down))
    assert code_of(again) == (409, "system-state-known")
    application = await inquiring(manager, officer, deputy)
    waiting = of(application, "criminal-record")
    assert (waiting["state"], waiting["sent_at"]) == ("queued", None)
    assert {each.system for each in await asked(running, 2)} == {"addiction-test", "mental-health"}

    path = f"{PATH}/{waiting['id']}"
    given = await sent(officer, "POST", f"{path}:give-evidence", json=PAPER, headers=version_of(waiting))
    assert given["state"] == "evidence-given"
    own = await officer.post(f"{path}:confirm-evidence", headers=version_of(given))
    assert code_of(own) == (403, "evidence-needs-another")
    colleague = await client_as("licensing-officer", "2901", subject="colleague")
    back = await sent(colleague, "POST", f"{path}:reject-evidence", headers=version_of(given))
    assert (back["state"], back["reference"]) == ("queued", None)
    given = await sent(officer, "POST", f"{path}:give-evidence", json=PAPER, headers=version_of(back))
    settled = await sent(colleague, "POST", f"{path}:confirm-evidence", headers=version_of(given))
    assert (settled["state"], settled["result"]) == ("manual-evidence", "ok")
    assert (settled["evidence_by"], settled["confirmed_by"]) == ("officer", "colleague")
    late = await officer.post(f"{path}:give-evidence", json=PAPER, headers=version_of(settled))
    assert (code_of(late), late.json()["allowed"]) == ((409, "inquiry-step-not-allowed"), ["ask-again"])

    fresh = await sent(officer, "POST", f"{path}:ask-again", headers=version_of(settled))
    assert fresh["state"] == "queued"
    await look_once(running.database, seals=seals_of(running))
    assert of(await read(officer, application), "criminal-record")["state"] == "queued"
    await sent(headquarters, "POST", f"{system}:up", headers=version_of(down))
    await look_once(running.database, seals=seals_of(running))
    assert of(await read(officer, application), "criminal-record")["state"] == "asked"
    assert (await asked(running, 3))[-1].system == "criminal-record"


async def test_an_answer_that_expires_is_asked_again_and_nothing_is_approved_before(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    member: httpx.AsyncClient,
) -> None:
    application = await inquiring(manager, officer, deputy)
    application = await step(officer, await answered(running, officer, application), "send-on")
    application = await step(secretary, application, "refer")
    await running.publish(reply(of(application, "security"), "mismatch"))
    application = await answered(running, secretary, application)
    application = await step(secretary, application, "review", {"opinion": "recommended", "reason": "x"})
    session = await open_session(secretary, present=("member",))
    application = await step(secretary, application, "table", {"session_id": session["id"]})
    await step(member, application, "vote", {"vote": "for"})
    yesterday = today() - timedelta(days=1)
    await executed(running, "UPDATE inquiry SET valid_until = $1 WHERE system = 'criminal-record'", yesterday)

    path = f"/v1/licence-applications/{application['id']}:decide"
    approval = {"decision": "approved", "reason": "x"}
    refused = await secretary.post(path, json=approval, headers=version_of(application))
    assert code_of(refused) == (409, "application-not-ready")
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/inquiries/criminal-record", "expired"),
        ("/inquiries/security", "mismatch"),
    ]
    assert await look_once(running.database, seals=seals_of(running)) >= 1
    assert await look_once(running.database, seals=seals_of(running)) == 0
    refused = await secretary.post(path, json=approval, headers=version_of(application))
    assert named(refused) == ["/inquiries/criminal-record"], "it is asked again"
    application = await answered(running, secretary, application)
    old = [each for each in application["inquiries"] if each["replaced_by"]]
    assert [each["system"] for each in old] == ["criminal-record"]
    security = of(application, "security")
    await sent(secretary, "POST", f"{PATH}/{security['id']}:ask-again", headers=version_of(security))
    application = await answered(running, secretary, application)
    assert (await sent(secretary, "POST", path, json=approval, headers=version_of(application)))["status"] == "approved"


async def test_security_has_twenty_working_days_extendable_once(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    headquarters: httpx.AsyncClient,
) -> None:
    application = await step(manager, await with_papers(manager, await association(manager)), "submit")
    application = await step(officer, await step(officer, application, "accept"), "open-inquiries")
    assert {each["system"] for each in application["inquiries"]} == {"degree"}
    application = await step(officer, await answered(running, officer, application), "send-on")
    application = await step(secretary, application, "refer")
    security = of(application, "security")
    counted = await sent(headquarters, "GET", "/v1/working-days", params={"since": str(today()), "days": 20})
    assert security["due_on"] == counted["day"]

    holiday = str(today() + timedelta(days=1))
    while (await sent(headquarters, "GET", "/v1/working-days", params={"since": str(today()), "days": 1}))[
        "day"
    ] != holiday:
        holiday = (await sent(headquarters, "GET", "/v1/working-days", params={"since": str(today()), "days": 1}))[
            "day"
        ]
    await sent(headquarters, "POST", "/v1/official-holidays", json={"day": holiday, "name_fa": "تعطیل"})
    moved = await sent(secretary, "GET", f"{PATH}/{security['id']}")
    counted = await sent(headquarters, "GET", "/v1/working-days", params={"since": str(today()), "days": 20})
    assert moved["due_on"] == counted["day"] > security["due_on"]

    past = today() - timedelta(days=1)
    await executed(running, "UPDATE inquiry SET due_on = $1 WHERE id = $2", past, security["id"])
    await look_once(running.database, seals=seals_of(running))
    (late,) = await running.events(type="pl.licensing.inquiry.overdue.v1", count=1)
    assert late.data["inquiry_id"] == security["id"]
    silent = await sent(secretary, "GET", f"{PATH}/{security['id']}")
    assert (silent["state"], silent["overdue"]) == ("no-answer", True)
    report = (await sent(secretary, "GET", "/v1/licensing-overdue"))["items"]
    assert [(each["jurisdiction"], each["office"], each["inquiries"]) for each in report] == [("2901", "security", 1)]
    longer = await sent(secretary, "POST", f"{PATH}/{security['id']}:extend", headers=version_of(silent))
    counted = await sent(headquarters, "GET", "/v1/working-days", params={"since": str(today()), "days": 40})
    assert (longer["due_on"], longer["overdue"], longer["withheld"]) == (counted["day"], False, True)
    assert (await sent(secretary, "GET", f"{PATH}/{security['id']}"))["state"] == "asked"
    twice = await secretary.post(f"{PATH}/{security['id']}:extend", headers=version_of(longer))
    assert code_of(twice) == (409, "no-extension-left")


async def test_whoever_joins_the_board_later_is_asked_about_too(
    running: Running, manager: httpx.AsyncClient, officer: httpx.AsyncClient, secretary: httpx.AsyncClient
) -> None:
    application = await step(manager, await with_papers(manager, await association(manager)), "submit")
    application = await step(officer, await step(officer, application, "accept"), "open-inquiries")
    application = await answered(running, officer, application)
    institution = f"/v1/institutions/{application['founder_id']}"
    board = await sent(manager, "GET", institution)
    board = await sent(manager, "POST", f"{institution}/people", json=person("inspector"), headers=version_of(board))
    application = await read(officer, application)
    (late,) = [each for each in application["inquiries"] if not each["settled"]]
    assert (late["system"], late["person_id"]) == ("degree", board["people"][-1]["id"])
    path = f"/v1/licence-applications/{application['id']}:send-on"
    waiting = await officer.post(path, headers=version_of(application))
    assert named(waiting) == ["/inquiries/degree"]
    application = await step(officer, await answered(running, officer, application), "send-on")
    application = await step(secretary, application, "refer")
    asked_before = len(application["inquiries"])
    await sent(manager, "POST", f"{institution}/people", json=person("board-member"), headers=version_of(board))
    fresh = (await read(secretary, application))["inquiries"][asked_before:]
    assert [each["system"] for each in fresh] == ["security"]


async def test_what_the_body_itself_says_outweighs_a_paper(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:
    application = await inquiring(manager, officer, deputy)
    colleague = await client_as("licensing-officer", "2901", subject="colleague")
    for each in application["inquiries"]:
        path = f"{PATH}/{each['id']}"
        given = await sent(officer, "POST", f"{path}:give-evidence", json=PAPER, headers=version_of(each))
        await sent(colleague, "POST", f"{path}:confirm-evidence", headers=version_of(given))
    application = await read(officer, application)
    assert {each["state"] for each in application["inquiries"]} == {"manual-evidence"}
    assert [each["code"] for each in application["deadlines"] if not each["stopped_at"]] == ["send-on"]
    criminal = of(application, "criminal-record")
    await running.publish(reply(criminal, "mismatch"))

    async def said() -> bool:
        return of(await read(officer, application), "criminal-record")["state"] == "mismatch"

    await eventually(said)
    shown = of(await read(officer, application), "criminal-record")
    assert (shown["result"], shown["evidence_by"], shown["confirmed_by"]) == ("mismatch", None, None)


async def vetting(
    manager: httpx.AsyncClient, officer: httpx.AsyncClient, secretary: httpx.AsyncClient, running: Running
) -> Json:
    """An application of which security was just asked."""
    application = await step(manager, await with_papers(manager, await association(manager)), "submit")
    application = await step(officer, await step(officer, application, "accept"), "open-inquiries")
    application = await step(officer, await answered(running, officer, application), "send-on")
    return await step(secretary, application, "refer")


async def test_what_security_answers_cannot_be_read_in_the_database(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:
    application = await vetting(manager, officer, secretary, running)
    path = f"{PATH}/{of(application, 'security')['id']}"
    paper = {"result": "mismatch", "reference": "نامهٔ محرمانه", "note": "سابقهٔ گزینش"}
    asked = of(application, "security")
    given = await sent(secretary, "POST", f"{path}:give-evidence", json=paper, headers=version_of(asked))
    assert (given["withheld"], given["state"], given["result"]) == (True, None, None)
    assert (await sent(secretary, "GET", path))["state"] == "evidence-given"
    colleague = await client_as("commission-secretary", "29", subject="colleague")
    settled = await sent(colleague, "POST", f"{path}:confirm-evidence", headers=version_of(given))
    assert (settled["settled"], settled["withheld"]) == (True, True)
    shown = await sent(secretary, "GET", path)
    assert {name: shown[name] for name in ("state", *paper)} == {"state": "manual-evidence", **paper}
    assert of(await read(secretary, application), "security")["note"] == paper["note"]
    for reader in (officer, manager):
        seen = of(await read(reader, application), "security")
        assert (seen["settled"], seen["withheld"], seen["state"], seen["note"]) == (True, True, None, None)
    # the body itself outweighs the paper, and what it says is sealed as well
    await running.publish(reply(asked, "mismatch", reference="حراست ۷", note=paper["note"]))

    async def said() -> bool:
        return (await sent(secretary, "GET", path))["state"] == "mismatch"

    await eventually(said)
    application = await answered(running, secretary, application)
    reviewed = await step(secretary, application, "review", {"opinion": "recommended", "reason": "x"})
    assert of(reviewed, "security")["withheld"] is True

    async with running.database.query(Actor.system("licensing")) as query:
        (row,) = await query.fetch("SELECT * FROM inquiry WHERE id = $1", asked["id"])
        kept = [row["sealed"].decode("latin-1"), *(str(value) for value in row.values())]
        for table, column in (("outbox", "payload"), ("idempotency_key", "body")):
            kept += [each[column].decode() for each in await query.fetch(f"SELECT {column} FROM {table}")]
    assert any(application["id"] in text for text in kept)
    for secret in ("mismatch", "evidence-given", "manual-evidence", "محرمانه", "گزینش", "حراست ۷"):
        assert not [text for text in kept if secret in text]
    for filters in ({"state": "mismatch"}, {"state": row["state"]}):
        found = await sent(secretary, "GET", PATH, params=filters)
        assert "security" not in {each["system"] for each in found["items"]}


async def test_an_answer_opens_in_its_own_row_alone_and_a_new_key_seals_it_anew(
    running: Running, manager: httpx.AsyncClient, officer: httpx.AsyncClient, secretary: httpx.AsyncClient
) -> None:
    application = await answered(running, secretary, await vetting(manager, officer, secretary, running))
    security = of(application, "security")
    held = json.loads(running.settings.sealing_keys.get_secret_value())  # type: ignore[attr-defined]
    newer = base64.b64encode(b"n" * 32).decode()
    both, alone = Seals.parse(json.dumps(held | {"newer": newer})), Seals.parse(json.dumps({"newer": newer}))
    async with running.database.command(Actor.system("licensing")) as command:
        assert await seal_anew(command, seals=both) >= 1
        assert await seal_anew(command, seals=both) == 0
        row = await command.connection.fetchrow("SELECT * FROM inquiry WHERE id = $1", security["id"])
        place = f"inquiry.sealed.{security['id']}"
        assert json.loads(alone.open(row["sealed"], key_id=row["key_id"], place=place))["result"] == "ok"
        with pytest.raises(SealBroken):
            seals_of(running).open(row["sealed"], key_id=row["key_id"], place=place)
        with pytest.raises(SealBroken):
            alone.open(row["sealed"], key_id=row["key_id"], place=f"inquiry.sealed.{application['id']}")


async def test_what_an_earlier_release_left_in_the_clear_is_read_and_then_sealed(
    running: Running, manager: httpx.AsyncClient, officer: httpx.AsyncClient, secretary: httpx.AsyncClient
) -> None:
    application = await vetting(manager, officer, secretary, running)
    security = of(application, "security")
    path = f"{PATH}/{security['id']}"
    await executed(
        running,
        "UPDATE inquiry SET state = 'mismatch', result = 'mismatch', note = 'مغایر', settled_at = now() WHERE id = $1",
        security["id"],
    )
    before = await sent(secretary, "GET", path)
    assert (before["state"], before["note"]) == ("mismatch", "مغایر")
    assert of(await read(officer, application), "security")["state"] is None
    assert await look_once(running.database, seals=seals_of(running)) == 1
    assert await look_once(running.database, seals=seals_of(running)) == 0
    assert await sent(secretary, "GET", path) == before
    async with running.database.query(Actor.system("licensing")) as query:
        (row,) = await query.fetch("SELECT * FROM inquiry WHERE id = $1", security["id"])
    assert (row["state"], row["result"], row["note"]) == ("asked", None, None)
    overdue = (await sent(secretary, "GET", "/v1/licensing-overdue"))["items"]
    assert overdue == [], "what is answered is overdue no more"
