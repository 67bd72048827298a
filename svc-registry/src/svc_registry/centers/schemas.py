"""What the API says and takes about centers."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.changes import KEPT
from shared.kit.contact import PostalCode
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import Code, Name, PersianText
from svc_registry.centers.models import AreaClass, CenterStatus
from svc_registry.divisions.schemas import CountyCode


class CenterCode(Code):
    """A center's code: its county's 4 digits and a serial from 001."""

    pattern = "^[0-9۰-۹٠-٩]{7}$"
    examples = ("2901003",)
    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> str:
        if not re.fullmatch(r"[0-9]{7}", text) or text.endswith("000"):
            raise InvalidValue(
                "center-code",
                fa="کد مرکز ۷ رقم است: کد شهرستان و شماره‌ای از ۰۰۱",
                en="the code of a center has 7 digits: its county's code and a serial from 001",
            )
        return text


# A frame around the country: wide enough for its islands and borders, narrow enough to catch swapped coordinates.
Latitude = Annotated[float, Field(ge=24, le=40, allow_inf_nan=False, description="WGS 84 degrees", examples=[32.8649])]
Longitude = Annotated[float, Field(ge=43, le=64, allow_inf_nan=False, description="WGS 84 degrees", examples=[59.2262])]
LicenceReference = Annotated[Name, Field(max_length=50, examples=["1399/29/1042"])]
Address = Annotated[PersianText, Field(max_length=500)]
Reason = Annotated[PersianText, Field(max_length=500)]
Position = tuple[Longitude, Latitude]

RING_POSITIONS = 500
RINGS = 10


class Polygon(BaseModel):
    """A GeoJSON Polygon (RFC 7946): an outer ring and holes in it, each closed, none crossing itself.

    Positions are longitude, latitude.
    """

    model_config = ConfigDict(extra="forbid")

    type: Literal["Polygon"]
    coordinates: Annotated[
        list[Annotated[list[Position], Field(min_length=4, max_length=RING_POSITIONS)]],
        Field(min_length=1, max_length=RINGS),
    ]

    @field_validator("coordinates")
    @classmethod
    def _rings(cls, rings: list[list[Position]]) -> list[list[Position]]:
        for ring in rings:
            if ring[0] != ring[-1]:
                raise InvalidValue("ring-open", fa="حلقهٔ چندضلعی بسته نیست", en="a ring must end where it begins")
            if len(set(ring)) != len(ring) - 1 or _crosses_itself(ring):
                raise InvalidValue(
                    "ring-crossed", fa="حلقهٔ چندضلعی خود را قطع می‌کند", en="a ring must not touch or cross itself"
                )
        return rings


def _crosses_itself(ring: Sequence[Position]) -> bool:
    if any(_folds(a, b, c) for a, b, c in zip(ring, ring[1:], [*ring[2:], ring[1]], strict=False)):
        return True
    # sides sorted by their western end, so that only those that overlap in longitude are compared
    sides = sorted(
        ((min(a[0], b[0]), max(a[0], b[0]), n, a, b) for n, (a, b) in enumerate(pairwise(ring))),
        key=lambda side: side[0],
    )
    last = len(sides) - 1
    for place, (_, east, n, a, b) in enumerate(sides):
        for west, _, m, c, d in sides[place + 1 :]:
            if west > east:
                break
            if abs(n - m) in (1, last):
                continue  # neighbours share an end
            if _meet(a, b, c, d):
                return True
    return False


def _folds(a: Position, b: Position, c: Position) -> bool:
    back = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0
    return back and _turn(a, b, c) == 0


def _meet(a: Position, b: Position, c: Position, d: Position) -> bool:
    sides = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    points = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _between(*point) for turn, point in zip(sides, points, strict=True))


def _turn(a: Position, b: Position, c: Position) -> int:
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (area > 0) - (area < 0)


def _between(a: Position, b: Position, c: Position) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


class CenterCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[CenterCode | None, Field(description="Given, or else assigned: the next of `county`")] = None
    county: CountyCode | None = None
    name_fa: Name
    name_en: Name | None = None
    area_class: AreaClass
    latitude: Latitude
    longitude: Longitude
    licence_reference: LicenceReference | None = None
    address: Address | None = None
    postal_code: PostalCode | None = None
    address_since: Annotated[Day | None, Field(description="Since when it is there; today when absent")] = None
    service_area: Polygon | None = None

    @model_validator(mode="after")
    def _code_or_county(self) -> Self:
        if (self.code is None) == (self.county is None):
            raise InvalidValue("code-or-county", fa="یا code یا county را بفرستید", en="give either code or county")
        return self

    @property
    def place(self) -> Jurisdiction:
        """Where it is to be: its code, or the county that will number it."""
        return Jurisdiction(self.code or self.county or "")


class CenterUpdate(BaseModel):
    """What is sent is changed; null empties what may be empty."""

    model_config = ConfigDict(extra="forbid")

    name_fa: Name = KEPT
    name_en: Name | None = None
    area_class: AreaClass = KEPT
    latitude: Latitude = KEPT
    longitude: Longitude = KEPT
    licence_reference: LicenceReference | None = None
    address: Address | None = None
    postal_code: PostalCode | None = None
    address_since: Annotated[
        Day | None, Field(description="With a new address or map point: since when; today when absent")
    ] = None
    service_area: Polygon | None = None


class CentersPlan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    centers: Annotated[list[CenterCreate], Field(min_length=1, max_length=500)]


class CenterReasoned(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason


class CenterOpen(BaseModel):
    model_config = ConfigDict(extra="forbid")

    opened_on: Annotated[Day | None, Field(description="Not after today, which it is when absent")] = None


class CentersOpen(CenterOpen):
    codes: Annotated[list[CenterCode], Field(min_length=1, max_length=500)]

    @field_validator("codes")
    @classmethod
    def _once_each(cls, codes: list[CenterCode]) -> list[CenterCode]:
        if len(set(codes)) != len(codes):
            raise InvalidValue("duplicate", fa="هر مرکز فقط یک بار می‌آید", en="name each center once")
        return codes


class CenterSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: CenterCode
    county: CountyCode
    version: int
    status: CenterStatus
    name_fa: str
    name_en: str | None
    area_class: AreaClass
    address: str | None
    postal_code: PostalCode | None
    latitude: float
    longitude: float
    opened_on: date | None
    closed_on: date | None


class CenterRead(CenterSummary):
    licence_reference: str | None
    service_area: Polygon | None


class CentersRead(BaseModel):
    operation_id: Annotated[UUID, Field(description="Stands with each center's transition")]
    centers: list[CenterRead]


class NearbyCenter(CenterSummary):
    distance_metres: Annotated[int, Field(description="Along the great circle, to the center's door")]


class CentersLocated(BaseModel):
    match: Annotated[
        Literal["service-area", "nearest"],
        Field(description="Whether the point lies in the service area of these centers, or they are only the nearest"),
    ]
    centers: list[NearbyCenter]


class CenterAddressRead(BaseModel):
    address: str | None
    postal_code: PostalCode | None
    latitude: float
    longitude: float
    valid_from: date
    valid_to: Annotated[date | None, Field(description="The day of the move; absent for where it is now")]


class CenterTransitionRead(BaseModel):
    id: UUID
    operation_id: UUID
    status_from: CenterStatus | None
    status_to: CenterStatus
    effective_on: date
    reason: str | None
    done_by: str
    done_at: AwareDatetime


class CenterFilters(ListQuery):
    jurisdiction: Annotated[Jurisdiction | None, Field(description="Only inside this province, county or center")] = (
        None
    )
    status: CenterStatus | None = None
    area_class: AreaClass | None = None
    q: Annotated[Name | None, Field(description="A part of either name")] = None


class HistoryFilters(ListQuery):
    pass


class LocateQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    latitude: Latitude
    longitude: Longitude
    limit: Annotated[int, Field(ge=1, le=20)] = 5
