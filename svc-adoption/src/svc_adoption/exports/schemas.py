"""What the API says about exports."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import Name
from svc_adoption.eligibility import Form
from svc_adoption.exports.models import ExportState
from svc_adoption.requests.models import Status
from svc_adoption.requests.schemas import Kept, RequestSummary, Wishes


class ExportedRequests(BaseModel):
    """Which requests; none named, all of the scope."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = None
    form: Form | None = None


class ExportCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    purpose: Literal["court", "inspection", "handover", "other"]
    letter: Annotated[Name, Field(description="The number of the letter that asks for it")]
    filters: ExportedRequests = ExportedRequests()


class ExportRead(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    state: ExportState
    purpose: str
    letter: str
    filters: ExportedRequests
    asked_at: AwareDatetime
    asked_by: str
    decided_at: AwareDatetime | None
    decided_by: str | None


class ExportFilters(ListQuery):
    state: ExportState | None = None


class ExportedRequest(RequestSummary, Kept):
    """A line of an export."""

    wishes: Wishes
