"""What the API says about institutions and their people."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.identity import InstitutionId, PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Name
from svc_licensing.institutions.models import InstitutionKind
from svc_licensing.rules import PersonRole


class Qualification(BaseModel):
    model_config = ConfigDict(extra="forbid")

    degree: Literal["diploma", "associate", "bachelor", "master", "doctorate", "certificate"]
    field: Name
    issuer: Name | None = None


class PersonCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: PersonRole
    identity: PersonIdentity
    given_name: Name
    family_name: Name
    birth_date: Day | None = None
    sex: Literal["female", "male"] | None = None
    qualifications: Annotated[list[Qualification], Field(max_length=20)] = []


class PersonRead(BaseModel):
    id: UUID
    role: PersonRole
    identity: PersonIdentity
    given_name: str
    family_name: str
    birth_date: date | None
    sex: Literal["female", "male"] | None
    qualifications: list[Qualification]
    added_at: AwareDatetime
    ended_on: date | None


class InstitutionCreate(BaseModel):
    """A legal person with its board, or a natural person: the one founder."""

    model_config = ConfigDict(extra="forbid")

    kind: InstitutionKind
    institution_id: InstitutionId | None = None
    name: Annotated[Name | None, Field(description="Of a legal person; a natural one has the founder's")] = None
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A center or a county; absent: the caller's own place")
    ] = None
    people: Annotated[list[PersonCreate], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        legal = self.kind == InstitutionKind.LEGAL
        if legal != (self.institution_id is not None) or legal != (self.name is not None):
            raise InvalidValue(
                "legal-person",
                fa="شخص حقوقی شناسهٔ ملی و نام دارد و شخص حقیقی ندارد",
                en="a legal person has an institution id and a name, a natural one has neither",
            )
        return self


class InstitutionUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name


class InstitutionSummary(BaseModel):
    id: UUID
    version: int
    jurisdiction: Jurisdiction
    kind: InstitutionKind
    institution_id: InstitutionId | None
    name: str
    registered_at: AwareDatetime
    registered_by: str


class InstitutionRead(InstitutionSummary):
    people: Annotated[list[PersonRead], Field(description="Those of the past too, with the day on which they ended")]


class InstitutionFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    kind: InstitutionKind | None = None
    institution_id: Annotated[InstitutionId | None, Field(description="Of a legal person")] = None
