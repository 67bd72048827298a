"""What the API says about clearing a center."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import PersianText


class Rest(StrEnum):
    """What becomes of files for which no center has room."""

    REFUSE = "refuse"
    WAITING_LIST = "waiting-list"


class CenterClosingCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center: Annotated[Jurisdiction, Field(description="A center inside the caller's scope that is not open")]
    destination: Annotated[
        Jurisdiction | None,
        Field(description="A center that takes all, or a county or province to share out over; absent: the county"),
    ] = None
    rest: Annotated[
        Rest, Field(description="`refuse`: nothing moves unless all find room; `waiting-list`: the rest waits")
    ] = Rest.REFUSE
    reason: PersianText


class CenterClosingRead(BaseModel):
    id: UUID
    center: Jurisdiction
    destination: Jurisdiction
    reason: str
    on: Annotated[date, Field(description="The day whose rules on files per center were kept to")]
    files: Annotated[int, Field(description="All that were not closed")]
    placed: int
    waiting: Annotated[int, Field(description="Files that went to the waiting list of the county")]
    total_metres: Annotated[int, Field(description="Great-circle metres from households to their new centers; minimal")]
    done_at: AwareDatetime
    done_by: str


class ClosingFilters(ListQuery):
    pass
