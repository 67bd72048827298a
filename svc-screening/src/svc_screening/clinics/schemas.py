"""What the API says about clinics."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.changes import KEPT
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import Name
from svc_screening.decisions import Word

Client = Annotated[
    str,
    Field(min_length=1, max_length=255, description="OIDC subject of the integration client that reports for it"),
]


class ClinicCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    jurisdiction: Annotated[Jurisdiction | None, Field(description="Whose it is; absent: the caller's own")] = None
    kind: Annotated[Word, Field(description="What a stage refers to", examples=["optometrist"])]
    name_fa: Name
    name_en: Name | None = None
    client: Client | None = None


class ClinicUpdate(BaseModel):
    """Only what is sent changes."""

    model_config = ConfigDict(extra="forbid")

    name_fa: Name = KEPT
    name_en: Name | None = None
    client: Client | None = None
    active: bool = KEPT


class ClinicRead(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    kind: str
    name_fa: str
    name_en: str | None
    reports: Annotated[bool, Field(description="Whether a system of its own reports what came of a referral")]
    active: bool
    created_at: AwareDatetime
    created_by: str


class ClinicFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Those of that place and beneath it")] = None
    kind: Word | None = None
    active: bool | None = None
