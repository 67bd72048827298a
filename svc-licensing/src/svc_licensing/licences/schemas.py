"""What the API says and takes about licences."""

import re
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.identity import InstitutionId
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Code, PersianText
from svc_licensing.licences.models import Status
from svc_licensing.rules import LicenceKind


class LicenceNumber(Code):
    """The number of a licence: province, Jalali year of its issue, serial."""

    pattern = "^[0-9۰-۹٠-٩]{2}-[0-9۰-۹٠-٩]{4}-[0-9۰-۹٠-٩]{5}$"
    examples = ("29-1405-00017",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{2}-[0-9]{4}-[0-9]{5}", text):
            raise InvalidValue(
                "licence-number",
                fa="شمارهٔ پروانه مانند 29-1405-00017 است: استان، سال، شماره",
                en="the number of a licence is like 29-1405-00017: province, year, serial",
            )
        return text


Reason = Annotated[PersianText, Field(max_length=500)]
Decision = Annotated[
    PersianText, Field(max_length=100, description="The minutes or the order that says so", examples=["1405/12/3"])
]


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decided(_Step):
    """What was decided on a request that asked for it."""

    application_id: UUID


class LicenceIssue(Decided):
    valid_from: Annotated[
        Day | None, Field(description="Absent: the day of the decision. May be past, for what was decided on paper")
    ] = None


class Reasoned(_Step):
    reason: Reason
    decision: Decision


class Resumption(_Step):
    decision: Decision


class LicenceSummary(BaseModel):
    id: UUID
    version: int
    number: LicenceNumber
    kind: LicenceKind
    clause: Annotated[int, Field(ge=1, le=13, description="Of Article 26")]
    jurisdiction: Jurisdiction
    holder_id: UUID
    holder_name: str
    institution_id: InstitutionId | None
    center: Jurisdiction | None
    valid_from: date
    valid_to: Annotated[date, Field(description="The last day")]
    renewal_opens_on: Annotated[
        date | None, Field(description="None: it is not renewed, or nobody has signed off from when")
    ]
    status: Status
    status_since: AwareDatetime


class StepRead(BaseModel):
    kind: str
    at: AwareDatetime
    actor: str
    application_id: UUID | None
    about: dict[str, Any]


class LicenceRead(LicenceSummary):
    application_id: UUID
    agreement_id: Annotated[UUID | None, Field(description="The agreement in principle that it fulfils")]
    address: str | None
    manager_name: str | None
    scope: Annotated[str | None, Field(description="What it allows, in the words of the decision")]
    conditions: list[str]
    extended: bool
    status_reason: Annotated[str | None, Field(description="Why it is suspended or was revoked")]
    issued_at: AwareDatetime
    issued_by: str
    steps: Annotated[list[StepRead], Field(description="What happened, the earliest first")]


class LicenceFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Inside the caller's scope")] = None
    kind: LicenceKind | None = None
    clause: Annotated[int | None, Field(ge=1, le=13)] = None
    status: Status | None = None
    center: Jurisdiction | None = None
    holder_id: UUID | None = None
    renewal: Annotated[
        Literal["due"] | None, Field(description="`due`: in force, and the next period can be applied for")
    ] = None
    valid_to_before: Annotated[Day | None, Field(description="Whose last day is earlier")] = None
