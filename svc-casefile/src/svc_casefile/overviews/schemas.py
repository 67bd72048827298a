"""What the API says of a file at a glance."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.households.schemas import AreaClass, CaseFileStatus, PayerCategory
from svc_casefile.members.schemas import Relation, Sex
from svc_casefile.timeline.schemas import TimelineEntryRead


class CenterName(BaseModel):
    code: str
    name_fa: str
    name_en: str | None


class PersonAtAGlance(BaseModel):
    id: UUID
    relation: Relation
    given_name: str
    family_name: str
    birth_date: date | None
    sex: Sex | None


class DueItem(BaseModel):
    """Something that waits to be done about the file."""

    kind: Annotated[str, Field(description="What it is; more kinds may come", examples=["home-visit"])]
    due_on: Annotated[date | None, Field(description="Null: as soon as may be")]
    overdue: bool
    ref: Annotated[UUID | None, Field(description="The record itself; the kind says which")]
    state: Annotated[str | None, Field(description="How far it is")]


class CaseFileOverview(BaseModel):
    """A file's page: who they are, what is due, what happened last. Its size does not grow with the file's history."""

    id: UUID
    number: str
    version: int
    status: CaseFileStatus
    status_reason: str | None
    status_since: AwareDatetime
    jurisdiction: Jurisdiction
    center: Annotated[CenterName | None, Field(description="Null while the file is with a county")]
    assigned_worker: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    mobile: str | None
    landline: str | None
    area_class: AreaClass | None
    payer_category: PayerCategory | None
    pensioner: bool
    opened_on: date
    closed_on: date | None
    member_count: int
    members: Annotated[list[PersonAtAGlance], Field(description="Those present, the head first")]
    due: Annotated[list[DueItem], Field(description="The most urgent first; the ten most urgent of each kind")]
    latest: Annotated[list[TimelineEntryRead], Field(description="The last five entries of the timeline")]
