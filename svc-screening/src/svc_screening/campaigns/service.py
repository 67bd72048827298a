"""The life of a campaign: planned → open → closed."""

from collections.abc import Mapping
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem, ScopeForbidden
from svc_screening.campaigns import events, queries, repository
from svc_screening.campaigns.errors import CampaignStepNotAllowed, NotAnArea, SeasonOver
from svc_screening.campaigns.models import Campaign, CampaignStatus
from svc_screening.campaigns.schemas import CampaignCreate, CampaignRead, CampaignUpdate
from svc_screening.programmes import queries as programmes
from svc_screening.programmes.errors import ProgrammeUnknown

STEPS: Mapping[str, tuple[frozenset[CampaignStatus], CampaignStatus]] = {
    "open": (frozenset({CampaignStatus.PLANNED}), CampaignStatus.OPEN),
    "close": (frozenset({CampaignStatus.PLANNED, CampaignStatus.OPEN}), CampaignStatus.CLOSED),
}
"""Operation → from where it leads where."""


async def plan(command: Command, body: CampaignCreate) -> CampaignRead:
    """Raises ScopeForbidden, NotAnArea, ProgrammeUnknown and SeasonOver."""
    area = body.jurisdiction or command.scope
    if not command.scope.covers(area):
        raise ScopeForbidden
    if area.level == Level.CENTER:
        raise _at("/jurisdiction", NotAnArea)
    try:
        await programmes.read_programme(command.connection, body.programme)
    except NotFound:
        raise _at("/programme", ProgrammeUnknown) from None
    if body.closes_on < today():
        raise _at("/closes_on", SeasonOver)
    campaign = Campaign(
        **body.model_dump(exclude={"programme", "jurisdiction"}),
        id=new_id(),
        version=1,
        jurisdiction=area.code,
        programme_code=body.programme,
        status=CampaignStatus.PLANNED,
        created_at=command.now,
        created_by=command.actor.subject,
    )
    repository.add(command, campaign)
    await command.session.flush()
    return await queries.read_campaign(command.connection, campaign.id)


async def change(command: Command, campaign_id: UUID, *, version: int, body: CampaignUpdate) -> CampaignRead:
    """Raises NotFound, ScopeForbidden, PreconditionFailed, CampaignStepNotAllowed and SeasonOver."""
    campaign = await _current(command, campaign_id, version=version)
    if campaign.status == CampaignStatus.CLOSED:
        raise CampaignStepNotAllowed(present=campaign.status, allowed=[])
    changes = body.model_dump(exclude_unset=True)
    if changes.get("closes_on", campaign.closes_on) < campaign.opens_on:
        raise _at("/closes_on", SeasonOver)
    if any(getattr(campaign, name) != value for name, value in changes.items()):
        for name, value in changes.items():
            setattr(campaign, name, value)
        campaign.version += 1
        if campaign.status == CampaignStatus.OPEN:
            command.publish(events.opened(campaign))
    await command.session.flush()
    return await queries.read_campaign(command.connection, campaign_id)


async def step(command: Command, campaign_id: UUID, name: str, *, version: int) -> CampaignRead:
    """Raises NotFound, ScopeForbidden, PreconditionFailed and CampaignStepNotAllowed."""
    campaign = await _current(command, campaign_id, version=version)
    sources, target = STEPS[name]
    if campaign.status not in sources:
        allowed = [step for step, (possible, _) in STEPS.items() if campaign.status in possible]
        raise CampaignStepNotAllowed(present=campaign.status, allowed=allowed)
    campaign.status = target
    campaign.version += 1
    if target == CampaignStatus.OPEN:
        command.publish(events.opened(campaign))
    await command.session.flush()
    return await queries.read_campaign(command.connection, campaign_id)


async def announce_all(command: Command) -> None:
    """Publish every open campaign again."""
    command.publish_many([events.opened(campaign) for campaign in await repository.every_open(command)])


async def _current(command: Command, campaign_id: UUID, *, version: int) -> Campaign:
    known = await queries.read_campaign(command.connection, campaign_id)
    if not command.scope.covers(known.jurisdiction):
        raise ScopeForbidden  # it is public, so there is nothing to hide
    campaign = await repository.hold(command, campaign_id)
    if campaign is None or campaign.version != version:
        raise PreconditionFailed
    return campaign


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])
