"""The rules of checks: asked and answered side by side; with the last answer the home visit is due."""

from collections.abc import Mapping
from uuid import UUID

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.kit.calendar import today
from shared.kit.problems import FieldError
from svc_adoption import sealed
from svc_adoption.assessments import repository
from svc_adoption.assessments.errors import AnswerOutOfDate, CheckStepNotAllowed
from svc_adoption.assessments.models import Assessment, CheckState
from svc_adoption.assessments.schemas import CheckAnswer, CheckAsk, CheckKept
from svc_adoption.deadlines import service as deadlines
from svc_adoption.deadlines.schemas import DeadlineKind
from svc_adoption.eligibility import Check
from svc_adoption.requests import service as requests
from svc_adoption.requests.models import AdoptionRequest
from svc_adoption.requests.schemas import RequestState

STEPS: Mapping[str, frozenset[CheckState]] = {
    # an answer that is out of date, or was doubted, is asked for again
    "ask": frozenset(CheckState),
    "answer": frozenset({CheckState.ASKED}),
}
"""Operation → the states of a check in which it is possible, while its request is in assessment."""
ANSWERS = frozenset({CheckState.PASSED, CheckState.FAILED})


async def ask(
    command: Command, request_id: UUID, kind: Check, *, version: int, body: CheckAsk, seals: Seals
) -> RequestState:
    """Raises NotFound, PreconditionFailed, RequestStepNotAllowed and CheckStepNotAllowed."""
    request, check = await _at_step(command, request_id, kind, "ask", version=version)
    check.state, check.asked_at, check.asked_by = CheckState.ASKED, command.now, command.actor.subject
    check.answered_on, check.answered_by, check.valid_until = None, None, None
    repository.keep(check, CheckKept(asked_of=body.asked_of), seals=seals)
    requests.note(command, request, "check-asked", about={"check": kind})
    return await requests.state(command, request, seals=seals)


async def answer(
    command: Command, request_id: UUID, kind: Check, *, version: int, body: CheckAnswer, seals: Seals
) -> RequestState:
    """Take the answer down. Raises AnswerOutOfDate too."""
    request, check = await _at_step(command, request_id, kind, "answer", version=version)
    if body.answered_on > today():
        raise _wrong("/answered_on")
    if body.valid_until is not None and body.valid_until < today():
        raise _wrong("/valid_until")
    check.state = CheckState.PASSED if body.passed else CheckState.FAILED
    check.answered_on, check.answered_by, check.valid_until = body.answered_on, command.actor.subject, body.valid_until
    kept = sealed.opened(repository.TABLE, check.model_dump(), CheckKept, seals=seals)
    said = CheckKept(asked_of=kept.asked_of, reference=body.reference, note=body.note)
    repository.keep(check, said, seals=seals)
    if body.valid_until is not None:
        await deadlines.expect(
            command,
            request_id=request_id,
            jurisdiction=request.jurisdiction,
            kind=DeadlineKind.DOCUMENT,
            since=today(),
            due_on=body.valid_until,
            about=f"check/{kind}",
        )
    requests.note(command, request, "check-answered", about={"check": kind})
    await command.session.flush()
    if all(each.state in ANSWERS for each in await repository.of_request(command, request_id)):
        requests.advance(command, request, "checks-answered")
    return await requests.state(command, request, seals=seals)


async def _at_step(
    command: Command, request_id: UUID, kind: Check, step: str, *, version: int
) -> tuple[AdoptionRequest, Assessment]:
    request = await requests.at_step(command, request_id, "checks-answered", version=version)
    check = await repository.check_of(command, request_id, kind)
    if check.state not in STEPS[step]:
        raise CheckStepNotAllowed(
            present=check.state, allowed=[name for name, states in STEPS.items() if check.state in states]
        )
    return request, check


def _wrong(pointer: str) -> AnswerOutOfDate:
    return AnswerOutOfDate(errors=[FieldError(pointer, AnswerOutOfDate.code, AnswerOutOfDate.title)])
