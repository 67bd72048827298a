"""A licence from its issue to its end, each rule once."""

from datetime import date, timedelta

import httpx
from licence_samples import (
    CENTER,
    HOLDER,
    INSTITUTION_ID,
    LICENCES,
    VERIFICATIONS,
    code_of,
    decided,
    founder,
    issued,
    read,
    send,
    sign_off,
    take,
)

from shared.chassis.actor import Actor
from shared.kit.calendar import months_later, today
from shared.kit.ids import new_id
from shared.testing.plugin import Running
from svc_licensing.licences import service

ONE_DAY = timedelta(days=1)
ORDER = {"reason": "نبود مددکار", "decision": "1405/12/3"}


async def test_it_is_issued_on_a_decision_and_once(running: Running, secretary: httpx.AsyncClient) -> None:
    holder = await founder(running)
    application = await decided(running, holder)
    answer = await secretary.post(LICENCES, json={"application_id": application})
    assert answer.status_code == 201, answer.text
    licence = answer.json()
    assert answer.headers["Location"] == f"{LICENCES}/{licence['id']}"
    assert (await secretary.get(answer.headers["Location"])).json() == licence
    assert (licence["number"][:3], licence["number"][-6:]) == ("29-", "-00001")
    assert licence["valid_from"] == "2026-11-22", "the day of the decision"
    assert licence["valid_to"] == "2027-02-19", "three Jalali months: from 1 Azar to the end of Bahman"
    said = ("kind", "clause", "holder_name", "institution_id", "center", "jurisdiction", "manager_name", "status")
    assert [licence[name] for name in said] == [
        "agreement-in-principle",
        4,
        HOLDER,
        INSTITUTION_ID,
        CENTER,
        CENTER,
        "زهرا احمدی",
        "in-force",
    ]
    assert licence["conditions"] == ["دست‌کم یک مددکار برای هر 200 پرونده"]
    (event,) = await running.events(type="pl.licensing.licence.issued.v1", count=1)
    assert (event.jurisdiction.code, event.data["number"]) == (CENTER, licence["number"])
    assert HOLDER not in str(event.data), "who it is stays here"

    again = {"application_id": application}
    assert code_of(await secretary.post(LICENCES, json=again)) == (409, "decision-used")
    for wrong in (
        await decided(running, holder, status="refused"),
        await decided(running, holder, act="renew", licence_id=licence["id"]),
    ):
        answer = await secretary.post(LICENCES, json={"application_id": wrong})
        assert code_of(answer) == (409, "not-decided")
        assert answer.json()["act"] == "issue"
    unknown = await secretary.post(LICENCES, json={"application_id": str(new_id())})
    assert code_of(unknown) == (422, "application-unknown")
    assert unknown.json()["errors"][0]["pointer"] == "/application_id"
    twin = await decided(running, holder)
    assert code_of(await secretary.post(LICENCES, json={"application_id": twin})) == (409, "licence-held-already")
    elsewhere = await issued(secretary, await decided(running, holder, center=None, at="2901"))
    assert (elsewhere["number"][-6:], elsewhere["jurisdiction"]) == ("-00002", "2901")


async def test_an_activity_licence_fulfils_the_agreement_and_needs_a_rule_that_somebody_signed_off(
    running: Running, secretary: httpx.AsyncClient
) -> None:
    holder = await founder(running)
    application = await decided(running, holder, kind="activity")
    refused = await secretary.post(LICENCES, json={"application_id": application})
    assert code_of(refused) == (409, "licence-rule-not-set")
    assert refused.json()["rule"] == "validity-months"
    await sign_off(running, "activity", "validity", months=36)
    refused = await secretary.post(LICENCES, json={"application_id": application})
    assert code_of(refused) == (409, "agreement-missing")
    stranger = await founder(running)
    await issued(secretary, await decided(running, stranger, center=None))
    assert code_of(await secretary.post(LICENCES, json={"application_id": application})) == (409, "agreement-missing")

    agreement = await issued(secretary, await decided(running, holder))
    licence = await issued(secretary, application)
    assert (licence["agreement_id"], licence["valid_to"]) == (agreement["id"], "2029-11-20")
    assert licence["renewal_opens_on"] == "2029-08-22", "three months before its end"
    used = await read(secretary, agreement)
    assert (used["status"], used["version"], [step["kind"] for step in used["steps"]]) == (
        "used",
        2,
        ["issued", "used"],
    )
    assert code_of(await send(secretary, used, "suspend", **ORDER)) == (409, "licence-step-not-allowed")
    found = (await secretary.get(LICENCES, params={"center": CENTER, "status": "in-force"})).json()["items"]
    assert [each["id"] for each in found] == [licence["id"]]


async def test_it_is_renewed_in_its_last_months_and_keeps_its_number(
    running: Running, secretary: httpx.AsyncClient
) -> None:
    holder = await founder(running)
    await sign_off(running, "activity", "validity", months=36)
    await issued(secretary, await decided(running, holder))
    began = months_later(today(), -35)
    licence = await issued(secretary, await decided(running, holder, kind="activity"), valid_from=str(began))
    ends = date.fromisoformat(licence["valid_to"])
    assert ends == months_later(began, 36) - ONE_DAY
    due = (await secretary.get(LICENCES, params={"renewal": "due"})).json()["items"]
    assert [each["id"] for each in due] == [licence["id"]]

    async with running.database.command(Actor.system("licensing")) as command:
        assert await service.remind_of_renewal(command, on=today()) <= 1, "the worker may have been first"
        assert await service.remind_of_renewal(command, on=today()) == 0, "nobody is told twice"
    (event,) = await running.events(type="pl.licensing.licence.renewal-due.v1", count=1)
    licence = await read(secretary, licence)
    assert event.data["version"] == licence["version"] == 2

    def renewal(**columns: object) -> object:
        return decided(
            running, holder, kind="activity", act="renew", on=today(), **{"licence_id": licence["id"], **columns}
        )

    foreign = await renewal(licence_id=None)  # type: ignore[misc]
    assert code_of(await send(secretary, licence, "renew", application_id=foreign)) == (409, "not-decided")
    application = await renewal()  # type: ignore[misc]
    assert code_of(await send(secretary, {**licence, "version": 1}, "renew", application_id=application)) == (
        412,
        "precondition-failed",
    )
    renewed = await take(secretary, licence, "renew", application_id=application)
    assert renewed["number"] == licence["number"]
    assert (renewed["valid_from"], renewed["valid_to"]) == (str(began), str(months_later(began, 72) - ONE_DAY)), (
        "the next period follows the one before, whenever it was decided"
    )
    assert (await secretary.get(LICENCES, params={"renewal": "due"})).json()["items"] == []

    # nobody renews: it ends on the day, and a later decision begins a period of its own
    over = date.fromisoformat(renewed["valid_to"])
    async with running.database.command(Actor.system("licensing")) as command:
        assert await service.announce_ended(command, on=over) == 0, "the last day counts"
        assert await service.announce_ended(command, on=over + ONE_DAY) == 1
    (event,) = await running.events(type="pl.licensing.licence.expired.v1", count=1)
    assert (event.data["status"], event.actor) == ("expired", "system:licensing")
    expired = await read(secretary, licence)
    late = await renewal(decided_on=over + timedelta(days=40))  # type: ignore[misc]
    again = await take(secretary, expired, "renew", application_id=late)
    assert (again["status"], again["valid_from"]) == ("in-force", str(over + timedelta(days=40)))
    assert [step["kind"] for step in again["steps"]] == ["issued", "renewal-due", "renewed", "expired", "renewed"]


async def test_it_is_extended_once_moved_and_given_another_manager(
    running: Running, secretary: httpx.AsyncClient
) -> None:
    holder = await founder(running)
    licence = await issued(secretary, await decided(running, holder))

    async def to(act: str, **columns: object) -> str:
        return await decided(running, holder, act=act, **{"licence_id": licence["id"], **columns})  # type: ignore[arg-type]

    application = await to("extend")
    refused = await send(secretary, licence, "extend", application_id=application)
    assert (code_of(refused), refused.json()["rule"]) == ((409, "licence-rule-not-set"), "extension-months")
    await sign_off(running, "agreement-in-principle", "extension", months=6, times=1)
    licence = await take(secretary, licence, "extend", application_id=application)
    assert (licence["valid_to"], licence["extended"]) == ("2027-08-22", True)
    assert code_of(await send(secretary, licence, "extend", application_id=await to("extend"))) == (
        409,
        "extended-before",
    )
    licence = await take(secretary, licence, "move", application_id=await to("move", address="بیرجند، معلم"))
    assert (licence["address"], licence["version"]) == ("بیرجند، معلم", 3)
    licence = await take(secretary, licence, "change-manager", application_id=await to("change-manager"))
    changes = await running.events(type="pl.licensing.licence.changed.v1", count=2)
    assert [each.data["changed"] for each in changes] == [["place"], ["manager"]]
    assert "معلم" not in str([each.data for each in changes])


async def test_what_is_asked_about_a_licence_has_to_fit_it(
    running: Running, secretary: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    holder = await founder(running)
    await sign_off(running, "activity", "validity", months=36)
    agreement = await issued(secretary, await decided(running, holder))
    licence = await issued(secretary, await decided(running, holder, kind="activity"))

    async def ask(**fields: object) -> httpx.Response:
        said = {"licence": "activity", "act": "renew", "clause": 4, "founder_id": holder, "licence_id": licence["id"]}
        return await manager.post("/v1/licence-applications", json=said | fields)

    early = await ask()
    assert (code_of(early), early.json()["opens_on"]) == ((409, "renewal-not-open"), licence["renewal_opens_on"])
    for wrong in (
        {"licence_id": str(new_id())},
        {"act": "move", "clause": 5},
        {"act": "move", "founder_id": await founder(running)},
    ):
        answer = await ask(**wrong)
        assert (code_of(answer), answer.json()["errors"][0]["pointer"]) == ((422, "licence-unknown"), "/licence_id")
    over = await ask(licence="agreement-in-principle", act="extend", licence_id=agreement["id"])
    assert code_of(over) == (409, "licence-step-not-allowed"), "it was used"
    assert (await ask(act="move", address="بیرجند، معلم")).status_code == 201


async def test_its_present_state_can_be_announced_anew(running: Running, secretary: httpx.AsyncClient) -> None:
    licence = await issued(secretary, await decided(running, await founder(running)))
    licence = await take(secretary, licence, "suspend", **ORDER)
    async with running.database.command(Actor.system("licensing")) as command:
        await service.announce_all(command)
    *_, again = await running.events(type="pl.licensing.licence.suspended.v1", count=2)
    assert (again.data["number"], again.data["version"]) == (licence["number"], 2)


async def test_it_is_suspended_resumed_and_revoked_and_everybody_sees_it(
    running: Running, secretary: httpx.AsyncClient, public: httpx.AsyncClient
) -> None:
    licence = await issued(secretary, await decided(running, await founder(running)), valid_from=str(today()))

    async def valid() -> bool:
        return bool((await public.get(f"{VERIFICATIONS}/{licence['number']}")).json()["valid"])

    assert await valid()
    refused = await send(secretary, licence, "resume", decision="1405/12/4")
    assert code_of(refused) == (409, "licence-step-not-allowed")
    assert refused.json()["allowed"] == ["renew", "extend", "move", "change-manager", "suspend", "revoke"]
    licence = await take(secretary, licence, "suspend", **ORDER)
    assert (licence["status"], licence["status_reason"], await valid()) == ("suspended", ORDER["reason"], False)
    licence = await take(secretary, licence, "resume", decision="1405/12/4")
    assert (licence["status_reason"], await valid()) == (None, True)
    licence = await take(secretary, licence, "revoke", **ORDER)
    assert (licence["status"], await valid()) == ("revoked", False)
    assert code_of(await send(secretary, licence, "resume", decision="x")) == (409, "licence-step-not-allowed")
    facts = await running.events(count=4)
    assert [each.type.split(".")[3] for each in facts] == ["issued", "suspended", "resumed", "revoked"]
    assert ORDER["reason"] not in str([each.data for each in facts])
