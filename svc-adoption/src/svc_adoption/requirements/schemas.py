"""What the API says about requirements."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.text import PersianText
from svc_adoption.eligibility import Check, Form
from svc_adoption.requirements.models import Process, Standing


class DocumentKind(StrEnum):
    IDENTITY = "identity"
    MARRIAGE_DEED = "marriage-deed"
    EDUCATION = "education"
    JOB = "job"
    INSURANCE = "insurance"
    HOUSING = "housing"
    CRIMINAL_RECORD = "criminal-record"
    HEALTH_DECLARATION = "health-declaration"
    RESIDENCE_PERMIT = "residence-permit"
    SANA_ACCOUNT = "sana-account"
    OTHER = "other"


class Whose(StrEnum):
    """Of whom a document is asked for."""

    EACH = "each"
    EACH_FOREIGNER = "each-foreigner"
    ONE = "one"
    COUPLE = "couple"


class DocumentNeeded(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: DocumentKind
    of: Annotated[Whose, Field(description="`one`: of either applicant; `couple`: only where two ask")]


class RequirementCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: Form
    valid_from: Annotated[Day, Field(ge=date(2013, 9, 22), description="Not before the law, 31 Shahrivar 1392")]
    process: Process
    documents: Annotated[list[DocumentNeeded], Field(max_length=50)]
    checks: Annotated[list[Check], Field(max_length=len(Check))]
    source: PersianText


class RequirementRead(BaseModel):
    id: UUID
    form: Form
    number: int
    version: int
    standing: Annotated[Standing, Field(description="`proposed` holds for nothing until somebody else signs it off")]
    valid_from: date
    process: Process
    documents: list[DocumentNeeded]
    checks: list[Check]
    source: str
    proposed_by: str
    proposed_at: AwareDatetime
    signed_off_by: str | None
    signed_off_at: AwareDatetime | None


class RequirementFilters(ListQuery):
    form: Form | None = None
