"""What the API says about distributions."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.jurisdiction import Jurisdiction


class DistributionStatus(StrEnum):
    PLANNED = "planned"
    APPLIED = "applied"
    DROPPED = "dropped"


class Reason(StrEnum):
    """Why a file goes where it goes, or nowhere."""

    NEAREST = "nearest"
    NEAREST_FULL = "nearest-full"
    MINIMUM = "minimum-of-another-center"
    NO_MAP_POINT = "no-map-point"
    NO_ROOM = "no-room"
    NO_OPEN_CENTER = "no-open-center"


class DistributionCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    jurisdiction: Annotated[Jurisdiction, Field(description="A county or a province inside the caller's scope")]
    on: Annotated[Day, Field(description="The day whose rules on files per center the plan keeps to")]


class DistributionRead(BaseModel):
    id: UUID
    jurisdiction: Jurisdiction
    version: int
    status: DistributionStatus
    on: Annotated[Day, Field(description="The day whose rules on files per center the plan keeps to")]
    files: Annotated[int, Field(description="Files that waited in the jurisdiction")]
    placed: int
    unplaced: Annotated[int, Field(description="Files that stay on the waiting list of their county")]
    total_metres: Annotated[int, Field(description="Great-circle metres from households to their centers; minimal")]
    created_at: AwareDatetime
    created_by: str
    decided_at: AwareDatetime | None
    decided_by: str | None


class DistributionFilters(ListQuery):
    status: DistributionStatus | None = None


class Shortfall(BaseModel):
    """A center below its minimum, and the numbers of its county that make it so."""

    files: Annotated[int, Field(description="How many files the center lacks")]
    county_files: Annotated[int, Field(description="Files that waited in the county")]
    county_need: Annotated[int, Field(description="Files that the county's centers together lacked to their minima")]


class CenterLoad(BaseModel):
    center: Jurisdiction
    name_fa: str | None
    minimum: int
    maximum: int
    load_before: int
    load_after: int
    nearest_metres: int | None
    mean_metres: int | None
    farthest_metres: int | None
    shortfall: Shortfall | None


class Placement(BaseModel):
    case_file_id: UUID
    number: Annotated[str | None, Field(description="None when the file has left the caller's scope")]
    county: Jurisdiction
    center: Annotated[Jurisdiction | None, Field(description="None: the file stays with its county")]
    metres: Annotated[int | None, Field(description="None when the file has no map point, or no center")]
    choice: Annotated[int | None, Field(description="1: its nearest center, 2: the second nearest, …")]
    reason: Reason


class CenterFilters(ListQuery):
    pass


class PlacementFilters(ListQuery):
    center: Jurisdiction | None = None
    placed: bool | None = None
    reason: Reason | None = None
