"""What the API says about life events."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import today
from shared.kit.contact import MobileNumber, PostalCode
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_casefile.households.schemas import (
    AreaClass,
    LandlineNumber,
    Latitude,
    Longitude,
    Tenure,
    half_a_point,
)
from svc_casefile.members.schemas import (
    DisabilitySeverity,
    DisabilityType,
    Education,
    Insurance,
    PastDate,
    PersonFields,
    Relation,
    Words,
    severity_alone,
)


class LifeEventKind(StrEnum):
    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"
    DIVORCE = "divorce"
    MOVE = "move"
    DISABILITY = "disability"
    SCHOOL = "school"
    JOB = "job"
    PRISON = "prison"
    MISSING = "missing"
    GUARDIANSHIP = "guardianship"


class LifeEventStatus(StrEnum):
    PENDING = "pending"
    APPLIED = "applied"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class LifeEventSource(StrEnum):
    """How the platform came to know."""

    VISIT = "visit"
    CIVIL_REGISTRY = "civil-registry"
    CITIZEN = "citizen"


class _Details(BaseModel):
    model_config = ConfigDict(extra="forbid")


NewHead = Annotated[
    UUID | None,
    Field(description="Who becomes the head, where the head leaves. Absent: one is proposed, and named at approval"),
]


class Joining(PersonFields):
    """A person who joins the household."""

    relation: Relation
    given_name: Name
    family_name: Name

    @field_validator("relation")
    @classmethod
    def _not_the_head(cls, value: Relation) -> Relation:
        if value == Relation.HEAD:
            raise InvalidValue("exactly-one-head", fa="خانوار یک سرپرست دارد", en="a household has exactly one head")
        return value

    @model_validator(mode="after")
    def _severity_of_something(self) -> Self:
        if self.disability_severity is not None and self.disability_type is None:
            raise severity_alone()
        return self


class Birth(_Details):
    """A child was born into the household; its birth date is the day it happened."""

    child: Joining

    @field_validator("child")
    @classmethod
    def _born_when_it_happened(cls, value: Joining) -> Joining:
        if value.birth_date is not None:
            raise InvalidValue(
                "birth-date-twice",
                fa="تاریخ تولد همان happened_on است",
                en="the birth date is the day it happened: leave it out",
            )
        return value


class Death(_Details):
    """A member died. When it was the last one, the file closes."""

    member_id: UUID
    new_head: NewHead = None


class Marriage(_Details):
    """A member married, and leaves the household or brings somebody into it, or neither."""

    member_id: UUID
    leaves: bool = False
    spouse: Annotated[Joining | None, Field(description="Who joins the household by the marriage")] = None
    new_head: NewHead = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.leaves and self.spouse is not None:
            raise InvalidValue(
                "leaves-and-joins",
                fa="کسی که خانوار را ترک می‌کند همسری به آن نمی‌آورد",
                en="who leaves the household brings nobody into it",
            )
        return self


class Divorce(_Details):
    """A member was divorced, from another member or from somebody elsewhere."""

    member_id: UUID
    former_spouse: Annotated[UUID | None, Field(description="When of the same household")] = None
    leaves: Annotated[bool, Field(description="Whether `member_id` leaves the household")] = False
    new_head: NewHead = None

    @model_validator(mode="after")
    def _two_persons(self) -> Self:
        if self.former_spouse == self.member_id:
            raise InvalidValue("person-twice", fa="یک شخص دو بار آمده است", en="the same person is listed twice")
        return self


class Home(_Details):
    """Where a household lives now. Nothing of the old home is kept but the class of the area, unless sent."""

    address: PersianText
    postal_code: PostalCode | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    accuracy_m: Annotated[int | None, Field(ge=0, le=100_000)] = None
    area_class: AreaClass | None = None
    tenure: Tenure | None = None
    mobile: Annotated[MobileNumber | None, Field(description="Absent: as before")] = None
    landline: LandlineNumber | None = None

    @model_validator(mode="after")
    def _map_point_is_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise half_a_point()
        return self


class Move(_Details):
    """The household moved (`home`), or one member moved out of it (`member_id`)."""

    home: Home | None = None
    member_id: UUID | None = None
    new_head: NewHead = None

    @model_validator(mode="after")
    def _who(self) -> Self:
        if (self.home is None) == (self.member_id is None):
            raise InvalidValue(
                "household-or-member",
                fa="یا home برای خانوار یا member_id برای یک عضو",
                en="either the household has a new home or a member moved out",
            )
        return self


class Disability(_Details):
    """What the medical commission (کمیسیون پزشکی) decided. Without a type: no disability any more."""

    member_id: UUID
    disability_type: DisabilityType | None = None
    disability_severity: DisabilitySeverity | None = None

    @model_validator(mode="after")
    def _severity_of_something(self) -> Self:
        if self.disability_severity is not None and self.disability_type is None:
            raise severity_alone()
        return self


class SchoolChange(StrEnum):
    ENROLLED = "enrolled"
    DROPPED_OUT = "dropped-out"
    FINISHED = "finished"


class School(_Details):
    member_id: UUID
    change: SchoolChange
    education: Annotated[Education | None, Field(description="The level reached; absent: as before")] = None


class JobChange(StrEnum):
    STARTED = "started"
    ENDED = "ended"


class Job(_Details):
    """Work began or ended; the occupation is emptied when it ends."""

    member_id: UUID
    change: JobChange
    occupation: Words | None = None
    insurance: Annotated[Insurance | None, Field(description="Absent: as before")] = None


class PrisonChange(StrEnum):
    IMPRISONED = "imprisoned"
    RELEASED = "released"


class Prison(_Details):
    """Told only to those who work on the file, and not announced."""

    member_id: UUID
    change: PrisonChange
    new_head: NewHead = None


class MissingChange(StrEnum):
    MISSING = "missing"
    FOUND = "found"


class Missing(_Details):
    """Told only to those who work on the file, and not announced."""

    member_id: UUID
    change: MissingChange
    new_head: NewHead = None


class Guardianship(_Details):
    """A court's order on who acts for a person (قیم); without one, the order has ended."""

    member_id: UUID
    guardian: Words | None = None


Details = Birth | Death | Marriage | Divorce | Move | Disability | School | Job | Prison | Missing | Guardianship
DETAILS: Mapping[LifeEventKind, type[BaseModel]] = {
    LifeEventKind.BIRTH: Birth,
    LifeEventKind.DEATH: Death,
    LifeEventKind.MARRIAGE: Marriage,
    LifeEventKind.DIVORCE: Divorce,
    LifeEventKind.MOVE: Move,
    LifeEventKind.DISABILITY: Disability,
    LifeEventKind.SCHOOL: School,
    LifeEventKind.JOB: Job,
    LifeEventKind.PRISON: Prison,
    LifeEventKind.MISSING: Missing,
    LifeEventKind.GUARDIANSHIP: Guardianship,
}


class LifeEventCreate(BaseModel):
    """What happened, under the word of its kind: exactly one of `birth`, `death`, … is sent."""

    model_config = ConfigDict(extra="forbid")

    happened_on: Annotated[PastDate, Field(description="The day of the event, not of its report")]
    reported_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    source: LifeEventSource
    evidence: Annotated[Words | None, Field(description="What proves it: a document and its number")] = None
    note: PersianText | None = None

    birth: Birth | None = None
    death: Death | None = None
    marriage: Marriage | None = None
    divorce: Divorce | None = None
    move: Move | None = None
    disability: Disability | None = None
    school: School | None = None
    job: Job | None = None
    prison: Prison | None = None
    missing: Missing | None = None
    guardianship: Guardianship | None = None

    @model_validator(mode="after")
    def _one_thing_happened(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in LifeEventKind) != 1:
            raise InvalidValue(
                "exactly-one-event",
                fa="هر بار درست یک رویداد ثبت می‌شود",
                en="exactly one of the kinds of events is recorded at a time",
            )
        if self.happened_on > (self.reported_on or today()):
            raise InvalidValue(
                "reported-too-early",
                fa="تاریخ گزارش پیش از تاریخ رویداد است",
                en="it is reported before it happened",
            )
        return self

    @property
    def kind(self) -> LifeEventKind:
        return next(kind for kind in LifeEventKind if getattr(self, kind) is not None)

    @property
    def details(self) -> Any:
        """The model of the event's kind."""
        return getattr(self, self.kind)


class LifeEventRead(BaseModel):
    id: UUID
    case_file_id: UUID
    version: int
    kind: LifeEventKind
    status: LifeEventStatus
    member_id: UUID | None
    happened_on: date
    reported_on: date
    source: LifeEventSource
    evidence: str | None
    note: str | None
    details: Annotated[Details, Field(description="As it was recorded under the word of its kind")]
    proposed_head: Annotated[UUID | None, Field(description="Who could become the head, by kinship and age")]
    recorded_at: AwareDatetime
    recorded_by: str
    settled_at: Annotated[AwareDatetime | None, Field(description="When it took effect, was refused or withdrawn")]
    approved_by: Annotated[str | None, Field(description="None where no approval was needed")]
    refused_by: str | None
    reason: Annotated[str | None, Field(description="Why it was refused or withdrawn")]
    first_version: Annotated[
        int | None, Field(description="The first version of the file that its effect made; None where it made none")
    ]
    last_version: int | None


class PendingLifeEvent(LifeEventRead):
    """With the file that it is about."""

    number: Annotated[str, Field(description="Of the case file")]
    jurisdiction: Jurisdiction


class LifeEventFilters(ListQuery):
    status: LifeEventStatus | None = None
    kind: LifeEventKind | None = None


class PendingFilters(ListQuery):
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None


class Approval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    new_head: Annotated[UUID | None, Field(description="Instead of whom the report names, if it names anybody")] = None


class Refusal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Words
