"""Inquiries: asked of other bodies with a legal purpose, answered by them or by a paper that two people have seen.

A body that is down is asked once it is up again. An answer that expires before the decision is asked again. The
application is always locked before its inquiries. What security and selection answer is sealed before it is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.contracts.national import InquiryRepliedV1
from shared.contracts.permissions import Permission
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import Forbidden, NotFound, PreconditionFailed
from svc_licensing import calendar
from svc_licensing.applications import queries as applications_queries
from svc_licensing.applications import repository as applications
from svc_licensing.applications.models import Application, Status
from svc_licensing.deadlines import service as deadlines
from svc_licensing.deadlines.models import Code
from svc_licensing.inquiries import events, queries, repository
from svc_licensing.inquiries.errors import (
    EvidenceNeedsAnother,
    InquiryStepNotAllowed,
    NoExtensionLeft,
    SystemStateKnown,
)
from svc_licensing.inquiries.models import SETTLED, Inquiry, NationalSystem, Stage, State
from svc_licensing.inquiries.schemas import Answer, Evidence, InquiryRead, NationalSystemRead
from svc_licensing.institutions import queries as institutions
from svc_licensing.rules import Required
from svc_licensing.working_days import queries as working_days

_WAITED_FOR = frozenset({State.QUEUED, State.ASKED, State.NO_ANSWER})
STEPS: Mapping[str, frozenset[State]] = {
    "give-evidence": _WAITED_FOR,
    "confirm-evidence": frozenset({State.EVIDENCE_GIVEN}),
    "reject-evidence": frozenset({State.EVIDENCE_GIVEN}),
    "extend": _WAITED_FOR,
    "ask-again": SETTLED | {State.NO_ANSWER},
}
"""Operation → in which states it is possible."""
PURPOSE = (
    "Article 26 of the law on regulating part of the government's financial regulations (1380),"
    " clause {clause}: {licence}"
)
AT_ONCE = 100


async def open_for(command: Command, application: Application, required: Sequence[Required], *, stage: Stage) -> int:
    """Ask every body of that stage; how many were asked."""
    opened = 0
    for each in required:
        system = await repository.system(command, each.rule.code)
        if system.stage != stage:
            continue
        person = each.person
        assert each.rule.about is not None
        inquiry = Inquiry(
            id=new_id(),
            application_id=application.id,
            jurisdiction=application.jurisdiction,
            version=1,
            system=system.code,
            stage=stage,
            about=each.rule.about,
            person_id=None if person is None else person.id,
            legal_purpose=PURPOSE.format(clause=application.clause, licence=application.licence_kind),
            asked_by=command.actor.subject,
            asked_at=command.now,
            counted_from=today(),
            days=each.rule.figure("days"),
            extensions_left=each.rule.figure("extensions") or 0,
            valid_days=each.rule.figure("valid_days"),
            state=State.QUEUED,
        )
        await _ask(command, application, inquiry, system)
        opened += 1
    await command.session.flush()
    return opened


async def open_about(command: Command, application: Application, required: Sequence[Required], *, stage: Stage) -> None:
    """Ask about somebody who came later; the county's clock rests until that is answered too."""
    if await open_for(command, application, required, stage=stage):
        applications.add_step(command, application, "inquiries-opened", {"stage": stage})
        if application.status == Status.INQUIRING:
            await deadlines.pause(command, application.id, Code.SEND_ON)


async def receive(command: Command, reply: InquiryRepliedV1, *, seals: Seals) -> None:
    """What a body answered. Sent twice, too late for a decision or about nothing we asked, it changes nothing."""
    application_id = await repository.application_of(command, reply.inquiry_id)
    if application_id is None:
        return
    application = await applications.hold(command, application_id)
    inquiry = await repository.hold(command, reply.inquiry_id)
    # a paper that two people have seen gives way to what the body itself says
    waits = Answer.of(inquiry.model_dump(), seals=seals).state not in {State.OK, State.MISMATCH}
    if not waits or inquiry.system != reply.system or inquiry.replaced_by is not None:
        return
    said = Answer(state=State(reply.result), **reply.model_dump(include={"result", "reference", "note"}))
    _keep(inquiry, said, seals=seals)
    inquiry.evidence_by = inquiry.confirmed_by = None
    await _settle(command, application, inquiry, valid_until=reply.valid_until)


async def give_evidence(
    command: Command, inquiry_id: UUID, *, version: int, body: Evidence, seals: Seals
) -> InquiryRead:
    """A paper in place of an answer. Raises NotFound, Forbidden, PreconditionFailed and InquiryStepNotAllowed."""
    _, inquiry, _ = await _at_step(command, inquiry_id, "give-evidence", version=version, seals=seals)
    said = Answer(state=State.EVIDENCE_GIVEN, result=body.result, reference=body.reference, note=body.note)
    _keep(inquiry, said, seals=seals)
    inquiry.valid_until, inquiry.evidence_by = body.valid_until, command.actor.subject
    inquiry.version += 1
    return await _shown(command, inquiry_id)


async def confirm_evidence(command: Command, inquiry_id: UUID, *, version: int, seals: Seals) -> InquiryRead:
    """The second pair of eyes. Raises EvidenceNeedsAnother as well."""
    application, inquiry, said = await _at_step(command, inquiry_id, "confirm-evidence", version=version, seals=seals)
    if inquiry.evidence_by == command.actor.subject:
        raise EvidenceNeedsAnother
    _keep(inquiry, said.model_copy(update={"state": State.MANUAL_EVIDENCE}), seals=seals)
    inquiry.confirmed_by = command.actor.subject
    await _settle(command, application, inquiry, valid_until=inquiry.valid_until)
    return await _shown(command, inquiry_id)


async def reject_evidence(command: Command, inquiry_id: UUID, *, version: int, seals: Seals) -> InquiryRead:
    """The paper does not show what it should: the answer is waited for again. Raises EvidenceNeedsAnother as well."""
    _, inquiry, _ = await _at_step(command, inquiry_id, "reject-evidence", version=version, seals=seals)
    if inquiry.evidence_by == command.actor.subject:
        raise EvidenceNeedsAnother
    _forget(inquiry)
    inquiry.valid_until = inquiry.evidence_by = None
    inquiry.version += 1
    return await _shown(command, inquiry_id)


async def extend(command: Command, inquiry_id: UUID, *, version: int, seals: Seals) -> InquiryRead:
    """Give the body the same time once more. Raises NoExtensionLeft as well."""
    _, inquiry, _ = await _at_step(command, inquiry_id, "extend", version=version, seals=seals)
    if inquiry.extensions_left == 0 or inquiry.days is None or inquiry.due_on is None:
        raise NoExtensionLeft
    inquiry.extensions_left -= 1
    inquiry.days += inquiry.days
    await _count(command, inquiry)
    if inquiry.state == State.NO_ANSWER and inquiry.due_on >= today():
        inquiry.state, inquiry.overdue_at = State.ASKED, None
    inquiry.version += 1
    return await _shown(command, inquiry_id)


async def ask_again(command: Command, inquiry_id: UUID, *, version: int, seals: Seals) -> InquiryRead:
    """Put the same question anew: what was answered before stays, and counts no more."""
    application, inquiry, said = await _at_step(command, inquiry_id, "ask-again", version=version, seals=seals)
    if application.status not in applications_queries.UNDECIDED:
        raise InquiryStepNotAllowed(present=said.state, allowed=[])
    fresh = await _replace(command, application, inquiry)
    return await _shown(command, fresh.id)


async def renew_expired(command: Command, inquiry_id: UUID, application_id: UUID) -> None:
    """Ask again what is answered by something that holds no more, unless somebody did meanwhile."""
    application = await applications.hold(command, application_id)
    inquiry = await repository.hold(command, inquiry_id)
    if inquiry.replaced_by is None and application.status in applications_queries.UNDECIDED:
        await _replace(command, application, inquiry)


async def send_queued(command: Command, *, limit: int = AT_ONCE) -> int:
    """Ask the bodies that are up again; how many questions left. Their time runs from today."""
    taken = await repository.take_queued(command, limit=limit)
    for inquiry in taken:
        application = await applications.read(command, inquiry.application_id)
        inquiry.counted_from = today()
        inquiry.version += 1
        await _send(command, application, inquiry)
    await command.session.flush()
    return len(taken)


async def tell_overdue(command: Command, *, on: date, limit: int = AT_ONCE) -> int:
    """Say of which questions the day went by; how many they were."""
    taken = await repository.take_overdue(command, on=on, limit=limit)
    for inquiry in taken:
        inquiry.overdue_at = command.now
        if inquiry.state == State.ASKED:
            inquiry.state = State.NO_ANSWER
        inquiry.version += 1
        command.publish(events.overdue(inquiry))
    await command.session.flush()
    return len(taken)


async def seal_anew(command: Command, *, seals: Seals) -> int:
    """Seal with the present key what another has sealed or none; how many answers it were. Raises SealBroken."""
    otherwise = await repository.sealed_otherwise(command, seals.current)
    for inquiry in otherwise:
        _keep(inquiry, Answer.of(inquiry.model_dump(), seals=seals), seals=seals)
    await command.session.flush()
    return len(otherwise) + await seal(command, limit=None, seals=seals)


async def seal(command: Command, *, limit: int | None = AT_ONCE, seals: Seals) -> int:
    """Seal what lies in the clear, as a release before this one left it; how many answers it were."""
    taken = await repository.in_the_clear(command, limit=limit)
    for inquiry in taken:
        _keep(inquiry, Answer.of(inquiry.model_dump(), seals=seals), seals=seals)
    await command.session.flush()
    return len(taken)


async def set_system(command: Command, code: str, *, version: int, up: bool) -> NationalSystemRead:
    """Say that a body does not answer at all, or does so again. Raises NotFound, PreconditionFailed and
    SystemStateKnown."""
    system = await repository.hold_system(command, code)
    if system.version != version:
        raise PreconditionFailed
    if (system.down_since is None) == up:
        raise SystemStateKnown
    system.down_since = None if up else command.now
    system.version += 1
    await command.session.flush()
    return await queries.read_system(command.connection, code)


async def _at_step(
    command: Command, inquiry_id: UUID, step: str, *, version: int, seals: Seals
) -> tuple[Application, Inquiry, Answer]:
    """What it belongs to, itself, and what came back so far."""
    application_id = await repository.application_of(command, inquiry_id)
    if application_id is None:
        raise NotFound
    application = await applications.hold(command, application_id)
    inquiry = await repository.hold(command, inquiry_id)
    if inquiry.stage == Stage.VETTING and Permission.INQUIRY_VET not in command.actor.permissions:
        raise Forbidden
    if inquiry.version != version:
        raise PreconditionFailed
    said = Answer.of(inquiry.model_dump(), seals=seals)
    if inquiry.replaced_by is not None or said.state not in STEPS[step]:
        now = [] if inquiry.replaced_by else [name for name, states in STEPS.items() if said.state in states]
        raise InquiryStepNotAllowed(present=said.state, allowed=now)
    return application, inquiry, said


def _keep(inquiry: Inquiry, said: Answer, *, seals: Seals) -> None:
    if inquiry.stage == Stage.VETTING:
        _forget(inquiry)
        inquiry.key_id, inquiry.sealed = said.seal(inquiry.id, seals=seals)
    else:
        inquiry.state, inquiry.result, inquiry.reference, inquiry.note = (
            said.state,
            said.result,
            said.reference,
            said.note,
        )


def _forget(inquiry: Inquiry) -> None:
    """Let it be as it was before anything came back."""
    if inquiry.sent_at is None:
        inquiry.state = State.QUEUED
    else:
        inquiry.state = State.ASKED if inquiry.overdue_at is None else State.NO_ANSWER
    inquiry.result = inquiry.reference = inquiry.note = inquiry.key_id = inquiry.sealed = None


async def _ask(command: Command, application: Application, inquiry: Inquiry, system: NationalSystem) -> None:
    await _count(command, inquiry)
    repository.add(command, inquiry)
    await command.session.flush()
    command.publish(events.opened(inquiry))
    if not system.connected:
        inquiry.state, inquiry.sent_at = State.ASKED, command.now  # by letter
    elif system.down_since is None:
        await _send(command, application, inquiry)


async def _send(command: Command, application: Application, inquiry: Inquiry) -> None:
    await _count(command, inquiry)
    inquiry.state, inquiry.sent_at = State.ASKED, command.now
    person = inquiry.person_id and await institutions.asked_of(command.connection, inquiry.person_id)
    command.publish(events.asked(inquiry, application, person or None))


async def _count(command: Command, inquiry: Inquiry) -> None:
    if inquiry.days is not None:
        known = await working_days.holidays(command.connection, since=inquiry.counted_from)
        inquiry.due_on = calendar.after(inquiry.counted_from, inquiry.days, known)


async def _settle(command: Command, application: Application, inquiry: Inquiry, *, valid_until: date | None) -> None:
    inquiry.settled_at = command.now
    if valid_until is None and inquiry.valid_days is not None:
        valid_until = today() + timedelta(days=inquiry.valid_days)
    inquiry.valid_until = valid_until
    inquiry.version += 1
    applications.add_step(command, application, "inquiry-answered", {"system": inquiry.system})
    command.publish(events.answered(inquiry))
    await command.session.flush()
    await counted(command, application)


async def _replace(command: Command, application: Application, inquiry: Inquiry) -> Inquiry:
    kept = ("application_id", "jurisdiction", "system", "stage", "about", "person_id", "legal_purpose", "valid_days")
    fresh = Inquiry(
        **{name: getattr(inquiry, name) for name in kept},
        id=new_id(),
        version=1,
        asked_by=command.actor.subject,
        asked_at=command.now,
        counted_from=today(),
        days=inquiry.days,
        extensions_left=inquiry.extensions_left,
        state=State.QUEUED,
    )
    await _ask(command, application, fresh, await repository.system(command, fresh.system))
    inquiry.replaced_by = fresh.id
    inquiry.version += 1
    applications.add_step(command, application, "inquiry-asked-again", {"system": inquiry.system})
    await command.session.flush()
    if application.status == Status.INQUIRING:
        await deadlines.pause(command, application.id, Code.SEND_ON)
    return fresh


async def counted(command: Command, application: Application) -> None:
    """Once every local answer is there, it is the county's turn to send the file on."""
    if application.status != Status.INQUIRING or await repository.any_open(command, application.id, Stage.LOCAL):
        return
    if not await deadlines.resume(command, application.id, Code.SEND_ON):
        rules = await applications_queries.rules_of(command.connection, application)
        await deadlines.start(command, application.id, Code.SEND_ON, place=application.jurisdiction, rules=rules)


async def _shown(command: Command, inquiry_id: UUID) -> InquiryRead:
    """What a step answers is kept in the clear with its idempotency key: nothing that is sealed is in it."""
    await command.session.flush()
    return await queries.read_inquiry(command.connection, inquiry_id, scope=command.scope_range, opening=None)
