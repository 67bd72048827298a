"""The rules of service requests.

A request's life: requested → accepted → in progress → delivered, referred or refused. One that was referred waits for
the answer of whom it was referred to: provided or taken over there it is done, declined it is the center's again.
"""

import asyncio
import hashlib
import math
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.kit.calendar import TEHRAN, today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, PreconditionFailed, Problem, TooManyRequests
from svc_casefile.catalogue.queries import is_offered
from svc_casefile.centers.queries import rules_at
from svc_casefile.households import repository as households
from svc_casefile.households.errors import CaseFileClosed, NotAMember
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileStatus
from svc_casefile.households.service import editable
from svc_casefile.members import repository as members
from svc_casefile.requests import events, queries, repository
from svc_casefile.requests.errors import (
    AnswerDueInThePast,
    AnsweredBeforeReferred,
    RequestStepNotAllowed,
    ServiceNotOffered,
    TrackingUnknown,
)
from svc_casefile.requests.models import ServiceReferral, ServiceRequest
from svc_casefile.requests.schemas import (
    AnswerOutcome,
    PinChange,
    ReferralAnswer,
    ReferralCreate,
    Refusal,
    Remark,
    RequestStatus,
    ServiceRequestCreate,
    ServiceRequestRead,
    TrackedRequest,
    Tracking,
)
from svc_casefile.timeline.repository import happened

_WORKED_ON = frozenset({RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS})
STEPS: Mapping[str, tuple[frozenset[RequestStatus], RequestStatus]] = {
    "accept": (frozenset({RequestStatus.REQUESTED}), RequestStatus.ACCEPTED),
    "start": (frozenset({RequestStatus.ACCEPTED}), RequestStatus.IN_PROGRESS),
    "deliver": (_WORKED_ON, RequestStatus.DELIVERED),
    "refer": (_WORKED_ON, RequestStatus.REFERRED),
    "refuse": (_WORKED_ON | {RequestStatus.REQUESTED}, RequestStatus.REFUSED),
    "record-answer": (frozenset({RequestStatus.REFERRED}), RequestStatus.REFERRED),
}
"""Operation → from where it leads where. An answer that declines leads back to `in-progress`."""
KINDS: Mapping[str, str] = {
    "accept": "request-accepted",
    "start": "request-started",
    "deliver": "request-delivered",
    "refer": "request-referred",
    "refuse": "request-refused",
    "record-answer": "referral-answered",
}
"""What each says in the household's timeline."""

DAYS, ANSWER_DAYS = "service-request-days", "referral-answer-days"
"""The registry's names for the rules on how many days a request and the answer to a referral may take. A service may
have its own: `service-request-days-s05`. No official number is known, so none is set until a person sets it."""

TRIES, TRY_WINDOW = 10, timedelta(hours=1)
"""How often one tracking code may be tried: of a million PINs, that many in the window, whoever tries."""


async def open_request(command: Command, case_file_id: UUID, body: ServiceRequestCreate) -> ServiceRequestRead:
    """Raises NotFound, CaseFileClosed, NotAMember and ServiceNotOffered."""
    file = await editable(command, case_file_id, version=None)
    if body.member_id is not None and await members.find(command, case_file_id, body.member_id) is None:
        raise _at("/member_id", NotAMember)
    if not await is_offered(command.connection, body.service_code, on=today()):
        raise _at("/service_code", ServiceNotOffered)
    due_on, rule = await _due(command, file, f"{DAYS}-{body.service_code.lower()}", DAYS)
    code = f"{secrets.randbelow(10**16):016}"
    request = ServiceRequest(
        id=new_id(),
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        version=1,
        tracking_code=code,
        tracking_secret=None if body.pin is None else await _secret(code, body.pin),
        service_code=body.service_code,
        member_id=body.member_id,
        asked_by=body.asked_by,
        on_behalf=None if body.on_behalf is None else body.on_behalf.model_dump(mode="json"),
        description=body.description,
        status=RequestStatus.REQUESTED,
        status_since=command.now,
        requested_at=command.now,
        recorded_by=command.actor.subject,
        due_on=due_on,
        due_rule=rule,
        expected_on=due_on,
    )
    command.session.add(request)
    happened(command, file, kind="request-opened", ref=request.id, about={"service_code": request.service_code})
    command.publish(events.opened(request))
    return await _settled(command, request)


async def accept(command: Command, request_id: UUID, *, version: int, body: Remark) -> ServiceRequestRead:
    return await _forward(command, request_id, "accept", version=version, body=body)


async def start(command: Command, request_id: UUID, *, version: int, body: Remark) -> ServiceRequestRead:
    return await _forward(command, request_id, "start", version=version, body=body)


async def _forward(command: Command, request_id: UUID, step: str, *, version: int, body: Remark) -> ServiceRequestRead:
    """Raises NotFound, PreconditionFailed, CaseFileClosed and RequestStepNotAllowed, as all steps do."""
    file, request = await _at_step(command, request_id, step, version=version)
    _move(command, file, request, step, note=body.note)
    command.publish(events.stepped(request, step))
    return await _settled(command, request)


async def deliver(command: Command, request_id: UUID, *, version: int, body: Remark) -> ServiceRequestRead:
    """The household has what it asked for: whoever records it delivered it, where the file is now."""
    file, request = await _at_step(command, request_id, "deliver", version=version)
    request.delivered_at, request.delivered_by = command.now, command.actor.subject
    _move(command, file, request, "deliver", note=body.note)
    _close(command, request)
    command.publish(events.delivered(request))
    return await _settled(command, request)


async def refuse(command: Command, request_id: UUID, *, version: int, body: Refusal) -> ServiceRequestRead:
    """End it with a reason. The only step that is left when the file is closed."""
    file, request = await _at_step(command, request_id, "refuse", version=version)
    request.refusal_reason = body.reason
    _move(command, file, request, "refuse", note=body.note, about={"reason": body.reason})
    _close(command, request)
    command.publish(events.refused(request))
    return await _settled(command, request)


async def refer(command: Command, request_id: UUID, *, version: int, body: ReferralCreate) -> ServiceRequestRead:
    """Hand it to a center of level 2 or another body, whose answer is awaited. Raises AnswerDueInThePast too."""
    file, request = await _at_step(command, request_id, "refer", version=version)
    due_on = body.answer_due_on
    if due_on is None:
        due_on, _ = await _due(command, file, ANSWER_DAYS)
    elif due_on < today():
        raise _at("/answer_due_on", AnswerDueInThePast)
    command.session.add(
        ServiceReferral(
            id=new_id(),
            service_request_id=request.id,
            case_file_id=file.id,
            jurisdiction=file.jurisdiction,
            kind=body.kind,
            referred_to=body.referred_to,
            reason=body.reason,
            referred_at=command.now,
            referred_by=command.actor.subject,
            answer_due_on=due_on,
        )
    )
    _expect(request, due_on)
    _move(command, file, request, "refer", about={"to": body.kind})
    command.publish(events.stepped(request, "refer"))
    return await _settled(command, request)


async def record_answer(
    command: Command, request_id: UUID, *, version: int, body: ReferralAnswer
) -> ServiceRequestRead:
    """What came of the referral. Raises AnsweredBeforeReferred too."""
    file, request = await _at_step(command, request_id, "record-answer", version=version)
    referral = await repository.awaited_referral(command, request_id)
    answered_on = body.answered_on or today()
    if answered_on < referral.referred_at.astimezone(TEHRAN).date():
        raise _at("/answered_on", AnsweredBeforeReferred)
    referral.answered_on, referral.outcome, referral.answer = answered_on, body.outcome, body.answer
    referral.recorded_at, referral.recorded_by = command.now, command.actor.subject
    declined = body.outcome == AnswerOutcome.DECLINED
    _move(
        command,
        file,
        request,
        "record-answer",
        target=RequestStatus.IN_PROGRESS if declined else RequestStatus.REFERRED,
        about={"outcome": body.outcome},
    )
    if declined:
        _expect(request, request.due_on)
    else:
        _close(command, request)
    command.publish(events.answered(request, outcome=body.outcome))
    return await _settled(command, request)


async def set_pin(command: Command, request_id: UUID, *, version: int, body: PinChange) -> ServiceRequestRead:
    """Let the requester follow it with another PIN; the old one is void. Raises NotFound and PreconditionFailed."""
    _, request = await _current(command, request_id, version=version)
    request.tracking_secret = await _secret(request.tracking_code, body.pin)
    request.version += 1
    return await _settled(command, request)


async def track(
    open_command: Callable[[], AbstractAsyncContextManager[Command]],
    open_query: Callable[[], AbstractAsyncContextManager[Query]],
    asked: Tracking,
) -> TrackedRequest:
    """The state of a request, for whoever knows its code and PIN. Raises TrackingUnknown and TooManyRequests.

    The try is counted, and that is committed, before it is looked at: none is free, and tries side by side are
    counted like those one after the other.
    """
    async with open_command() as command:
        tries, since = await repository.count_try(command, asked.tracking_code, window=TRY_WINDOW)
        wait = since + TRY_WINDOW - command.now
    if tries > TRIES:
        raise TooManyRequests(headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))})
    secret = await _secret(asked.tracking_code, asked.pin)
    async with open_query() as query:
        found = await queries.tracked(query.connection, secret)
    if found is None:
        raise TrackingUnknown
    return found


async def escalate(command: Command, *, on: date, limit: int) -> int:
    """Tell the counties which requests are overdue on that day, each once for each day it was expected on.

    Answers with how many it was; when that is the limit, there may be more. Any number of processes may do it at once.
    """
    overdue = await repository.take_overdue(command, on=on, limit=limit)
    for request, file in overdue:
        assert request.expected_on is not None
        request.escalated_at, request.jurisdiction = command.now, file.jurisdiction
        request.version += 1
        happened(command, file, kind="request-escalated", ref=request.id, about={"overdue_since": request.expected_on})
        command.publish(events.escalated(request, overdue_since=request.expected_on))
    return len(overdue)


async def forget_tries(command: Command) -> None:
    await repository.forget_tries(command, before=command.now - TRY_WINDOW)


async def _due(command: Command, file: CaseFile, *names: str) -> tuple[date | None, str | None]:
    """The day by the first of these rules that is in force, and the rule's name; none is never made up."""
    rules = await rules_at(command.connection, file.jurisdiction, names=names, on=today())
    for name in names:
        if name in rules:
            return today() + timedelta(days=rules[name]), name
    return None, None


async def _secret(tracking_code: str, pin: str) -> bytes:
    """What code and PIN together are found by. Dear to make (some 10 ms), for whoever comes by a copy of the table.

    A wrong PIN and a wrong code are the same: neither leads to a row, after the same work.
    """
    return await asyncio.to_thread(
        hashlib.scrypt, pin.encode(), salt=tracking_code.encode(), n=2**12, r=8, p=1, dklen=32
    )


async def _current(command: Command, request_id: UUID, *, version: int) -> tuple[CaseFile, ServiceRequest]:
    case_file_id = await queries.file_of(command.connection, request_id, scope=command.scope_range)
    file = await households.locked(command, case_file_id)
    request = await repository.locked(command, request_id)
    if request.version != version:
        raise PreconditionFailed
    return file, request


async def _at_step(command: Command, request_id: UUID, step: str, *, version: int) -> tuple[CaseFile, ServiceRequest]:
    file, request = await _current(command, request_id, version=version)
    if request.closed_at is not None or request.status not in STEPS[step][0]:
        allowed = [name for name, (sources, _) in STEPS.items() if request.status in sources]
        if request.closed_at is not None:
            allowed = []
        raise RequestStepNotAllowed(present=request.status, allowed=allowed)
    if file.status == CaseFileStatus.CLOSED and step != "refuse":
        raise CaseFileClosed
    return file, request


def _move(
    command: Command,
    file: CaseFile,
    request: ServiceRequest,
    step: str,
    *,
    note: str | None = None,
    target: RequestStatus | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    target = target or STEPS[step][1]
    if request.status != target:
        request.status, request.status_since = target, command.now
    request.jurisdiction, request.note = file.jurisdiction, note
    request.version += 1
    happened(
        command, file, kind=KINDS[step], ref=request.id, about={"service_code": request.service_code, **(about or {})}
    )


def _expect(request: ServiceRequest, day: date | None) -> None:
    """Another day begins to count, of which nobody was told yet."""
    request.expected_on, request.escalated_at = day, None


def _close(command: Command, request: ServiceRequest) -> None:
    request.closed_at = command.now


async def _settled(command: Command, request: ServiceRequest) -> ServiceRequestRead:
    await command.session.flush()
    return await queries.service_request(command.connection, request.id, scope=command.scope_range)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])
