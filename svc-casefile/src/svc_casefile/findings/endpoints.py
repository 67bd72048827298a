"""Findings: from the first word of somebody in need to a file, a referral or a refusal."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_casefile.findings import queries, service
from svc_casefile.findings.errors import (
    AlreadyFound,
    AppealFinal,
    AppealTooLate,
    CoverageNotChecked,
    CoveredElsewhere,
    FindingStepNotAllowed,
    NotAtACenter,
    OutOfTurn,
    OwnRefusal,
)
from svc_casefile.findings.schemas import (
    Admission,
    Appeal,
    AppealDeciding,
    Assessment,
    CountyDeciding,
    FindingCreate,
    FindingFilters,
    FindingRead,
    FindingReferral,
    FindingRefusal,
    FindingSummary,
    InquiryCreate,
    LocalDeciding,
    Screening,
    Waiting,
    WaitingFilters,
)
from svc_casefile.households.errors import CenterNotOpen, LegacyReferenceTaken
from svc_casefile.members.errors import PersonAlreadyInCaseFile

router = Router(prefix="/v1/findings", tags=["Needs-finding"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, FindingStepNotAllowed]
_COVERAGE = [CoverageNotChecked, CoveredElsewhere]


@router.post(
    "",
    permission=Permission.FINDING_WRITE,
    status_code=201,
    problems=[ScopeForbidden, NotAtACenter, CenterNotOpen, PersonAlreadyInCaseFile, AlreadyFound],
)
async def record_finding(body: FindingCreate, command: Command, response: Response) -> FindingRead:
    """Somebody in need was found: by a worker, a volunteer, a school or a neighbour."""
    finding = await service.record(command, body)
    return created(response, finding, f"/v1/findings/{finding.id}")


@router.get("", permission=Permission.FINDING_READ, personal=True, problems=[ScopeForbidden])
async def list_findings(query: Query, filters: Annotated[FindingFilters, fastapi.Query()]) -> Page[FindingSummary]:
    """Findings of the scope, the last recorded first."""
    return await queries.findings(query, filters)


@router.get(":waiting-list", permission=Permission.FINDING_READ, personal=True, problems=[ScopeForbidden])
async def read_waiting_list(query: Query, filters: Annotated[WaitingFilters, fastapi.Query()]) -> Page[Waiting]:
    """Who waits for admission, center by center: the urgent first, then by the day they were found."""
    return await queries.waiting_list(query, filters)


@router.get("/{finding_id}", permission=Permission.FINDING_READ, personal=True, problems=[NotFound])
async def read_finding(finding_id: UUID, query: Query, response: Response) -> FindingRead:
    """A finding with every step, inquiry and skip."""
    return tagged(response, await queries.finding(query.connection, finding_id, scope=query.scope_range))


@router.post("/{finding_id}:screen", permission=Permission.FINDING_WRITE, problems=_STEP)
async def screen_finding(
    finding_id: UUID, body: Screening, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """A first look says that an assessment is worth it."""
    return tagged(response, await service.screen(command, finding_id, version=version, body=body))


@router.post("/{finding_id}:assess", permission=Permission.FINDING_WRITE, problems=_STEP)
async def assess_finding(
    finding_id: UUID, body: Assessment, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """The report of the visit, and why the household would be covered."""
    return tagged(response, await service.assess(command, finding_id, version=version, body=body))


@router.post(
    "/{finding_id}/inquiries",
    permission=Permission.FINDING_WRITE,
    status_code=201,
    problems=[NotFound, FindingStepNotAllowed],
)
async def record_inquiry(finding_id: UUID, body: InquiryCreate, command: Command, response: Response) -> FindingRead:
    """Another support body was asked whether it supports the household; the last valid answer counts."""
    finding = await service.inquire(command, finding_id, body)
    return created(response, finding, f"/v1/findings/{finding.id}")


@router.post("/{finding_id}:decide-local", permission=Permission.ADMISSION_DECIDE_LOCAL, problems=_STEP)
async def decide_finding_locally(
    finding_id: UUID, body: LocalDeciding, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """Level 1: the center supports the admission, or refuses it."""
    return tagged(response, await service.decide_locally(command, finding_id, version=version, body=body))


@router.post(
    "/{finding_id}:decide-county", permission=Permission.ADMISSION_DECIDE_COUNTY, problems=[*_STEP, *_COVERAGE]
)
async def decide_finding_at_county(
    finding_id: UUID, body: CountyDeciding, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """Level 2: the county puts the household on the waiting list, or refuses it."""
    return tagged(response, await service.decide_at_county(command, finding_id, version=version, body=body))


@router.post(
    "/{finding_id}:admit",
    permission=Permission.ADMISSION_DECIDE_LOCAL,
    problems=[*_STEP, *_COVERAGE, OutOfTurn, CenterNotOpen, PersonAlreadyInCaseFile, LegacyReferenceTaken],
)
async def admit_finding(
    finding_id: UUID, body: Admission, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """The household's turn has come: its file is opened."""
    return tagged(response, await service.admit(command, finding_id, version=version, body=body))


@router.post("/{finding_id}:refuse", permission=Permission.FINDING_WRITE, problems=_STEP)
async def refuse_finding(
    finding_id: UUID, body: FindingRefusal, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """Not eligible, for a reason; the household may appeal."""
    return tagged(response, await service.refuse(command, finding_id, version=version, body=body))


@router.post("/{finding_id}:refer", permission=Permission.FINDING_WRITE, problems=_STEP)
async def refer_finding(
    finding_id: UUID, body: FindingReferral, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """Somebody else is to help."""
    return tagged(response, await service.refer(command, finding_id, version=version, body=body))


@router.post("/{finding_id}:appeal", permission=Permission.FINDING_WRITE, problems=[*_STEP, AppealFinal, AppealTooLate])
async def appeal_finding(
    finding_id: UUID, body: Appeal, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """The household objects to its refusal; the county decides."""
    return tagged(response, await service.appeal(command, finding_id, version=version, body=body))


@router.post(
    "/{finding_id}:decide-appeal",
    permission=Permission.ADMISSION_DECIDE_COUNTY,
    problems=[*_STEP, *_COVERAGE, OwnRefusal],
)
async def decide_appeal(
    finding_id: UUID, body: AppealDeciding, version: IfMatch, command: Command, response: Response
) -> FindingRead:
    """The refusal stands for good, or is reversed: not by whoever made it."""
    return tagged(response, await service.decide_appeal(command, finding_id, version=version, body=body))
