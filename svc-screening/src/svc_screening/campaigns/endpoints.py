"""Campaigns: planned, opened and closed by whose area it is; read by everyone."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, created, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.campaigns import queries, service
from svc_screening.campaigns.errors import CampaignStepNotAllowed, NotAnArea, SeasonOver
from svc_screening.campaigns.schemas import CampaignCreate, CampaignFilters, CampaignRead, CampaignUpdate
from svc_screening.programmes.errors import ProgrammeUnknown

router = Router(prefix="/v1/screening-campaigns", tags=["Screening campaigns"])

_STEP = [NotFound, ScopeForbidden, PreconditionRequired, PreconditionFailed, CampaignStepNotAllowed]


@router.get("", permission=Permission.PROGRAMME_READ, scoped=False)
async def list_screening_campaigns(
    query: Query, filters: Annotated[CampaignFilters, fastapi.Query()]
) -> Page[CampaignRead]:
    """The campaigns of the whole country, the latest season first."""
    return await queries.list_campaigns(query, filters)


@router.get("/{campaign_id}", permission=Permission.PROGRAMME_READ, scoped=False, problems=[NotFound])
async def read_screening_campaign(campaign_id: UUID, query: Query, response: Response) -> CampaignRead:
    return tagged(response, await queries.read_campaign(query.connection, campaign_id))


@router.post(
    "",
    permission=Permission.CAMPAIGN_WRITE,
    status_code=201,
    problems=[ScopeForbidden, NotAnArea, ProgrammeUnknown, SeasonOver],
)
async def plan_screening_campaign(body: CampaignCreate, command: Command, response: Response) -> CampaignRead:
    """Plan a campaign: for a birth cohort, in a season, in an area."""
    campaign = await service.plan(command, body)
    return created(response, campaign, f"/v1/screening-campaigns/{campaign.id}")


@router.patch("/{campaign_id}", permission=Permission.CAMPAIGN_WRITE, problems=[*_STEP, SeasonOver])
async def change_screening_campaign(
    campaign_id: UUID, body: CampaignUpdate, version: IfMatch, command: Command, response: Response
) -> CampaignRead:
    return tagged(response, await service.change(command, campaign_id, version=version, body=body))


@router.post("/{campaign_id}:open", permission=Permission.CAMPAIGN_WRITE, problems=_STEP)
async def open_screening_campaign(
    campaign_id: UUID, version: IfMatch, command: Command, response: Response
) -> CampaignRead:
    """Announce the campaign: from now on encounters of its cohort and season are its own."""
    return tagged(response, await service.step(command, campaign_id, "open", version=version))


@router.post("/{campaign_id}:close", permission=Permission.CAMPAIGN_WRITE, problems=_STEP)
async def close_screening_campaign(
    campaign_id: UUID, version: IfMatch, command: Command, response: Response
) -> CampaignRead:
    """End the campaign; what devices still hold of its season is its own all the same."""
    return tagged(response, await service.step(command, campaign_id, "close", version=version))
