"""Checks of a request: whom we asked, and what came of it."""

from uuid import UUID

from fastapi import Response

from shared.chassis.http import Command, IfMatch, Router, tagged
from shared.chassis.sealing import Sealing
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_adoption.assessments import service
from svc_adoption.assessments.errors import AnswerOutOfDate, CheckStepNotAllowed
from svc_adoption.assessments.schemas import CheckAnswer, CheckAsk
from svc_adoption.eligibility import Check
from svc_adoption.requests.errors import RequestStepNotAllowed
from svc_adoption.requests.schemas import RequestState

router = Router(prefix="/v1/adoption-requests/{request_id}/checks", tags=["Adoption checks"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, RequestStepNotAllowed, CheckStepNotAllowed]


@router.post("/{check}:ask", permission=Permission.ADOPTION_WRITE, problems=_STEP)
async def ask_adoption_check(
    request_id: UUID,
    check: Check,
    body: CheckAsk,
    version: IfMatch,
    command: Command,
    seals: Sealing,
    response: Response,
) -> RequestState:
    """Say who was asked; an answer that was there before is asked for again."""
    return tagged(response, await service.ask(command, request_id, check, version=version, body=body, seals=seals))


@router.post("/{check}:answer", permission=Permission.ADOPTION_WRITE, problems=[*_STEP, AnswerOutOfDate])
async def answer_adoption_check(
    request_id: UUID,
    check: Check,
    body: CheckAnswer,
    version: IfMatch,
    command: Command,
    seals: Sealing,
    response: Response,
) -> RequestState:
    """Take an answer down; with the last one the home visit is due."""
    return tagged(response, await service.answer(command, request_id, check, version=version, body=body, seals=seals))
