"""From a finding to a file, a referral or a refusal, and what may be said against it."""

from datetime import timedelta

import httpx
import pytest
from casefile_samples import (
    CENTER,
    NEIGHBOUR,
    OTHER_COUNTY,
    SUSPENDED_CENTER,
    Json,
    code_of,
    opened,
    person,
    version_of,
)
from finding_samples import (
    ASSESSMENT,
    BODIES,
    Committees,
    asked,
    assessed,
    did,
    found,
    household,
    inquiry,
    sent,
    somebody,
)

from shared.chassis.actor import Actor
from shared.contracts.registry import ParameterSetV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import ClientAs, Running
from svc_casefile.centers import repository as rules

BODY_OF: dict[str, Json] = {
    "screen": {"note": "متن"},
    "assess": ASSESSMENT,
    "decide-local": {"decision": "support"},
    "decide-county": {"decision": "admit"},
    "refuse": {"reason": "not-in-need"},
    "refer": {"to": "health"},
    "appeal": {"grounds": "متن"},
    "decide-appeal": {"decision": "uphold", "note": "متن"},
}


async def test_from_the_neighbours_word_to_a_file(committees: Committees, running: Running) -> None:
    worker, manager, county = committees.worker, committees.manager, committees.county
    finding = await found(worker, mobile="09151234567", latitude=32.86, longitude=59.22)
    assert (finding["status"], finding["version"], finding["jurisdiction"]) == ("found", 1, CENTER)
    finding = await assessed(worker, finding)
    finding = await asked(worker, finding)
    finding = await did(manager, finding, "decide-local", {"decision": "support", "note": "تأیید"})
    assert finding["status"] == "supported"
    finding = await did(county, finding, "decide-county", {"decision": "admit"})
    assert finding["status"] == "waiting"
    finding = await did(manager, finding, "admit", household(pensioner=True))
    assert finding["status"] == "admitted"
    assert (await worker.get(f"/v1/findings/{finding['id']}")).json() == finding

    file = (await worker.get(f"/v1/case-files/{finding['case_file_id']}")).json()
    assert (file["status"], file["jurisdiction"], file["pensioner"]) == ("active", CENTER, True)
    assert (file["address"], file["mobile"], file["latitude"], file["coverage_reason"]) == (
        finding["address"], "+989151234567", 32.86, "female-headed",
    )  # fmt: skip
    steps = [(step["version"], step["step"], step["status"]) for step in finding["steps"]]
    assert steps == [
        (1, "record", "found"),
        (2, "screen", "screened"),
        (3, "assess", "assessed"),
        (4, "inquire", "assessed"),
        (5, "inquire", "assessed"),
        (6, "decide-local", "supported"),
        (7, "decide-county", "waiting"),
        (8, "admit", "admitted"),
    ]
    assert finding["steps"][2]["note"] == "گزارش بازدید"
    assert finding["steps"][6]["actor"] == "county-officer@2901"
    async with running.database.query(Actor.system("casefile")) as query:
        (line,) = await query.fetch("SELECT * FROM timeline_entry WHERE kind = 'finding-admitted'")
    assert (str(line["case_file_id"]), str(line["ref"])) == (file["id"], finding["id"])

    facts = [event for event in await running.events(count=9) if "finding" in event.type]
    assert [event.type.split(".")[3] for event in facts] == ["recorded", *["advanced"] * 6, "admitted"]
    assert [event.data["version"] for event in facts] == [1, 2, 3, 4, 5, 6, 7, 8]
    for event in facts:
        assert str(event.jurisdiction) == CENTER
        assert not any(word in event.to_json().decode() for word in ("فاطمه", "طالقانی", "اتاق", "گزارش", "98915"))


async def test_a_step_out_of_turn_says_what_is_possible(committees: Committees, client_as: ClientAs) -> None:
    finding = await found(committees.worker)
    for step, client in (
        ("assess", committees.worker),
        ("decide-local", committees.manager),
        ("decide-county", committees.county),
        ("appeal", committees.worker),
        ("decide-appeal", committees.county),
    ):
        answer = await sent(client, finding, step, BODY_OF[step])
        assert code_of(answer) == (409, "finding-step-not-allowed"), step
        assert (answer.json()["present"], answer.json()["allowed"]) == ("found", ["screen", "refuse", "refer"])
    answer = await sent(committees.manager, finding, "admit", household())
    assert code_of(answer) == (409, "finding-step-not-allowed")
    assert (await committees.worker.get(f"/v1/findings/{finding['id']}")).json() == finding


async def test_a_stale_or_missing_version_changes_nothing(worker: httpx.AsyncClient) -> None:
    finding = await found(worker)
    await did(worker, finding, "screen", BODY_OF["screen"])
    assert code_of(await sent(worker, finding, "refer", BODY_OF["refer"])) == (412, "precondition-failed")
    answer = await worker.post(f"/v1/findings/{finding['id']}:refer", json=BODY_OF["refer"])
    assert code_of(answer) == (428, "precondition-required")


async def test_a_referral_ends_it(worker: httpx.AsyncClient) -> None:
    finding = await did(worker, await found(worker), "refer", {"to": "social-emergency", "note": "کودک‌آزاری"})
    assert (finding["status"], finding["steps"][-1]["reason"]) == ("referred", "social-emergency")
    answer = await sent(worker, finding, "screen", BODY_OF["screen"])
    assert (code_of(answer), answer.json()["allowed"]) == ((409, "finding-step-not-allowed"), [])
    late = await worker.post(f"/v1/findings/{finding['id']}/inquiries", json=inquiry(BODIES[0]))
    assert code_of(late) == (409, "finding-step-not-allowed")


async def test_nobody_is_admitted_before_other_support_bodies_have_answered(committees: Committees) -> None:
    worker, county = committees.worker, committees.county
    finding = await committees.supported()

    async def decided() -> httpx.Response:
        return await sent(county, finding, "decide-county", {"decision": "admit"})

    answer = await decided()
    assert (code_of(answer), answer.json()["bodies"]) == ((409, "coverage-not-checked"), [*BODIES])
    finding = await asked(worker, finding, inquiry("relief-committee"), inquiry("social-security", "no-answer"))
    assert (await decided()).json()["bodies"] == ["social-security"]
    yesterday = (today() - timedelta(days=1)).isoformat()
    expired = inquiry("social-security", asked_on=yesterday) | {"valid_until": yesterday}
    finding = await asked(worker, finding, expired)
    assert (await decided()).json()["bodies"] == ["social-security"]
    finding = await asked(worker, finding, inquiry("social-security"), inquiry("martyrs-foundation", "covered"))
    answer = await decided()
    assert (code_of(answer), answer.json()["bodies"]) == ((409, "covered-elsewhere"), ["martyrs-foundation"])
    finding = await asked(worker, finding, inquiry("martyrs-foundation"))  # asked again, it is no longer so
    assert (await decided()).json()["status"] == "waiting"
    told = (await worker.get(f"/v1/findings/{finding['id']}")).json()["inquiries"]
    assert len(told) == 6
    assert (told[0]["body"], told[0]["answer"], told[0]["asked_by"]) == (
        "martyrs-foundation", "not-covered", f"social-worker@{CENTER}",
    )  # fmt: skip


async def test_an_answer_that_expired_on_the_waiting_list_is_asked_for_again(
    committees: Committees, running: Running
) -> None:
    finding = await committees.waiting()
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE finding_inquiry SET valid_until = current_date - 2")
    answer = await sent(committees.manager, finding, "admit", household())
    assert code_of(answer) == (409, "coverage-not-checked")
    finding = await asked(committees.worker, finding)
    assert (await did(committees.manager, finding, "admit", household()))["status"] == "admitted"


async def test_a_refusal_has_a_reason_and_an_appeal_goes_to_the_county(committees: Committees) -> None:
    worker, manager, county = committees.worker, committees.manager, committees.county
    finding = await assessed(worker, await found(worker))
    unreasoned = await sent(manager, finding, "decide-local", {"decision": "refuse"})
    assert code_of(unreasoned) == (422, "invalid-input")
    refused = await did(manager, finding, "decide-local", {"decision": "refuse", "reason": "not-in-need"})
    assert (refused["status"], refused["may_appeal"]) == ("not-eligible", True)
    assert refused["steps"][-1]["reason"] == "not-in-need"
    appealed = await did(worker, refused, "appeal", {"grounds": "اجاره‌نشین هستیم"})
    assert appealed["status"] == "appealed"
    answer = await sent(manager, appealed, "decide-appeal", {"decision": "reverse", "note": "وارد است"})
    assert code_of(answer) == (403, "forbidden")
    reversed_ = await did(county, appealed, "decide-appeal", {"decision": "reverse", "note": "وارد است"})
    assert reversed_["status"] == "supported"  # past the level that had refused it
    final = await did(county, reversed_, "decide-county", {"decision": "refuse", "reason": "papers-missing"})
    assert (final["status"], final["may_appeal"]) == ("not-eligible", True)


async def test_who_refused_does_not_decide_on_the_appeal(committees: Committees, client_as: ClientAs) -> None:
    finding = await asked(committees.worker, await committees.supported())
    finding = await did(
        committees.county, finding, "decide-county", {"decision": "refuse", "reason": "lives-elsewhere"}
    )
    finding = await did(committees.worker, finding, "appeal", {"grounds": "متن"})
    body = {"decision": "reverse", "note": "متن"}
    assert code_of(await sent(committees.county, finding, "decide-appeal", body)) == (403, "own-refusal")
    another = await client_as("county-officer", "2901", subject="another")
    assert (await did(another, finding, "decide-appeal", body))["status"] == "waiting"


async def test_an_appeal_does_not_lead_past_the_other_support_bodies(
    committees: Committees, client_as: ClientAs
) -> None:
    finding = await committees.supported()
    finding = await did(committees.county, finding, "decide-county", {"decision": "refuse", "reason": "not-in-need"})
    finding = await did(committees.worker, finding, "appeal", {"grounds": "متن"})
    another = await client_as("county-officer", "2901", subject="another")
    answer = await sent(another, finding, "decide-appeal", {"decision": "reverse", "note": "متن"})
    assert code_of(answer) == (409, "coverage-not-checked")


async def test_an_appeal_that_was_turned_down_is_the_end(committees: Committees) -> None:
    finding = await did(committees.worker, await found(committees.worker), "refuse", {"reason": "not-found"})
    finding = await did(committees.worker, finding, "appeal", {"grounds": "متن"})
    finding = await did(committees.county, finding, "decide-appeal", {"decision": "uphold", "note": "متن"})
    assert (finding["status"], finding["may_appeal"]) == ("not-eligible", False)
    assert code_of(await sent(committees.worker, finding, "appeal", {"grounds": "متن"})) == (409, "appeal-final")


async def test_an_appeal_comes_in_time_where_a_rule_says_so(committees: Committees, running: Running) -> None:
    finding = await did(committees.worker, await found(committees.worker), "refuse", {"reason": "not-found"})
    async with running.database.command(Actor.system("casefile")) as command:
        rule = ParameterSetV1(
            jurisdiction=Jurisdiction("29"), parameter_id=new_id(), name="finding-appeal-days", value=20,
            valid_from=today(),
        )  # fmt: skip
        await rules.keep_parameter(command, rule)
        await command.connection.execute("UPDATE finding SET refused_on = $1", today() - timedelta(days=21))
    answer = await sent(committees.worker, finding, "appeal", {"grounds": "متن"})
    assert code_of(answer) == (409, "appeal-too-late")
    assert answer.json()["last_day"] == (today() - timedelta(days=1)).isoformat()
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE finding SET refused_on = $1", today() - timedelta(days=20))
    assert (await did(committees.worker, finding, "appeal", {"grounds": "متن"}))["status"] == "appealed"


async def test_who_has_a_file_or_was_found_already_is_not_found_again(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    in_a_file = (await opened(neighbour))["members"][0]["identity"]
    answer = await worker.post("/v1/findings", json=somebody(identity=in_a_file))
    assert code_of(answer) == (409, "person-already-in-case-file")
    assert answer.json()["case_files"] == []  # it is the neighbour's
    identity = person()["identity"]
    first = await found(worker, identity=identity)
    assert first["identity"] == identity
    again = await county.post("/v1/findings", json=somebody(identity=identity, jurisdiction=NEIGHBOUR))
    assert (code_of(again), again.json()["finding_id"]) == ((409, "already-found"), first["id"])
    await did(worker, first, "refer", {"to": "health"})
    await found(worker, identity=identity)


async def test_a_finding_is_with_an_open_center_of_the_scope(
    worker: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    for client, place, refusal in (
        (county, None, (422, "finding-needs-a-center")),
        (county, OTHER_COUNTY, (403, "scope-forbidden")),
        (worker, NEIGHBOUR, (403, "scope-forbidden")),
        (county, SUSPENDED_CENTER, (422, "center-not-open")),
    ):
        answer = await client.post("/v1/findings", json=somebody(jurisdiction=place))
        assert code_of(answer) == refusal, place
    assert (await found(county, jurisdiction=NEIGHBOUR))["jurisdiction"] == NEIGHBOUR


async def test_admission_is_refused_as_opening_a_file_is_and_leaves_nothing(
    committees: Committees, worker: httpx.AsyncClient
) -> None:
    taken = (await opened(worker))["members"][0]["identity"]
    finding = await committees.waiting()
    answer = await sent(committees.manager, finding, "admit", {"members": [person("head", identity=taken)]})
    assert code_of(answer) == (409, "person-already-in-case-file")
    for body in (household(jurisdiction=CENTER), household(status="draft"), {"members": []}):
        assert code_of(await sent(committees.manager, finding, "admit", body)) == (422, "invalid-input")
    assert (await worker.get(f"/v1/findings/{finding['id']}")).json() == finding
    assert len((await worker.get("/v1/case-files")).json()["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"found_by": "rumour"},
        {"found_on": "2999-01-01"},
        {"latitude": 32.1},
        {"persons": 0},
        {"address": None},
        {"status": "admitted"},
    ],
)
async def test_what_makes_no_sense_is_refused(worker: httpx.AsyncClient, body: Json) -> None:
    assert code_of(await worker.post("/v1/findings", json=somebody() | body)) == (422, "invalid-input")
    assert (await worker.get("/v1/findings")).json()["items"] == []


async def test_what_makes_no_sense_of_a_step_is_refused(worker: httpx.AsyncClient) -> None:
    finding = await did(worker, await found(worker), "screen", BODY_OF["screen"])
    for said in ({"urgent": True}, {"urgent_because": "متن"}, {"visited_on": "2999-01-01"}):
        assert code_of(await sent(worker, finding, "assess", ASSESSMENT | said)) == (422, "invalid-input")
    for said in (inquiry("red-crescent"), inquiry(BODIES[0], days=-1), inquiry(BODIES[0], reference="")):
        answer = await worker.post(f"/v1/findings/{finding['id']}/inquiries", json=said)
        assert code_of(answer) == (422, "invalid-input")


async def test_the_list_is_of_the_scope(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, county: httpx.AsyncClient
) -> None:
    mine, theirs = await found(worker), await found(neighbour)
    screened = await did(worker, await found(worker), "screen", BODY_OF["screen"])

    async def listed(client: httpx.AsyncClient, **params: object) -> list[str]:
        answer = await client.get("/v1/findings", params=params)  # type: ignore[arg-type]
        return [each["id"] for each in answer.raise_for_status().json()["items"]]

    assert await listed(worker) == [screened["id"], mine["id"]]
    assert await listed(county) == [screened["id"], theirs["id"], mine["id"]]
    assert await listed(county, status="found", jurisdiction=CENTER) == [mine["id"]]
    page = (await county.get("/v1/findings", params={"limit": 2})).json()
    assert await listed(county, limit=2, after=page["next"]) == [mine["id"]]
    outside = await worker.get("/v1/findings", params={"jurisdiction": NEIGHBOUR})
    assert code_of(outside) == (403, "scope-forbidden")


async def test_a_finding_sent_twice_is_one(worker: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "found"}
    first, second = [await worker.post("/v1/findings", json=somebody(), headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert first.headers["ETag"] == version_of(first.json())["If-Match"]
    assert len((await worker.get("/v1/findings")).json()["items"]) == 1
