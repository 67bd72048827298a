"""Refusals and appeals, and applications that cannot be."""

import httpx
from licensing_samples import (
    SEATS,
    Json,
    association,
    code_of,
    inquiring,
    legal,
    named,
    natural,
    open_session,
    person,
    read,
    registered,
    sent,
    step,
    version_of,
    with_papers,
)

from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.testing.plugin import ClientAs, Running

PATH = "/v1/licence-applications"
QUALIFIED = {"qualifications": [{"degree": "bachelor", "field": "مددکاری اجتماعی"}]}


async def managers(manager: httpx.AsyncClient, officer: httpx.AsyncClient, secretary: httpx.AsyncClient) -> Json:
    """An application for a technical manager's licence, for which no other body is asked, ready for the commission."""
    founder = await sent(
        manager, "POST", "/v1/institutions", json=natural(person("technical-manager", given_name="رضا", **QUALIFIED))
    )
    body = {
        "licence": "technical-manager",
        "clause": 4,
        "founder_id": founder["id"],
        "manager_id": founder["people"][1]["id"],
    }
    application = await sent(manager, "POST", PATH, json=body)
    assert application["holder_name"] == "رضا احمدی"
    application = await step(manager, await with_papers(manager, application), "submit")
    for name in ("accept", "open-inquiries", "send-on"):
        application = await step(officer, application, name)
    application = await step(secretary, application, "refer")
    return await step(secretary, application, "review", {"opinion": "advised-against", "reason": "سابقه کم است"})


async def test_a_refusal_is_appealed_once_and_heard_in_another_session(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    member: httpx.AsyncClient,
    client_as: ClientAs,
) -> None:
    application = await managers(manager, officer, secretary)
    refusal = {"decision": "refused", "reason": "سابقه کافی نیست"}
    for round_ in (1, 2):
        session = await open_session(secretary, present=("member",))
        application = await step(secretary, application, "table", {"session_id": session["id"]})
        absent = await client_as("specialised-deputy", "29", subject="deputy")
        path = f"{PATH}/{application['id']}"
        unseated = await absent.post(f"{path}:vote", json={"vote": "for"}, headers=version_of(application))
        assert code_of(unseated) == (403, "not-seated")
        early = await secretary.post(
            f"/v1/commission-sessions/{session['id']}:close",
            json={"number": "1", "text": "x"},
            headers=version_of(session),
        )
        assert (code_of(early), early.json()["numbers"]) == ((409, "session-not-done"), [application["number"]])
        await step(member, application, "vote", {"vote": "against"})
        application = await step(secretary, application, "decide", refusal)
        assert (application["status"], application["decision_reason"]) == ("refused", "سابقه کافی نیست")
        appeal = await manager.post(f"{path}:appeal", json={"grounds": "سابقه دارد"}, headers=version_of(application))
        if round_ == 2:
            assert code_of(appeal) == (409, "appealed-already")
            break
        application = appeal.json()
        assert (application["status"], application["round"]) == ("appealed", 2)
        closed = await sent(
            secretary,
            "POST",
            f"/v1/commission-sessions/{session['id']}:close",
            json={"number": "1", "text": "x"},
            headers=version_of(session),
        )
        shut = await secretary.post(f"{path}:table", json={"session_id": closed["id"]}, headers=version_of(application))
        assert code_of(shut) == (409, "session-not-open")
    votes = (await sent(secretary, "GET", f"{PATH}/{application['id']}/votes"))["items"]
    assert [(each["round"], each["vote"]) for each in votes] == [(1, "against"), (2, "against")]
    first, second = await running.events(type="pl.licensing.licence-application.decided.v1", count=2)
    assert (first.data["appeal"], second.data["appeal"]) == (False, True)


async def test_not_needed_is_a_refusal_and_an_appeal_that_is_upheld_goes_on_with_the_inquiries(
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    member: httpx.AsyncClient,
) -> None:
    application = await step(manager, await with_papers(manager, await registered(manager)), "submit")
    application = await step(officer, application, "accept")
    application = await step(deputy, application, "state-need", {"needed": False, "reason": "دو مرکز نزدیک است"})
    assert (application["status"], application["decision_reason"]) == ("refused", "دو مرکز نزدیک است")
    application = await step(manager, application, "appeal", {"grounds": "محله بزرگ است"})
    session = await open_session(secretary, present=("member",))
    application = await step(secretary, application, "table", {"session_id": session["id"]})
    application = await step(secretary, application, "postpone")
    assert application["status"] == "appealed"
    application = await step(secretary, application, "table", {"session_id": session["id"]})
    await step(member, application, "vote", {"vote": "for"})
    application = await step(secretary, application, "decide", {"decision": "approved", "reason": "x"})
    assert (application["status"], application["needed"], application["decision"]) == ("needed", True, None)
    application = await step(officer, application, "open-inquiries")
    assert application["status"] == "inquiring"


async def test_what_cannot_be_applied_for(manager: httpx.AsyncClient) -> None:
    founder = await sent(manager, "POST", "/v1/institutions", json=natural(person("technical-manager")))
    board = await sent(manager, "POST", "/v1/institutions", json=legal())
    own, legal_person = {"founder_id": founder["id"]}, {"founder_id": board["id"]}
    unqualified = {"manager_id": founder["people"][1]["id"]}
    refused: list[tuple[Json, tuple[str, str]]] = [
        ({"licence": "activity", "clause": 13, **legal_person}, ("licence-not-for-clause", "/clause")),
        ({"licence": "establishment", "clause": 4, **legal_person}, ("licence-not-for-clause", "/clause")),
        ({"licence": "establishment", "clause": 13, **own}, ("licence-not-for-clause", "/founder_id")),
        ({"licence": "activity", "clause": 4, "founder_id": str(new_id())}, ("founder-unknown", "/founder_id")),
        ({"licence": "activity", "act": "renew", "clause": 4, **own}, ("licence-needed", "/licence_id")),
        ({"licence": "activity", "clause": 4, "licence_id": str(new_id()), **own}, ("licence-needed", "/licence_id")),
        ({"licence": "technical-manager", "clause": 4, **own}, ("manager-needed", "/manager_id")),
        ({"licence": "technical-manager", "clause": 4, **own, **unqualified}, ("manager-needed", "/manager_id")),
    ]
    for body, (code, pointer) in refused:
        answer = await manager.post(PATH, json=body)
        assert (code_of(answer), named(answer)) == ((422, code), [pointer]), body


async def test_an_association_needs_the_capital_of_its_field_of_work(
    manager: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    application = await association(manager)
    assert "capital" not in [each["code"] for each in application["missing"]]
    path = f"{PATH}/{application['id']}"
    wider = {"field_of_work": "nation"}
    application = await sent(manager, "PATCH", path, json=wider, headers=version_of(application))
    (capital,) = [each for each in application["missing"] if each["code"] == "capital"]
    assert "10,000,000,000" in capital["message_fa"]
    men = [each for each in application["missing"] if each["code"] == "military-card"]
    assert men == [], "the board are women"
    unasked = {"code": "business-plan", "reference": "1"}
    answer = await manager.post(f"{path}/documents", json=unasked, headers=version_of(application))
    assert code_of(answer) == (422, "paper-not-asked")


async def test_a_paper_that_expires_before_it_is_accepted_is_missed(
    manager: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    application = await registered(manager)
    path = f"{PATH}/{application['id']}"
    (paper,) = [each for each in application["missing"] if each["code"] == "no-addiction"]
    seen = {"code": "no-addiction", "person_id": paper["person_id"], "reference": "1", "valid_until": "2021-03-08"}
    application = await sent(manager, "POST", f"{path}/documents", json=seen, headers=version_of(application))
    assert "no-addiction" in [each["code"] for each in application["missing"]]
    seen["valid_until"] = str(today())
    application = await sent(manager, "POST", f"{path}/documents", json=seen, headers=version_of(application))
    assert "no-addiction" not in [each["code"] for each in application["missing"]]
    assert len([each for each in application["documents"] if each["code"] == "no-addiction"]) == 1
    application = await step(manager, await with_papers(manager, application), "submit")
    application = await step(
        officer,
        application,
        "return",
        {"remarks": "عکس خوانا نیست", "papers": [{"code": "photos", "person_id": paper["person_id"]}]},
    )
    assert [each["code"] for each in application["missing"]] == ["photos"]
    application = await step(manager, await with_papers(manager, application), "submit")
    assert application["status"] == "submitted"


async def test_withdrawing_ends_it_and_a_session_is_a_provinces(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
) -> None:
    application = await step(manager, await inquiring(manager, officer, deputy), "withdraw")
    assert application["possible"] == []
    assert all(each["stopped_at"] for each in application["deadlines"])
    (ended,) = await running.events(type="pl.licensing.licence-application.ended.v1", count=1)
    assert ended.data["reason"] == "withdrawn"
    twice = {"held_on": "1405/09/01", "seats": [SEATS[0], SEATS[0]]}
    assert code_of(await secretary.post("/v1/commission-sessions", json=twice)) == (422, "seat-unknown")
    session = await sent(secretary, "POST", "/v1/commission-sessions", json={"held_on": "1405/09/01", "seats": SEATS})
    path = f"/v1/commission-sessions/{session['id']}:open"
    stranger = await secretary.post(path, json={"present": ["stranger"]}, headers=version_of(session))
    assert code_of(stranger) == (422, "seat-unknown")
    assert (await read(manager, application))["status"] == "withdrawn"
