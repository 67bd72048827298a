"""What the gateway publishes: who looked at whom."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.events import Event
from shared.contracts.roles import PublishedRole
from shared.kit.jurisdiction import Jurisdiction


class PersonalFileReadV1(Event, owner="gateway", aggregate="audit", fact="personal-file-read", version=1):
    """Someone asked for a personal file; published for refused attempts too, with their status."""

    identified_by = "audit_id"

    audit_id: UUID
    actor: str = Field(description="The OIDC subject of the caller")
    roles: tuple[PublishedRole, ...]
    scope: Jurisdiction
    operation: str = Field(description="The operationId in the API's contract")
    resource: str = Field(description="The path that was asked for")
    request_id: str
    at: AwareDatetime
    status: int = Field(description="The HTTP status of the answer")
    purpose: str | None = Field(default=None, description="Why, as the caller says it in X-Purpose")
