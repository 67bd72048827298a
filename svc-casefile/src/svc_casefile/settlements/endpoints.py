"""Who may make a statement, read it, dispute it and let it go on."""

from typing import Annotated
from uuid import UUID

from fastapi import Query as Parameters
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.settlements import queries, service
from svc_casefile.settlements.errors import (
    AnotherPersonNeeded,
    DisputeAnswered,
    LineCorrected,
    LineDisputed,
    LineNotClosed,
    MonthNotBegun,
    SettlementOutdated,
    SettlementStepNotAllowed,
    TooManyDays,
)
from svc_casefile.settlements.schemas import (
    CorrectionCreate,
    CorrectionRead,
    DisputeAnswer,
    DisputeCreate,
    DisputeFilters,
    DisputeRead,
    Drafted,
    LineFilters,
    LineRead,
    Payment,
    SettlementDetail,
    SettlementDraft,
    SettlementFilters,
    SettlementRead,
)

router = Router(prefix="/v1/settlements", tags=["Settlements"])

STEP = [NotFound, PreconditionRequired, PreconditionFailed, SettlementStepNotAllowed]


@router.post(
    "",
    permission=Permission.SETTLEMENT_DRAFT,
    timeout_seconds=120,
    summary="Draft the statements of a month",
    description="One for each center of the place. A draft that is there is made anew, and is the same while nothing"
    " new is known; what a center has closed stays as it is. A month that is not over counts up to today.",
    problems=[ScopeForbidden, MonthNotBegun],
)
async def draft_settlements(body: SettlementDraft, command: Command) -> Drafted:
    return await service.draft(command, body)


@router.get("", permission=Permission.SETTLEMENT_READ, summary="Statements, the latest month first",
            problems=[ScopeForbidden])  # fmt: skip
async def list_settlements(query: Query, filters: Annotated[SettlementFilters, Parameters()]) -> Page[SettlementRead]:
    return await queries.list_settlements(query, filters, own=service.own_lines_of(query.actor))


@router.get(
    "/{settlement_id}",
    permission=Permission.SETTLEMENT_READ,
    summary="One statement, and what it comes to for each worker",
    problems=[NotFound],
)
async def read_settlement(settlement_id: UUID, query: Query, response: Response) -> SettlementDetail:
    return tagged(response, await queries.detail(query, settlement_id, own=service.own_lines_of(query.actor)))


@router.get(
    "/{settlement_id}/lines",
    permission=Permission.SETTLEMENT_READ,
    summary="What counted, by which tariff, and what did not and why",
    problems=[NotFound],
)
async def list_settlement_lines(
    settlement_id: UUID, query: Query, filters: Annotated[LineFilters, Parameters()]
) -> Page[LineRead]:
    return await queries.lines(query, settlement_id, filters, own=service.own_lines_of(query.actor))


@router.post(
    "/{settlement_id}:close",
    permission=Permission.SETTLEMENT_CLOSE,
    timeout_seconds=120,
    summary="Close the month on what is known now",
    problems=[*STEP, SettlementOutdated],
)
async def close_settlement(
    settlement_id: UUID, version: IfMatch, command: Command, response: Response
) -> SettlementRead:
    return tagged(response, await service.close(command, settlement_id, version=version))


@router.post(
    "/{settlement_id}:approve",
    permission=Permission.SETTLEMENT_APPROVE,
    summary="Approve a closed statement",
    problems=[*STEP, AnotherPersonNeeded],
)
async def approve_settlement(
    settlement_id: UUID, version: IfMatch, command: Command, response: Response
) -> SettlementRead:
    return tagged(response, await service.approve(command, settlement_id, version=version))


@router.post(
    "/{settlement_id}:pay",
    permission=Permission.SETTLEMENT_PAY,
    summary="Record that an approved statement was paid",
    problems=STEP,
)
async def pay_settlement(
    settlement_id: UUID, version: IfMatch, body: Payment, command: Command, response: Response
) -> SettlementRead:
    return tagged(response, await service.pay(command, settlement_id, version=version, body=body))


@router.post(
    "/{settlement_id}/lines/{line_id}:correct",
    permission=Permission.SETTLEMENT_APPROVE,
    status_code=201,
    summary="Decide what a closed line should have said",
    description="The line stays. The center's next statement takes it back and has the right one, in two new lines.",
    problems=[NotFound, LineNotClosed, LineCorrected, TooManyDays],
)
async def correct_settlement_line(
    settlement_id: UUID, line_id: UUID, body: CorrectionCreate, command: Command
) -> CorrectionRead:
    return await service.correct(command, settlement_id, line_id, body)


@router.post(
    "/{settlement_id}/lines/{line_id}:dispute",
    permission=Permission.SETTLEMENT_DISPUTE,
    status_code=201,
    summary="Say that a line is wrong: a worker of their own, the manager of any",
    problems=[NotFound, LineDisputed],
)
async def dispute_settlement_line(
    settlement_id: UUID, line_id: UUID, body: DisputeCreate, command: Command, response: Response
) -> DisputeRead:
    opened = await service.dispute(command, settlement_id, line_id, body)
    return created(response, opened, f"/v1/settlements/{settlement_id}/disputes")


@router.get(
    "/{settlement_id}/disputes",
    permission=Permission.SETTLEMENT_READ,
    summary="Disputes about the lines of a statement, the earliest first",
    problems=[NotFound],
)
async def list_settlement_disputes(
    settlement_id: UUID, query: Query, filters: Annotated[DisputeFilters, Parameters()]
) -> Page[DisputeRead]:
    return await queries.disputes(query, settlement_id, filters, own=service.own_lines_of(query.actor))


disputes = Router(prefix="/v1/settlement-disputes", tags=["Settlements"])


@disputes.post(
    "/{dispute_id}:answer",
    permission=Permission.SETTLEMENT_READ,
    summary="Answer a dispute: the manager a worker's, the county anybody's",
    problems=[NotFound, PreconditionRequired, PreconditionFailed, DisputeAnswered, AnotherPersonNeeded],
)
async def answer_settlement_dispute(
    dispute_id: UUID, version: IfMatch, body: DisputeAnswer, command: Command, response: Response
) -> DisputeRead:
    return tagged(response, await service.answer(command, dispute_id, version=version, body=body))
