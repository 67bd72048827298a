"""What the API says about the persons of a household."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day, today
from shared.kit.changes import KEPT
from shared.kit.identity import PersonIdentity
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, normalise

MOST_MEMBERS = 40
"""Of one household."""


class Relation(StrEnum):
    """What a member is to the head of the household (سرپرست خانوار)."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    GRANDPARENT = "grandparent"
    OTHER_RELATIVE = "other-relative"
    NON_RELATIVE = "non-relative"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class MaritalStatus(StrEnum):
    SINGLE = "single"
    MARRIED = "married"
    WIDOWED = "widowed"
    DIVORCED = "divorced"


class Education(StrEnum):
    NONE = "none"
    PRIMARY = "primary"
    LOWER_SECONDARY = "lower-secondary"
    UPPER_SECONDARY = "upper-secondary"
    DIPLOMA = "diploma"
    UNIVERSITY = "university"
    SEMINARY = "seminary"


class Insurance(StrEnum):
    NONE = "none"
    SOCIAL_SECURITY = "social-security"
    HEALTH = "health"
    ARMED_FORCES = "armed-forces"
    RURAL = "rural"
    OTHER = "other"


class DisabilityType(StrEnum):
    """The kinds by which clients are admitted to rehabilitation."""

    INTELLECTUAL = "intellectual"
    PHYSICAL_MOTOR = "physical-motor"
    VISION = "vision"
    HEARING = "hearing"
    SPEECH = "speech"
    CHRONIC_MENTAL_ILLNESS = "chronic-mental-illness"
    LEPROSY = "leprosy"
    AGE_RELATED = "age-related"


class DisabilitySeverity(StrEnum):
    """As the medical commission (کمیسیون پزشکی) has decided."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    PROFOUND = "profound"


class LeavingReason(StrEnum):
    """Why a person is no longer of the household."""

    DECEASED = "deceased"
    MARRIED = "married"
    DIVORCED = "divorced"
    MOVED_OUT = "moved-out"
    ENTERED_IN_ERROR = "entered-in-error"


def _not_in_the_future(day: date) -> date:
    if day > today():
        raise InvalidValue("date-in-the-future", fa="تاریخ در آینده است", en="is in the future")
    return day


PastDate = Annotated[Day, Field(ge=date(1870, 1, 1)), AfterValidator(_not_in_the_future)]
"""A day from 1870 until today in Iran."""


Words = Annotated[
    str,
    BeforeValidator(lambda value: normalise(value) if isinstance(value, str) else value),
    StringConstraints(min_length=1, max_length=200),
]
"""A short remark, normalised."""


class Restricted(BaseModel):
    """What is told only to those who work on the file (`case-file:write`), and never announced or searched."""

    model_config = ConfigDict(extra="forbid", frozen=True)  # frozen: a default that need not be copied

    addiction: bool = False
    prison: bool = False
    missing: bool = False


class PersonFields(BaseModel):
    """What may be unknown of a person."""

    model_config = ConfigDict(extra="forbid")

    identity: Annotated[
        PersonIdentity | None,
        Field(description="None for a person without papers: admissible, and completed when a number is known"),
    ] = None
    father_name: Name | None = None
    birth_date: PastDate | None = None
    sex: Sex | None = None
    marital_status: MaritalStatus | None = None
    education: Education | None = None
    occupation: Words | None = None
    insurance: Insurance | None = None
    illness: Words | None = None
    disability_type: DisabilityType | None = None
    disability_severity: Annotated[DisabilitySeverity | None, Field(description="Only with a `disability_type`")] = None
    guardian: Annotated[Words | None, Field(description="Who acts for the person by court order (قیم)")] = None


class MemberCreate(PersonFields):
    relation: Relation
    given_name: Name
    family_name: Name
    restricted: Restricted = Restricted()

    @model_validator(mode="after")
    def _severity_of_something(self) -> "MemberCreate":
        if self.disability_severity is not None and self.disability_type is None:
            raise severity_alone()
        return self


class MemberUpdate(PersonFields):
    """Only what is sent changes; null empties a field."""

    relation: Relation = KEPT
    given_name: Name = KEPT
    family_name: Name = KEPT
    restricted: Restricted = KEPT


class MemberRead(BaseModel):
    id: UUID
    version: int
    relation: Relation
    identity: PersonIdentity | None
    given_name: str
    family_name: str
    father_name: str | None
    birth_date: date | None
    sex: Sex | None
    marital_status: MaritalStatus | None
    education: Education | None
    occupation: str | None
    insurance: Insurance | None
    illness: str | None
    disability_type: DisabilityType | None
    disability_severity: DisabilitySeverity | None
    guardian: str | None
    restricted: Annotated[Restricted | None, Field(description="None for callers without `case-file:write`")]
    left_on: Annotated[date | None, Field(description="When the person left the household")] = None
    left_reason: LeavingReason | None = None


class MemberFilters(ListQuery):
    former: Annotated[bool, Field(description="Those who have left instead of those who are there")] = False


class MemberRemoval(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: LeavingReason
    left_on: Annotated[PastDate | None, Field(description="Today, when absent")] = None


def severity_alone() -> InvalidValue:
    return InvalidValue(
        "severity-without-disability",
        fa="شدت معلولیت بدون نوع معلولیت معنا ندارد",
        en="a severity needs a disability_type",
    )
