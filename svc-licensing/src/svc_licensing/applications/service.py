"""The way of an application, from the founder's papers to the commission's decision.

Registered → submitted → accepted → needed → inquiring → sent-on → vetting → reviewed → tabled → approved or refused.
Each step says in `queries.STEPS` where it is possible; what has to be there before it, it names when it is not. The
requirements are those of the day on which the application was registered.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.contracts.licensing import (
    LicenceApplicationDecidedV1,
    LicenceApplicationEndedV1,
    LicenceApplicationReceivedV1,
)
from shared.kit.calendar import jalali_year, today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem
from svc_licensing import calendar
from svc_licensing.applications import events, queries, repository
from svc_licensing.applications.errors import (
    AppealedAlready,
    AppealTooLate,
    ApplicationIncomplete,
    ApplicationNotReady,
    ApplicationStepNotAllowed,
    FounderUnknown,
    LicenceNeeded,
    LicenceNotForClause,
    ManagerNeeded,
    PaperNotAsked,
    VotesSayOtherwise,
)
from svc_licensing.applications.models import Application, Status
from svc_licensing.applications.schemas import (
    Appeal,
    ApplicationCreate,
    ApplicationRead,
    ApplicationUpdate,
    Decision,
    DocumentSeen,
    Need,
    Opinion,
    Return,
    Tabling,
)
from svc_licensing.commissions import repository as commissions
from svc_licensing.commissions.errors import NotSeated, SessionNotOpen
from svc_licensing.commissions.models import CommissionSession, SessionStatus
from svc_licensing.commissions.schemas import VoteCast
from svc_licensing.deadlines import repository as clocks
from svc_licensing.deadlines import service as deadlines
from svc_licensing.deadlines.models import Code, Office
from svc_licensing.inquiries import queries as inquiries_queries
from svc_licensing.inquiries import service as inquiries
from svc_licensing.inquiries.models import Stage
from svc_licensing.institutions import queries as institutions
from svc_licensing.institutions.schemas import InstitutionRead, PersonRead
from svc_licensing.licences import service as licences
from svc_licensing.licences.errors import LicenceUnknown
from svc_licensing.rules import Act, Kind, LicenceKind, PersonRole, Rules
from svc_licensing.working_days import queries as working_days

AT_ONCE = 100
_NEED = FieldError(
    "/need", "need", {"fa": "معاونت تخصصی نیاز منطقه را اعلام نکرده است", "en": "The need in the area is not stated"}
)


async def register(command: Command, body: ApplicationCreate) -> ApplicationRead:
    """Take in an application at the place where its institution is registered.

    Raises FounderUnknown, LicenceNotForClause, ManagerNeeded, LicenceNeeded, and what a licence is not open to:
    LicenceUnknown, LicenceStepNotAllowed, RenewalNotOpen, ExtendedBefore.
    """
    founder = await _founder(command, body.founder_id)
    if (body.licence == LicenceKind.ESTABLISHMENT) != (body.clause == 13):
        raise _at("/clause", LicenceNotForClause)
    if body.licence == LicenceKind.ESTABLISHMENT and founder.institution_id is None:
        raise _at("/founder_id", LicenceNotForClause)
    if (body.act == Act.ISSUE) != (body.licence_id is None):
        raise _at("/licence_id", LicenceNeeded)
    if body.licence_id is not None:
        held = await licences.open_to(command, body.licence_id, act=body.act)
        if (held.kind, held.clause, held.holder_id) != (body.licence, body.clause, founder.id):
            raise _at("/licence_id", LicenceUnknown)
    manager = _manager(founder, body)
    application = Application(
        id=new_id(),
        jurisdiction=founder.jurisdiction.code,
        version=1,
        number=f"{jalali_year(today())}/{await repository.next_number(command):06}",
        licence_kind=body.licence,
        act=body.act,
        clause=body.clause,
        founder_id=founder.id,
        institution_id=founder.institution_id,
        holder_name=founder.name if manager is None else f"{manager.given_name} {manager.family_name}",
        manager_id=body.manager_id,
        center=None if body.center is None else body.center.code,
        **body.model_dump(
            include={
                "licence_id",
                "address",
                "postal_code",
                "activity_scope",
                "field_of_work",
                "capital_rials",
            }
        ),
        rules_on=today(),
        status=Status.REGISTERED,
        status_since=command.now,
        round=1,
        conditions=[],
        registered_at=command.now,
        registered_by=command.actor.subject,
    )
    repository.add(command, application)
    await command.session.flush()
    rules = await queries.rules_of(command.connection, application)
    await deadlines.start(command, application.id, Code.COMPLETE_FILE, place=application.jurisdiction, rules=rules)
    return await _next(command, application, "registered", {})


async def change(command: Command, application_id: UUID, *, version: int, body: ApplicationUpdate) -> ApplicationRead:
    """Raises what every step raises: NotFound, PreconditionFailed and ApplicationStepNotAllowed."""
    application = await _at_step(command, application_id, "change", version=version)
    said = body.model_dump(exclude_unset=True)
    for name, value in said.items():
        setattr(application, name, value)
    return await _next(command, application, "changed", {"fields": sorted(said)})


async def add_document(command: Command, application_id: UUID, *, version: int, body: DocumentSeen) -> ApplicationRead:
    """Say that a paper was seen; seen again, it takes the former's place. Raises PaperNotAsked as well."""
    application = await _at_step(command, application_id, "add-document", version=version)
    rules = await queries.rules_of(command.connection, application)
    people = await institutions.people_for_rules(command.connection, application.founder_id)
    asked = rules.required(Kind.DOCUMENT, people, manager=application.manager_id, on=today())
    if (body.code, body.person_id) not in {(each.rule.code, each.person and each.person.id) for each in asked}:
        raise _at("/code", PaperNotAsked)
    await repository.keep_document(command, application, body)
    return await _next(command, application, "document-seen", {"code": body.code})


async def submit(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    """Hand it in, or hand it in again to whoever sent it back. Raises ApplicationIncomplete as well."""
    application = await _at_step(command, application_id, "submit", version=version)
    await _require_complete(command, application)
    await deadlines.stop(command, application.id, Code.COMPLETE_FILE)
    first = application.received_on is None
    if first:
        application.received_on = today()
    _become(command, application, Status(application.returned_from or Status.SUBMITTED))
    if application.status == Status.SENT_ON:
        await deadlines.resume(command, application.id, Code.REVIEW)
    application.returned_from = None
    shown = await _next(command, application, "submitted", {})
    if first:
        command.publish(events.fact(LicenceApplicationReceivedV1, application))
    return shown


async def send_back(
    command: Command, application_id: UUID, *, version: int, body: Return, step: str
) -> ApplicationRead:
    """Have the founder bring what is missing; the office's own clock rests meanwhile."""
    application = await _at_step(command, application_id, step, version=version)
    await repository.remove_documents(command, application, body.papers)
    if application.status == Status.SENT_ON:
        await deadlines.pause(command, application.id, Code.REVIEW)
    application.returned_from, application.remarks = application.status, body.remarks
    _become(command, application, Status.INCOMPLETE)
    rules = await queries.rules_of(command.connection, application)
    await deadlines.start(command, application.id, Code.COMPLETE_FILE, place=application.jurisdiction, rules=rules)
    return await _next(command, application, "returned", {"papers": sorted({each.code for each in body.papers})})


async def accept(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    """It is complete. Raises ApplicationIncomplete as well, when a paper has expired meanwhile."""
    application = await _at_step(command, application_id, "accept", version=version)
    await _require_complete(command, application)
    _become(command, application, Status.ACCEPTED)
    rules = await queries.rules_of(command.connection, application)
    if not _needs_need(rules):
        await deadlines.start(command, application.id, Code.OPEN_INQUIRIES, place=application.jurisdiction, rules=rules)
    return await _next(command, application, "accepted", {})


async def state_need(command: Command, application_id: UUID, *, version: int, body: Need) -> ApplicationRead:
    """Whether the area needs such a center. Where it does not, that is the decision, and it can be appealed."""
    application = await _at_step(command, application_id, "state-need", version=version)
    rules = await queries.rules_of(command.connection, application)
    if not _needs_need(rules):
        raise ApplicationStepNotAllowed(
            present=application.status,
            allowed=[name for name in queries.possible(application.status) if name != "state-need"],
        )
    application.needed, application.need_reason = body.needed, body.reason
    application.need_stated_by = command.actor.subject
    if body.needed:
        _become(command, application, Status.NEEDED)
        await deadlines.start(command, application.id, Code.OPEN_INQUIRIES, place=application.jurisdiction, rules=rules)
        return await _next(command, application, "need-stated", {"needed": True})
    return await _decided(command, application, Decision(decision="refused", reason=body.reason), "need-stated")


async def open_inquiries(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    """Ask every body that the requirements name, but security. Raises ApplicationNotReady as well."""
    application = await _at_step(command, application_id, "open-inquiries", version=version)
    rules = await queries.rules_of(command.connection, application)
    if application.status == Status.ACCEPTED and _needs_need(rules):
        raise ApplicationNotReady(errors=[_NEED])
    await deadlines.stop(command, application.id, Code.OPEN_INQUIRIES)
    _become(command, application, Status.INQUIRING)
    opened = await _open(command, application, rules, Stage.LOCAL)
    shown_after = {"opened": opened}
    await inquiries.counted(command, application)
    return await _next(command, application, "inquiries-opened", shown_after)


async def send_on(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    """Send the file to the commission's secretariat, once all is answered. Raises ApplicationNotReady as well."""
    application = await _at_step(command, application_id, "send-on", version=version)
    await _require_settled(command, application, Stage.LOCAL)
    await deadlines.stop(command, application.id, Code.SEND_ON)
    _become(command, application, Status.SENT_ON)
    rules = await queries.rules_of(command.connection, application)
    await deadlines.start(command, application.id, Code.REVIEW, place=application.jurisdiction, rules=rules)
    return await _next(command, application, "sent-on", {})


async def refer(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    """The secretariat has looked through the file, and asks security and selection."""
    application = await _at_step(command, application_id, "refer", version=version)
    await deadlines.stop(command, application.id, Code.REVIEW)
    _become(command, application, Status.VETTING)
    opened = await _open(command, application, await queries.rules_of(command.connection, application), Stage.VETTING)
    return await _next(command, application, "referred", {"opened": opened})


async def review(command: Command, application_id: UUID, *, version: int, body: Opinion) -> ApplicationRead:
    """What the specialised working group advises. Raises ApplicationNotReady as well."""
    application = await _at_step(command, application_id, "review", version=version)
    await _require_settled(command, application, Stage.VETTING)
    application.opinion, application.opinion_reason = body.opinion, body.reason
    _become(command, application, Status.REVIEWED)
    return await _next(command, application, "reviewed", {"opinion": body.opinion})


async def table(command: Command, application_id: UUID, *, version: int, body: Tabling) -> ApplicationRead:
    """Put it on the agenda of a session. Raises ApplicationNotReady and SessionNotOpen as well."""
    application = await _at_step(command, application_id, "table", version=version)
    session = await _session(command, body.session_id)
    if session.status == SessionStatus.CLOSED:
        raise SessionNotOpen
    for stage in Stage:
        await _require_settled(command, application, stage)
    application.session_id = session.id
    _become(command, application, Status.TABLED)
    return await _next(command, application, "tabled", {"session_id": str(session.id)})


async def postpone(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    """Take it off the agenda."""
    application = await _at_step(command, application_id, "postpone", version=version)
    application.session_id = None
    _become(command, application, Status.REVIEWED if application.round == 1 else Status.APPEALED)
    return await _next(command, application, "postponed", {})


async def vote(command: Command, application_id: UUID, *, version: int, body: VoteCast) -> ApplicationRead:
    """Vote, as somebody who came to the session; said again, the later one counts. Raises SessionNotOpen and
    NotSeated as well."""
    application = await _at_step(command, application_id, "vote", version=version)
    assert application.session_id is not None
    session = await _session(command, application.session_id)
    if session.status != SessionStatus.OPEN:
        raise SessionNotOpen
    if command.actor.subject not in _present(session):
        raise NotSeated
    await commissions.cast(
        command,
        application_id=application.id,
        jurisdiction=application.jurisdiction,
        round=application.round,
        session_id=session.id,
        vote=body.vote,
        note=body.note,
    )
    # members vote side by side: a vote makes no version, or each would have to read the other's first
    repository.add_step(command, application, "voted", {})
    return await _shown(command, application.id)


async def decide(
    command: Command, application_id: UUID, *, version: int, body: Decision, seals: Seals
) -> ApplicationRead:
    """What the commission has decided, with its reason: what the votes say.

    Nothing is approved on an answer that speaks against it or has expired. An appeal against "not needed" that is
    approved goes on where it had stopped. Raises SessionNotOpen, ApplicationNotReady and VotesSayOtherwise as well.
    """
    application = await _at_step(command, application_id, "decide", version=version)
    assert application.session_id is not None
    session = await _session(command, application.session_id)
    if session.status != SessionStatus.OPEN:
        raise SessionNotOpen
    votes = await commissions.votes_of(command, application.id, application.round, session.id)
    silent = [seat for seat in session.seats if seat["present"] and seat["person"] not in votes]
    if silent:
        raise ApplicationNotReady(errors=[_silent(seat["capacity"]) for seat in silent])
    said = [*votes.values()]
    if (body.decision == "approved") != (said.count("for") > said.count("against")):
        raise VotesSayOtherwise
    for stage in Stage:
        await _require_settled(command, application, stage)
    if body.decision == "approved":
        against = await inquiries_queries.speaking_against(command.connection, application.id, seals=seals)
        if against:
            raise ApplicationNotReady(errors=[_against(system, why) for system, why in against])
    if body.decision == "approved" and application.needed is False:
        return await _needed_after_all(command, application)
    return await _decided(command, application, body, "decided")


async def appeal(command: Command, application_id: UUID, *, version: int, body: Appeal) -> ApplicationRead:
    """Once, against a refusal. Raises AppealedAlready and AppealTooLate as well."""
    application = await _at_step(command, application_id, "appeal", version=version)
    if application.round > 1:
        raise AppealedAlready
    days = (await queries.rules_of(command.connection, application)).figure(Kind.APPEAL, "appeal", "days")
    assert application.decided_on is not None
    if days is not None:
        known = await working_days.holidays(command.connection, since=application.decided_on)
        if calendar.after(application.decided_on, days, known) < today():
            raise AppealTooLate
    application.round, application.appeal_grounds = 2, body.grounds
    application.session_id = None
    _become(command, application, Status.APPEALED)
    return await _next(command, application, "appealed", {})


async def withdraw(command: Command, application_id: UUID, *, version: int) -> ApplicationRead:
    application = await _at_step(command, application_id, "withdraw", version=version)
    return await _end(command, application, Status.WITHDRAWN)


async def person_came(command: Command, founder_id: UUID, person_id: UUID) -> None:
    """Ask the other bodies about whoever joined the institution after its inquiries were opened."""
    people = await institutions.people_for_rules(command.connection, founder_id)
    for application_id in await repository.asked_about(command, founder_id):
        application = await repository.hold(command, application_id)
        rules = await queries.rules_of(command.connection, application)
        required = [
            each
            for each in rules.required(Kind.INQUIRY, people, manager=application.manager_id, on=today())
            if each.person is not None and each.person.id == person_id
        ]
        vetted = application.status in {Status.VETTING, Status.REVIEWED, Status.TABLED, Status.APPEALED}
        for stage in Stage if vetted else (Stage.LOCAL,):
            await inquiries.open_about(command, application, required, stage=stage)
    await command.session.flush()


async def due(command: Command, *, on: date, limit: int = AT_ONCE) -> list[tuple[UUID, UUID]]:
    """Deadlines of which somebody is to be told, each with its application."""
    return await clocks.due(command, on=on, limit=limit)


async def tend(command: Command, application_id: UUID, deadline_id: UUID, *, on: date) -> None:
    """Remind whose turn it is, tell the level above, or let lapse what the founder let lie, whichever is due."""
    application = await repository.hold(command, application_id)
    found = [each for each in await clocks.open_ones(command, application_id) if each.id == deadline_id]
    for deadline in found:
        if deadline.due_on is None or deadline.due_on > on:
            continue
        if deadline.office == Office.FOUNDER and deadline.due_on < on and not deadline.reminders_left:
            await _end(command, application, Status.LAPSED)
            continue
        if deadline.reminded_at is None:
            await deadlines.remind(command, deadline)
        if deadline.office != Office.FOUNDER and deadline.due_on < on and deadline.escalated_to is None:
            deadlines.escalate(command, deadline)
            repository.add_step(command, application, "overdue", {"code": deadline.code})
    await command.session.flush()


async def _founder(command: Command, founder_id: UUID) -> InstitutionRead:
    try:
        return await institutions.read_institution(command.connection, founder_id, scope=command.scope_range)
    except NotFound:
        raise _at("/founder_id", FounderUnknown) from None


def _manager(founder: InstitutionRead, body: ApplicationCreate) -> PersonRead | None:
    """The technical manager who is to hold the licence, if it is one for such."""
    about_one = body.licence == LicenceKind.TECHNICAL_MANAGER or body.act == Act.CHANGE_MANAGER
    if not about_one and body.manager_id is None:
        return None
    fit = [
        person
        for person in founder.people
        if person.id == body.manager_id
        and person.role == PersonRole.TECHNICAL_MANAGER
        and person.ended_on is None
        and person.qualifications
    ]
    if not fit:
        raise _at("/manager_id", ManagerNeeded)
    return fit[0] if body.licence == LicenceKind.TECHNICAL_MANAGER else None


def _needs_need(rules: Rules) -> bool:
    return rules.one(Kind.STEP, "need") is not None


async def _open(command: Command, application: Application, rules: Rules, stage: Stage) -> int:
    people = await institutions.people_for_rules(command.connection, application.founder_id)
    required = rules.required(Kind.INQUIRY, people, manager=application.manager_id, on=today())
    return await inquiries.open_for(command, application, required, stage=stage)


async def _require_complete(command: Command, application: Application) -> None:
    rules = await queries.rules_of(command.connection, application)
    missing = await queries.lacks_of(command.connection, application, rules)
    if missing:
        raise ApplicationIncomplete(
            errors=[FieldError(f"/{each.code}", each.code, {"fa": each.fa, "en": each.en}) for each in missing]
        )


async def _require_settled(command: Command, application: Application, stage: Stage) -> None:
    waiting = await inquiries_queries.unsettled(command.connection, application.id, stage)
    if waiting:
        raise ApplicationNotReady(errors=[_waiting(row["system"]) for row in waiting])


def _waiting(system: str) -> FieldError:
    fa, en = f"پاسخ استعلام {system} نرسیده است", f"The inquiry of {system} is not answered yet"
    return FieldError(f"/inquiries/{system}", "unanswered", {"fa": fa, "en": en})


def _against(system: str, why: str) -> FieldError:
    if why == "expired":
        fa, en = f"پاسخ استعلام {system} دیگر معتبر نیست", f"The answer of {system} has expired"
    else:
        fa, en = f"پاسخ استعلام {system} مغایرت دارد", f"The answer of {system} speaks against it"
    return FieldError(f"/inquiries/{system}", why, {"fa": fa, "en": en})


def _silent(capacity: str) -> FieldError:
    fa, en = f"رأی عضو حاضر ({capacity}) داده نشده است", f"The vote of the {capacity} who came is missing"
    return FieldError("/votes", "vote-missing", {"fa": fa, "en": en})


async def _session(command: Command, session_id: UUID) -> CommissionSession:
    """Locked, so that it is not closed under what is going on in it."""
    try:
        return await commissions.hold(command, session_id)
    except NotFound:
        raise SessionNotOpen from None


def _present(session: CommissionSession) -> set[str]:
    return {seat["person"] for seat in session.seats if seat["present"]}


async def _needed_after_all(command: Command, application: Application) -> ApplicationRead:
    application.needed = True
    application.decision = application.decided_on = application.decision_reason = None
    _become(command, application, Status.NEEDED)
    rules = await queries.rules_of(command.connection, application)
    await deadlines.start(command, application.id, Code.OPEN_INQUIRIES, place=application.jurisdiction, rules=rules)
    return await _next(command, application, "appeal-upheld", {})


async def _decided(command: Command, application: Application, body: Decision, kind: str) -> ApplicationRead:
    application.decision, application.decision_reason = body.decision, body.reason
    application.conditions, application.decided_on = [*body.conditions], today()
    _become(command, application, Status(body.decision))
    await deadlines.stop(command, application.id)
    shown = await _next(command, application, kind, {"decision": body.decision})
    command.publish(
        events.fact(
            LicenceApplicationDecidedV1,
            application,
            decision=body.decision,
            decided_on=application.decided_on,
            appeal=application.round > 1,
        )
    )
    return shown


async def _end(command: Command, application: Application, status: Status) -> ApplicationRead:
    _become(command, application, status)
    await deadlines.stop(command, application.id)
    shown = await _next(command, application, status, {})
    command.publish(events.fact(LicenceApplicationEndedV1, application, reason=status.value))
    return shown


async def _at_step(command: Command, application_id: UUID, step: str, *, version: int) -> Application:
    application = await repository.hold(command, application_id)
    if application.version != version:
        raise PreconditionFailed
    if application.status not in queries.STEPS[step]:
        raise ApplicationStepNotAllowed(present=application.status, allowed=queries.possible(application.status))
    return application


def _become(command: Command, application: Application, status: Status) -> None:
    application.status, application.status_since = status, command.now


async def _next(command: Command, application: Application, kind: str, about: Mapping[str, Any]) -> ApplicationRead:
    application.version += 1
    repository.add_step(command, application, kind, about)
    return await _shown(command, application.id)


async def _shown(command: Command, application_id: UUID) -> ApplicationRead:
    """What a step answers is kept in the clear with its idempotency key: nothing that is sealed is in it."""
    await command.session.flush()
    return await queries.read_application(command.connection, application_id, scope=command.scope_range, opening=None)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])
