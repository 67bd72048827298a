"""Following one's own request without an account."""

from uuid import UUID

from shared.chassis.http import Command, OpenCommand, OpenQuery, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, TooManyRequests
from svc_adoption.tracking import service
from svc_adoption.tracking.errors import TrackingUnknown
from svc_adoption.tracking.schemas import TrackedAdoption, TrackingAsked, TrackingCreate, TrackingIssued

router = Router(prefix="/v1/adoption-tracking", tags=["Adoption: following one's request"])


@router.post("/{request_id}", permission=Permission.ADOPTION_REGISTER, status_code=201, problems=[NotFound])
async def issue_adoption_tracking_code(request_id: UUID, body: TrackingCreate, command: Command) -> TrackingIssued:
    """A code for the applicants, with the PIN that they chose; one that was given out before is void."""
    return await service.issue(command, request_id, body)


@router.post(
    ":track",
    permission=None,
    public=True,
    read_only=True,
    own_transactions=True,
    problems=[TrackingUnknown, TooManyRequests],
)
async def track_adoption_request(
    body: TrackingAsked, open_command: OpenCommand, open_query: OpenQuery
) -> TrackedAdoption:
    """State, factors and the band of the place, for whoever knows code and PIN; each code can be tried 10 times an
    hour."""
    return await service.track(open_command, open_query, body)
