"""What the API says about home visits (بازدید منزل)."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from shared.chassis.pages import ListQuery
from shared.kit.calendar import TEHRAN, Day, now, today
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import normalise
from svc_casefile.households.schemas import (
    AreaClass,
    CaseFileUpdate,
    Latitude,
    Longitude,
    PersonName,
    Subject,
    half_a_point,
)
from svc_casefile.members.schemas import MOST_MEMBERS, Words

MOST_VISITS = 500
"""Of one batch."""
CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far the clock of a device may be ahead."""


class VisitOutcome(StrEnum):
    """What came of going there. Only `met` is a visit in person; whoever refuses was at home all the same."""

    MET = "met"
    NOT_AT_HOME = "not-at-home"
    REFUSED = "refused"
    MOVED_AWAY = "moved-away"


class ChangesState(StrEnum):
    """What became of the changes to the file that a visit asked for."""

    NONE = "none"
    APPLIED = "applied"
    CONFLICT = "conflict"
    RESOLVED = "resolved"


class VisitUrgency(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NOT_DUE = "not-due"


def _happened(at: datetime) -> datetime:
    if at > now() + CLOCK_TOLERANCE:
        raise InvalidValue("time-in-the-future", fa="زمان در آینده است", en="is in the future")
    return at.astimezone(UTC)


VisitTime = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC)), AfterValidator(_happened)]
Report = Annotated[
    str,
    BeforeValidator(lambda value: normalise(value) if isinstance(value, str) else value),
    StringConstraints(min_length=1, max_length=8000),
]
"""A social-work report (گزارش مددکاری)."""


class VisitCreate(BaseModel):
    """A home visit by the caller, made just now or earlier without a connection."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[
        UUID | None,
        Field(description="Of the client's making: the same visit sent again is known by it. Absent: given here"),
    ] = None
    visited_at: Annotated[VisitTime, Field(description="By the clock of the device, with its time zone")]
    planned: Annotated[bool, Field(description="Whether the visit had been planned")]
    outcome: VisitOutcome
    latitude: Annotated[Latitude | None, Field(description="Where the visitor was (WGS 84, within Iran)")] = None
    longitude: Longitude | None = None
    accuracy_m: Annotated[
        int | None, Field(ge=0, le=100_000, description="How far off the map point may be, in metres")
    ] = None
    met_members: Annotated[
        list[UUID], Field(max_length=MOST_MEMBERS, description="Whom of the household, by member id")
    ] = []
    met_other: Annotated[Words | None, Field(description="Whoever else was met, such as a neighbour")] = None
    findings: Report | None = None
    changes: Annotated[
        CaseFileUpdate | None,
        Field(description="What the file should say from now on: as in `PATCH /v1/case-files/{case_file_id}`"),
    ] = None
    file_version: Annotated[
        int | None,
        Field(ge=1, le=2**31 - 1, description="The file's version that the visitor saw; with `changes` only"),
    ] = None
    next_visit_on: Annotated[Day | None, Field(description="When the next visit was agreed for")] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise half_a_point()
        if self.accuracy_m is not None and self.latitude is None:
            raise InvalidValue(
                "accuracy-of-nothing", fa="دقت بدون نقطهٔ نقشه معنا ندارد", en="accuracy_m needs a map point"
            )
        if len(set(self.met_members)) < len(self.met_members):
            raise InvalidValue("person-twice", fa="یک شخص دو بار آمده است", en="the same person is listed twice")
        met = bool(self.met_members)
        if self.outcome == VisitOutcome.MET and not (met or self.met_other):
            raise InvalidValue("nobody-met", fa="بگویید چه کسی را دیدید", en="say who was met")
        if self.outcome in {VisitOutcome.NOT_AT_HOME, VisitOutcome.MOVED_AWAY} and met:
            raise InvalidValue(
                "met-and-not-at-home",
                fa="اگر کسی از خانوار دیده شده، خانه خالی نبوده است",
                en="whoever met a member found the household at home",
            )
        if self.next_visit_on is not None and self.next_visit_on <= day_of(self.visited_at):
            raise InvalidValue(
                "next-visit-not-later",
                fa="بازدید بعدی باید پس از این بازدید باشد",
                en="the next visit comes after this one",
            )
        return self

    @model_validator(mode="after")
    def _changes_of_a_version(self) -> Self:
        if self.changes is not None and not self.changes.model_fields_set:
            self.changes, self.file_version = None, None
        if (self.changes is None) != (self.file_version is None):
            raise InvalidValue(
                "changes-of-a-version",
                fa="تغییرها با نسخه‌ای از پرونده می‌آیند که دیده شده است",
                en="changes come with the file_version that was seen",
            )
        if self.changes is not None:
            point = self.changes.model_fields_set & {"latitude", "longitude"}
            if len(point) == 1 or (self.changes.latitude is None) != (self.changes.longitude is None):
                raise half_a_point()
        return self

    def wanted(self) -> dict[str, Any]:
        """Field of the file → what it should be."""
        return {} if self.changes is None else self.changes.model_dump(exclude_unset=True)


class OfflineVisit(VisitCreate):
    """A visit of a batch."""

    id: UUID
    case_file_id: UUID


class VisitBatch(BaseModel):
    """Visits made without a connection, in any order."""

    model_config = ConfigDict(extra="forbid")

    visits: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MOST_VISITS,
            description="Each as the body of `POST /v1/case-files/{case_file_id}/visits`, with its `case_file_id` and"
            " an `id` of the device's making. One that is wrong is refused by itself; the others land.",
        ),
    ]


class BatchOutcome(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    FORWARDED = "forwarded"
    REFUSED = "refused"


class VisitError(BaseModel):
    pointer: Annotated[str, Field(description="JSON Pointer into the visit; empty for the visit as a whole")]
    code: str
    message: dict[str, str]


class BatchItem(BaseModel):
    """What became of the visit at the same position of the batch."""

    id: Annotated[UUID | None, Field(description="As it was sent; None when it was no UUID")]
    outcome: Annotated[
        BatchOutcome,
        Field(
            description="`recorded`: it is there, with its changes. `unchanged`: it had come before, and nothing waits."
            " `conflict`: it is there, and its changes wait to be resolved, since somebody else has changed the same."
            " `forwarded`: the file has moved since, and the visit goes after it. `refused`: keep it, and see `errors`."
        ),
    ]
    errors: list[VisitError] = []


class BatchResult(BaseModel):
    recorded: int
    unchanged: int
    conflicts: int
    forwarded: int
    refused: int
    items: Annotated[list[BatchItem], Field(description="In the order of the batch")]


class FieldConflict(BaseModel):
    """What a visit says of a field of the file, beside what the file says now."""

    field: str
    visit: Annotated[Any, Field(description="What the visit says")]
    file: Annotated[Any, Field(description="What the file says now")]


class VisitRead(BaseModel):
    id: UUID
    version: int
    case_file_id: UUID
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was when the visit came in")]
    visited_at: AwareDatetime
    visited_by: Annotated[str, Field(description="OIDC subject")]
    planned: bool
    outcome: VisitOutcome
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    distance_m: Annotated[int | None, Field(description="From the home on file as it was then, in metres")]
    place_plausible: Annotated[
        bool | None,
        Field(
            description="False: farther from the home than the accuracy of both points and the allowance by rule"
            " explain. None: a point is missing, or nothing says how far is too far"
        ),
    ]
    met_members: list[UUID]
    met_other: str | None
    findings: str | None
    next_visit_on: date | None
    changes: Annotated[dict[str, Any] | None, Field(description="Field of the file → what it should be")]
    file_version: Annotated[int | None, Field(description="Of the file that the visitor saw")]
    changes_state: ChangesState
    applied_version: Annotated[int | None, Field(description="Of the file that the changes are in")]
    taken: Annotated[list[str] | None, Field(description="The fields taken over when a conflict was resolved")]
    resolved_at: AwareDatetime | None
    resolved_by: str | None
    resolution_note: str | None
    recorded_at: AwareDatetime
    recorded_by: str


class VisitWithConflict(VisitRead):
    """A visit, and while its changes wait to be resolved, what stands against them."""

    present_file_version: Annotated[int | None, Field(description="While a conflict waits: to resolve it with")] = None
    conflicts: list[FieldConflict] = []


class VisitFilters(ListQuery):
    pass


class ConflictFilters(ListQuery):
    center_code: Annotated[Jurisdiction | None, Field(description="One center inside the scope")] = None


class ConflictSummary(BaseModel):
    """A visit whose changes wait to be resolved."""

    visit_id: UUID
    version: Annotated[int, Field(description="Of the visit: for `If-Match`")]
    case_file_id: UUID
    number: Annotated[str, Field(description="Of the case file")]
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file is now")]
    visited_at: AwareDatetime
    visited_by: str
    recorded_at: AwareDatetime
    file_version: Annotated[int, Field(description="Of the file that the visitor saw")]
    present_file_version: int
    fields: Annotated[list[str], Field(description="That the visit wants changed")]


class Resolution(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file_version: Annotated[int, Field(ge=1, le=2**31 - 1, description="The file's version that was decided on")]
    take: Annotated[
        list[str],
        Field(max_length=50, description="The fields to take over from the visit; none: the file stays as it is"),
    ]
    note: Words | None = None


class DueFilters(ListQuery):
    worker: Annotated[
        Subject | Literal["me"] | None,
        Field(description="OIDC subject, or `me` for the caller's own files. Absent: all files of the scope"),
    ] = None
    center_code: Annotated[Jurisdiction | None, Field(description="One center inside the scope")] = None
    due_by: Annotated[Day | None, Field(description="Only what is due until then, the day included")] = None
    to_look_for: Annotated[bool | None, Field(description="Only files that are (not) marked to look for")] = None
    soon_days: Annotated[int, Field(ge=0, le=366, description="How many days ahead count as `soon`")] = 30


class DueVisit(BaseModel):
    """An active file and the visit that it is due."""

    case_file_id: UUID
    number: str
    version: Annotated[int, Field(description="Of the file: for `file_version` of a visit made offline")]
    jurisdiction: Jurisdiction
    assigned_worker: str | None
    head: PersonName
    member_count: int
    urgency: VisitUrgency
    place: Annotated[
        str | None,
        Field(description="Files with the same word are near each other: about a kilometre, or one postal area"),
    ]
    visit_due_on: Annotated[
        date | None, Field(description="None: no rule says how often to visit, and nothing was planned")
    ]
    overdue_days: int
    visited_on: Annotated[date | None, Field(description="The last time that the household was met")]
    visit_planned_on: date | None
    look_for_since: Annotated[date | None, Field(description="Not found at home twice since it was last met")]
    address: str | None
    postal_code: str | None
    mobile: str | None
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    area_class: AreaClass | None


def _not_in_the_past(day: date) -> date:
    if day < today():
        raise InvalidValue("date-in-the-past", fa="تاریخ گذشته است", en="is in the past")
    return day


class VisitPlan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    planned_on: Annotated[
        Annotated[Day, AfterValidator(_not_in_the_past)] | None, Field(description="Null: the plan is given up")
    ]


class VisitDue(BaseModel):
    """When a file is to be visited."""

    case_file_id: UUID
    visited_on: date | None
    visit_planned_on: date | None
    visit_due_on: Annotated[date | None, Field(description="The plan, or sooner where the rule says so")]
    look_for_since: date | None


def day_of(at: datetime) -> date:
    """The day in Iran."""
    return at.astimezone(TEHRAN).date()
