"""Programmes: by which rules people are screened, and who made them."""

from typing import Annotated

import fastapi
from fastapi import Path, Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired
from svc_screening.programmes import queries, service
from svc_screening.programmes.errors import (
    ProtocolNotDraft,
    ProtocolTooLate,
    RuleAlreadyDecides,
    RuleIncomplete,
    SecondPersonNeeded,
)
from svc_screening.programmes.schemas import (
    ProgrammeCode,
    ProgrammeList,
    ProgrammeRead,
    ProtocolCreate,
    ProtocolFilters,
    ProtocolRead,
    RuleCode,
    RuleProposal,
)

router = Router(prefix="/v1/screening-programmes", tags=["Screening programmes"])

_KNOWN = [NotFound, PreconditionRequired, PreconditionFailed]
Number = Annotated[int, Path(ge=1, le=100_000)]


@router.get("", permission=Permission.PROGRAMME_READ, scoped=False)
async def list_screening_programmes(query: Query) -> ProgrammeList:
    """What is screened for, each with the protocol in force today."""
    return await queries.list_programmes(query.connection)


@router.get("/{programme}", permission=Permission.PROGRAMME_READ, scoped=False, problems=[NotFound])
async def read_screening_programme(programme: ProgrammeCode, query: Query) -> ProgrammeRead:
    return await queries.read_programme(query.connection, programme)


@router.get("/{programme}/protocols", permission=Permission.PROGRAMME_READ, scoped=False, problems=[NotFound])
async def list_screening_protocols(
    programme: ProgrammeCode, query: Query, filters: Annotated[ProtocolFilters, fastapi.Query()]
) -> Page[ProtocolRead]:
    """Every version, drafts included, the latest first."""
    return await queries.list_protocols(query, programme, filters)


@router.get("/{programme}/protocols/{number}", permission=Permission.PROGRAMME_READ, scoped=False, problems=[NotFound])
async def read_screening_protocol(
    programme: ProgrammeCode, number: Number, query: Query, response: Response
) -> ProtocolRead:
    return tagged(response, await queries.read_protocol(query.connection, programme, number))


@router.post("/{programme}/protocols", permission=Permission.PROGRAMME_WRITE, status_code=201, problems=[NotFound])
async def draft_screening_protocol(
    programme: ProgrammeCode, body: ProtocolCreate, command: Command, response: Response
) -> ProtocolRead:
    """Write the next version; it holds for nothing until somebody else signs it off."""
    protocol = await service.draft(command, programme, body)
    return created(response, protocol, f"/v1/screening-programmes/{programme}/protocols/{protocol.number}")


@router.post(
    "/{programme}/protocols/{number}:sign-off",
    permission=Permission.PROGRAMME_SIGN_OFF,
    problems=[*_KNOWN, ProtocolNotDraft, ProtocolTooLate, SecondPersonNeeded],
)
async def sign_off_screening_protocol(
    programme: ProgrammeCode, number: Number, version: IfMatch, command: Command, response: Response
) -> ProtocolRead:
    """Let a version hold from its first day on."""
    return tagged(response, await service.sign_off(command, programme, number, version=version))


@router.put(
    "/{programme}/protocols/{number}/rules/{rule}",
    permission=Permission.PROGRAMME_WRITE,
    problems=[*_KNOWN, RuleAlreadyDecides],
)
async def propose_screening_rule(
    programme: ProgrammeCode,
    number: Number,
    rule: RuleCode,
    body: RuleProposal,
    version: IfMatch,
    command: Command,
    response: Response,
) -> ProtocolRead:
    """Set the figures of a rule that nobody has vouched for yet."""
    return tagged(response, await service.propose(command, programme, number, rule, version=version, body=body))


@router.post(
    "/{programme}/protocols/{number}/rules/{rule}:sign-off",
    permission=Permission.PROGRAMME_SIGN_OFF,
    problems=[*_KNOWN, RuleAlreadyDecides, RuleIncomplete, SecondPersonNeeded],
)
async def sign_off_screening_rule(
    programme: ProgrammeCode, number: Number, rule: RuleCode, version: IfMatch, command: Command, response: Response
) -> ProtocolRead:
    """Let a rule decide from now on."""
    return tagged(response, await service.sign_off_rule(command, programme, number, rule, version=version))
