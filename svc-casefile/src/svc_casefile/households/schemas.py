"""What the API says about case files."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import phonenumbers
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.contact import MobileNumber, PostalCode
from shared.kit.identity import NationalId, PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Code, Name, PersianText
from svc_casefile.members.schemas import (
    MOST_MEMBERS,
    Insurance,
    MemberCreate,
    MemberRead,
    PastDate,
    Relation,
    Words,
)


class CaseFileStatus(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class AreaClass(StrEnum):
    URBAN = "urban"
    RURAL = "rural"
    NOMADIC = "nomadic"
    HARD_TO_REACH = "hard-to-reach"


class Tenure(StrEnum):
    OWNED = "owned"
    RENTED = "rented"
    RENT_FREE = "rent-free"
    INSTITUTIONAL = "institutional"
    NONE = "none"


class IncomeSource(StrEnum):
    NONE = "none"
    PENSION = "pension"
    WAGE = "wage"
    SELF_EMPLOYMENT = "self-employment"
    FARMING = "farming"
    RENT = "rent"
    RELATIVES = "relatives"
    OTHER = "other"


class SupportBody(StrEnum):
    """Who else supports the household."""

    RELIEF_COMMITTEE = "relief-committee"
    SOCIAL_SECURITY = "social-security"
    MARTYRS_FOUNDATION = "martyrs-foundation"
    CHARITY = "charity"
    CASH_SUBSIDY = "cash-subsidy"
    OTHER = "other"


class CoverageReason(StrEnum):
    """Why the household is covered."""

    DISABILITY = "disability"
    FEMALE_HEADED = "female-headed"
    CHILD_WITHOUT_GUARDIAN = "child-without-guardian"
    ELDERLY = "elderly"
    MULTIPLE_BIRTH = "multiple-birth"
    SOCIAL_HARM = "social-harm"
    OTHER = "other"


class PayerCategory(StrEnum):
    """The contract under which work on the file is paid."""

    PENSIONER = "pensioner"
    NON_PENSIONER = "non-pensioner"
    CHILD_SUPPORT = "child-support"
    COMMUNITY_BASED_REHABILITATION = "community-based-rehabilitation"


class SuspensionReason(StrEnum):
    MISSING_DOCUMENTS = "missing-documents"
    NOT_FOUND = "not-found"


class ClosingReason(StrEnum):
    DECEASED = "deceased"
    EMPOWERED = "empowered"
    INELIGIBLE = "ineligible"
    MOVED_ABROAD = "moved-abroad"
    DUPLICATE = "duplicate"


class LandlineNumber(Code):
    """An Iranian landline number with its area code, kept as E.164 (`+985632224455`)."""

    pattern = r"^[+0-9۰-۹٠-٩() -]{8,20}$"
    examples = ("05632224455",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        try:
            number = phonenumbers.parse(text, "IR")
        except phonenumbers.NumberParseException:
            number = None
        if (
            number is None
            or number.country_code != 98
            or phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE
        ):
            raise InvalidValue(
                "landline-number",
                fa="شمارهٔ تلفن ثابت ایران با کد شهر نیست",
                en="is not an Iranian landline number with its area code",
            )
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class CaseFileNumber(Code):
    """The number people call a file by: 8 digits."""

    pattern = "^[0-9۰-۹٠-٩]{8}$"
    examples = ("00014775",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{8}", text):
            raise InvalidValue("case-file-number", fa="شمارهٔ پرونده ۸ رقم است", en="a case file number has 8 digits")
        return text


Subject = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$"), Field(description="OIDC subject")
]
LegacyText = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Latitude = Annotated[float, Field(ge=24, le=41, allow_inf_nan=False, description="WGS 84, within Iran")]
Longitude = Annotated[float, Field(ge=43, le=64, allow_inf_nan=False, description="WGS 84, within Iran")]


class _Household(BaseModel):
    """What may be unknown of a household."""

    model_config = ConfigDict(extra="forbid")

    address: PersianText | None = None
    postal_code: PostalCode | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    accuracy_m: Annotated[
        int | None, Field(ge=0, le=100_000, description="How far off the map point may be, in metres")
    ] = None
    area_class: AreaClass | None = None
    tenure: Tenure | None = None
    residence_since: PastDate | None = None
    mobile: MobileNumber | None = None
    landline: LandlineNumber | None = None
    decile: Annotated[int | None, Field(ge=1, le=10, description="Of income, by the welfare database")] = None
    insurance: Insurance | None = None
    coverage_reason: CoverageReason | None = None
    payer_category: PayerCategory | None = None


IncomeSources = Annotated[list[IncomeSource], Field(max_length=len(IncomeSource))]
SupportBodies = Annotated[list[SupportBody], Field(max_length=len(SupportBody))]


class CaseFileCreate(_Household):
    """A household and its persons, exactly one of them its head."""

    jurisdiction: Annotated[
        Jurisdiction | None,
        Field(description="A center or a county inside the caller's scope; absent: the scope itself"),
    ] = None
    status: Annotated[
        Literal[CaseFileStatus.DRAFT, CaseFileStatus.WAITING, CaseFileStatus.ACTIVE] | None,
        Field(description="Absent: `active` with a center, `waiting` with a county"),
    ] = None
    opened_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    assigned_worker: Annotated[
        Subject | None, Field(description="The caller, or for who may assign: a social worker of the center")
    ] = None
    pensioner: bool = False
    income_sources: IncomeSources = []
    support_bodies: SupportBodies = []
    legacy_source: Annotated[LegacyText | None, Field(description="The older system that `legacy_number` is from")] = (
        None
    )
    legacy_number: Annotated[LegacyText | None, Field(description="Unique per system and province")] = None
    members: Annotated[list[MemberCreate], Field(min_length=1, max_length=MOST_MEMBERS)]

    @field_validator("members")
    @classmethod
    def _one_head_and_nobody_twice(cls, members: list[MemberCreate]) -> list[MemberCreate]:
        if sum(member.relation == Relation.HEAD for member in members) != 1:
            raise InvalidValue(
                "exactly-one-head",
                fa="خانوار باید درست یک سرپرست داشته باشد",
                en="a household has exactly one head",
            )
        known = [(member.identity.type, member.identity.value) for member in members if member.identity is not None]
        if len(known) != len(set(known)):
            raise InvalidValue("person-twice", fa="یک شخص دو بار آمده است", en="the same person is listed twice")
        return members

    @model_validator(mode="after")
    def _map_point_is_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise half_a_point()
        return self

    @model_validator(mode="after")
    def _legacy_reference_is_whole(self) -> Self:
        if (self.legacy_source is None) != (self.legacy_number is None):
            raise half_a_legacy_reference()
        return self


class CaseFileUpdate(_Household):
    """Only what is sent changes; null empties a field. Place, number, status and worker change by other operations."""

    pensioner: bool = KEPT
    income_sources: IncomeSources = KEPT
    support_bodies: SupportBodies = KEPT


class CaseFileRead(BaseModel):
    # what was checked when it came in is not checked again
    id: UUID
    number: str
    version: int
    status: CaseFileStatus
    status_reason: str | None
    status_since: AwareDatetime
    jurisdiction: Jurisdiction
    member_count: int
    address: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    area_class: AreaClass | None
    tenure: Tenure | None
    residence_since: date | None
    mobile: Annotated[str | None, Field(examples=["+989151234567"])]
    landline: Annotated[str | None, Field(examples=["+985632224455"])]
    income_sources: list[IncomeSource]
    decile: int | None
    insurance: Insurance | None
    support_bodies: list[SupportBody]
    coverage_reason: CoverageReason | None
    pensioner: bool
    payer_category: PayerCategory | None
    opened_on: date
    closed_on: date | None
    assigned_worker: str | None
    legacy_source: str | None
    legacy_number: str | None
    created_at: AwareDatetime
    created_by: str
    updated_at: AwareDatetime
    updated_by: str
    members: list[MemberRead]


class PersonName(BaseModel):
    id: UUID
    given_name: str
    family_name: str


class CaseFileSummary(BaseModel):
    """A line of a list."""

    id: UUID
    number: str
    version: int
    status: CaseFileStatus
    status_since: AwareDatetime
    jurisdiction: Jurisdiction
    head: PersonName
    member_count: int
    area_class: AreaClass | None
    pensioner: bool
    payer_category: PayerCategory | None
    assigned_worker: str | None
    opened_on: date


class _Filters(BaseModel):
    status: CaseFileStatus | None = None
    jurisdiction: Annotated[
        Jurisdiction | None, Field(description="A narrower place inside the scope: its county or center")
    ] = None
    payer_category: PayerCategory | None = None
    assigned_worker: Subject | None = None
    pensioner: bool | None = None
    opened_from: Day | None = None
    opened_to: Annotated[Day | None, Field(description="The last day that counts")] = None


class CaseFileSort(StrEnum):
    NUMBER = "number"
    NUMBER_DESCENDING = "-number"
    OPENED = "opened_on"
    OPENED_DESCENDING = "-opened_on"


class CaseFileFilters(_Filters, ListQuery):
    sort: CaseFileSort = CaseFileSort.NUMBER


class ExportFilters(_Filters):
    model_config = ConfigDict(extra="forbid")


class CaseFileSearch(BaseModel):
    """All that is given must hold; what is said of a person must hold of one and the same member."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Name | None, Field(description="Any part of the names, spelled nearly right")] = None
    national_id: NationalId | None = None
    identity: Annotated[PersonIdentity | None, Field(description="For a person without a national id")] = None
    number: CaseFileNumber | None = None
    phone: Annotated[
        str | None, StringConstraints(min_length=8, max_length=20), Field(description="Mobile or landline")
    ] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    @field_validator("phone")
    @classmethod
    def _phone(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return MobileNumber(value)
        except InvalidValue:
            return LandlineNumber(value)

    @model_validator(mode="after")
    def _something(self) -> "CaseFileSearch":
        if (self.name or self.national_id or self.identity or self.number or self.phone) is None:
            raise InvalidValue("empty-search", fa="چیزی برای جستجو نیامده است", en="there is nothing to search for")
        return self


class CaseFileHit(CaseFileSummary):
    matched: Annotated[PersonName | None, Field(description="The member that the search is about, if it is about one")]


class SearchResult(BaseModel):
    items: list[CaseFileHit]
    more: Annotated[bool, Field(description="There are more than `limit`: say more about whom you look for")]


class StatusCount(BaseModel):
    files: int
    persons: int


class CaseFileCounts(BaseModel):
    """How many files and persons the scope covers."""

    jurisdiction: Jurisdiction
    files: int
    persons: int
    by_status: dict[CaseFileStatus, StatusCount]


class CountFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center_code: Annotated[Jurisdiction | None, Field(description="One center inside the scope")] = None


class Suspension(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: SuspensionReason
    note: Words | None = None


class Closing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: ClosingReason
    closed_on: Annotated[PastDate | None, Field(description="Absent: today")] = None
    note: Words | None = None


class HeadChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    head: Annotated[UUID, Field(description="The member who becomes the head")]
    former_head: Annotated[Relation, Field(description="What the former head is to the new one")]

    @field_validator("former_head")
    @classmethod
    def _no_longer_head(cls, value: Relation) -> Relation:
        if value == Relation.HEAD:
            raise InvalidValue("exactly-one-head", fa="خانوار یک سرپرست دارد", en="a household has exactly one head")
        return value


class HistoryFilters(ListQuery):
    pass


class HistoryAction(StrEnum):
    OPENED = "opened"
    CHANGED = "changed"
    STATUS_CHANGED = "status-changed"
    MEMBER_ADDED = "member-added"
    MEMBER_CHANGED = "member-changed"
    MEMBER_REMOVED = "member-removed"
    HEAD_CHANGED = "head-changed"
    MOVED = "moved"
    VISITED = "visited"


class HistoryEntry(BaseModel):
    """What made one version of a file."""

    version: int
    at: datetime
    actor: Annotated[str, Field(description="OIDC subject")]
    action: HistoryAction
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was then")]
    member_id: UUID | None
    changes: Annotated[dict[str, Any], Field(description="Field → [before, after]")]
    note: str | None


def half_a_point() -> InvalidValue:
    return InvalidValue(
        "half-a-map-point",
        fa="عرض و طول جغرافیایی با هم می‌آیند",
        en="latitude and longitude come together",
    )


def half_a_legacy_reference() -> InvalidValue:
    return InvalidValue(
        "half-a-legacy-reference",
        fa="سامانهٔ پیشین و شماره در آن با هم می‌آیند",
        en="legacy_source and legacy_number come together",
    )
