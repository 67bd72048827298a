"""What the API says about the people to be screened."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.kit.calendar import Day, today
from shared.kit.changes import KEPT
from shared.kit.contact import MobileNumber
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name
from svc_screening.decisions import Outcome
from svc_screening.people.models import Origin
from svc_screening.programmes.schemas import ProgrammeCode


def _not_in_the_future(day: date) -> date:
    if day > today():
        raise InvalidValue("date-in-the-future", fa="تاریخ در آینده است", en="is in the future")
    return day


BirthDate = Annotated[Day, Field(ge=date(1900, 1, 1)), AfterValidator(_not_in_the_future)]
Sex = Literal["female", "male"]


class PersonRegistration(BaseModel):
    """Somebody who is in no household's file here, as far as anybody knows."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[UUID | None, Field(description="Of the device's making, so that it can be sent twice")] = None
    center: Annotated[Jurisdiction | None, Field(description="Absent: the caller's own")] = None
    birth_date: BirthDate
    sex: Sex | None = None
    identity: Annotated[PersonIdentity | None, Field(description="Nobody needs to have one to be screened")] = None
    given_name: Name | None = None
    family_name: Name | None = None
    guardian_mobile: MobileNumber | None = None


class PersonUpdate(BaseModel):
    """Only what is sent changes."""

    model_config = ConfigDict(extra="forbid")

    birth_date: BirthDate = KEPT
    sex: Sex | None = None
    identity: PersonIdentity | None = None
    given_name: Name | None = None
    family_name: Name | None = None
    guardian_mobile: MobileNumber | None = None


class Match(BaseModel):
    model_config = ConfigDict(extra="forbid")

    same_as: Annotated[UUID, Field(description="Who this person really is; keeps all encounters of the two")]


class ScreeningRead(BaseModel):
    """A person in a programme in a Jalali year."""

    programme: ProgrammeCode
    programme_year: int
    outcome: Outcome
    stage: str
    last_at: AwareDatetime
    encounter_id: UUID
    campaign_id: UUID | None
    next_stage: str | None
    repeat_from: date | None
    repeat_by: date | None


class ElsewhereRead(BaseModel):
    """That the same person was examined at another place; what it came to is known there alone."""

    programme: ProgrammeCode
    programme_year: int
    last_at: AwareDatetime


class PersonRead(BaseModel):
    id: UUID
    version: int
    jurisdiction: Annotated[Jurisdiction, Field(description="Who is responsible now")]
    origin: Origin
    present: Annotated[bool, Field(description="Whether the person is to be screened here")]
    case_file_id: UUID | None
    case_file_number: str | None
    relation: str | None
    birth_date: date
    sex: Sex | None
    identity: PersonIdentity | None
    given_name: str | None
    family_name: str | None
    guardian_mobile: str | None
    counts_as: Annotated[UUID, Field(description="The person that is counted: another for whom is known elsewhere")]
    merged_into: UUID | None
    registered_at: AwareDatetime
    screenings: Annotated[list[ScreeningRead], Field(description="The latest year first")]
    screened_elsewhere: list[ElsewhereRead]


class PersonSearch(BaseModel):
    """By one of the three."""

    model_config = ConfigDict(extra="forbid")

    identity: PersonIdentity | None = None
    case_file_number: Annotated[str | None, Field(pattern="^[0-9]{8}$")] = None
    guardian_mobile: MobileNumber | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.identity, self.case_file_number, self.guardian_mobile)) != 1:
            raise InvalidValue("one-of-three", fa="یکی از سه مشخصه را بفرستید", en="send exactly one of the three")
        return self


class PeopleFound(BaseModel):
    items: list[PersonRead]
