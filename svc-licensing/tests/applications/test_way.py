"""A founder's way from the first paper to the commission's decision."""

import httpx
from licensing_samples import (
    answered,
    code_of,
    named,
    open_session,
    read,
    registered,
    sent,
    step,
    version_of,
    with_papers,
)

from shared.testing.plugin import Running


async def test_a_founder_comes_from_papers_to_a_decision(
    running: Running,
    manager: httpx.AsyncClient,
    officer: httpx.AsyncClient,
    deputy: httpx.AsyncClient,
    secretary: httpx.AsyncClient,
    member: httpx.AsyncClient,
) -> None:
    application = await registered(manager)
    path = f"/v1/licence-applications/{application['id']}"
    assert application["status"] == "registered"
    assert "اصل گواهی عدم سوءپیشینه از مریم احمدی نرسیده است" in [each["message_fa"] for each in application["missing"]]
    early = await manager.post(f"{path}:submit", headers=version_of(application))
    assert code_of(early) == (409, "application-incomplete")
    assert "/no-criminal-record" in named(early)
    assert "/military-card" not in named(early), "it is asked of men alone"

    application = await step(manager, await with_papers(manager, application), "submit")
    out_of_turn = await secretary.post(f"{path}:refer", headers=version_of(application))
    assert code_of(out_of_turn) == (409, "application-step-not-allowed")
    assert out_of_turn.json()["allowed"] == ["return", "accept", "withdraw"]
    application = await step(officer, application, "accept")
    not_yet = await officer.post(f"{path}:open-inquiries", headers=version_of(application))
    assert (code_of(not_yet), named(not_yet)) == ((409, "application-not-ready"), ["/need"])
    application = await step(deputy, application, "state-need", {"needed": True, "reason": "محله مرکزی ندارد"})

    application = await step(officer, application, "open-inquiries")
    assert [each["system"] for each in application["inquiries"]] == [
        "criminal-record",
        "addiction-test",
        "mental-health",
    ]
    waiting = await officer.post(f"{path}:send-on", headers=version_of(application))
    assert code_of(waiting) == (409, "application-not-ready")
    assert len(named(waiting)) == 3
    application = await step(officer, await answered(running, officer, application), "send-on")

    application = await step(secretary, application, "refer")
    opinion = {"opinion": "recommended", "reason": "شرایط را دارد"}
    unvetted = await secretary.post(f"{path}:review", json=opinion, headers=version_of(application))
    assert named(unvetted) == ["/inquiries/security", "/inquiries/selection"]
    application = await step(secretary, await answered(running, secretary, application), "review", opinion)
    session = await open_session(secretary)
    application = await step(secretary, application, "table", {"session_id": session["id"]})
    approval = {"decision": "approved", "reason": "با اکثریت آرا", "conditions": ["تجهیز تا سه ماه"]}
    silent = await secretary.post(f"{path}:decide", json=approval, headers=version_of(application))
    assert (code_of(silent), named(silent)) == ((409, "application-not-ready"), ["/votes", "/votes"])
    await step(member, application, "vote", {"vote": "for"})
    await step(deputy, application, "vote", {"vote": "against", "note": "فاصله کم است"})
    tie = await secretary.post(f"{path}:decide", json=approval, headers=version_of(application))
    assert code_of(tie) == (409, "votes-say-otherwise")
    await step(deputy, application, "vote", {"vote": "abstain"})
    application = await step(secretary, application, "decide", approval)

    assert (application["status"], application["decision"], application["conditions"]) == (
        "approved",
        "approved",
        ["تجهیز تا سه ماه"],
    )
    votes = (await sent(secretary, "GET", f"{path}/votes"))["items"]
    assert {each["member"]: each["vote"] for each in votes} == {"member": "for", "deputy": "abstain"}
    minutes = {"number": "1405/12", "text": "یک درخواست بررسی شد"}
    session = await sent(secretary, "GET", f"/v1/commission-sessions/{session['id']}")
    closed = await sent(
        secretary,
        "POST",
        f"/v1/commission-sessions/{session['id']}:close",
        json=minutes,
        headers=version_of(session),
    )
    assert (closed["status"], closed["decided"]) == ("closed", 1)
    assert [
        each["kind"] for each in (await read(manager, application))["steps"] if each["kind"] != "document-seen"
    ] == [
        "registered",
        "submitted",
        "accepted",
        "need-stated",
        "inquiries-opened",
        *["inquiry-answered"] * 3,
        "sent-on",
        "referred",
        *["inquiry-answered"] * 2,
        "reviewed",
        "tabled",
        *["voted"] * 3,
        "decided",
    ]
    (decided,) = await running.events(type="pl.licensing.licence-application.decided.v1", count=1)
    assert decided.data["decision"] == "approved"
    told = {each.type.split(".")[2:4][1] for each in await running.events(count=8)}
    assert {"received", "opened", "answered"} <= told
