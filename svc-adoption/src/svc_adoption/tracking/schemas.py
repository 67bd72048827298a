"""What the API says to applicants about their own request."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.kit.tracking import NewPin, Pin, TrackingCode
from svc_adoption.queue.schemas import Factors


class TrackingCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pin: Annotated[NewPin, Field(description="Chosen by the applicants; not shown again")]


class TrackingIssued(BaseModel):
    tracking_code: Annotated[TrackingCode, Field(description="For the applicants; not shown again")]


class TrackingAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracking_code: TrackingCode
    pin: Pin


class Band(BaseModel):
    """Between which places the request is, both included. Nobody's own place is told, so that nobody's is worked out
    from another's."""

    first: int
    last: Annotated[int | None, Field(description="None: beyond the last band")]


class TrackedPlace(Factors):
    """What the place follows from, and about where it is."""

    band: Band


class TrackedAdoption(BaseModel):
    """An applicant's own request: its state, and its place among those who wait. Nothing of any other family."""

    form: str
    status: str
    status_since: AwareDatetime
    opinion_due_on: Annotated[
        date | None, Field(description="Article 11: by when the court has the office's opinion, while it has not")
    ]
    place: Annotated[TrackedPlace | None, Field(description="While it waits")]
