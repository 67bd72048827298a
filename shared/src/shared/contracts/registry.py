"""What registry publishes: the life of centers, who is posted where, and the rules in force."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from shared.contracts.events import Event
from shared.contracts.roles import PublishedRole
from shared.kit.jurisdiction import Jurisdiction

AreaClass = Literal["urban", "rural", "hard-to-reach"]
CenterStatus = Literal["planned", "ready", "open", "suspended", "closed"]


class CenterState(Event):
    """A center as it is after the fact; a consumer keeps the state with the highest version."""

    identified_by = "code"

    code: str = Field(pattern="^[0-9]{7}$", description="Province (2), county (2), serial (3); also its jurisdiction")
    version: int
    name_fa: str
    name_en: str | None = None
    status: CenterStatus
    area_class: AreaClass
    latitude: float
    longitude: float
    opened_on: date | None = None
    service_area: dict[str, JsonValue] | None = Field(default=None, description="A GeoJSON Polygon or MultiPolygon")


class CenterPlannedV1(CenterState, owner="registry", aggregate="center", fact="planned", version=1):
    """A center was given its code and place."""


class CenterReadiedV1(CenterState, owner="registry", aggregate="center", fact="readied", version=1):
    """A center has its premises and people and can open."""


class CenterOpenedV1(CenterState, owner="registry", aggregate="center", fact="opened", version=1):
    """A center opened, or opened again after a suspension; it may be given case files."""


class CenterSuspendedV1(CenterState, owner="registry", aggregate="center", fact="suspended", version=1):
    """A center stopped for a time; it keeps its case files and is given no more."""


class CenterClosedV1(CenterState, owner="registry", aggregate="center", fact="closed", version=1):
    """A center closed for good."""


class CenterChangedV1(CenterState, owner="registry", aggregate="center", fact="changed", version=1):
    """Something about a center changed other than its status: name, place, area."""


class PostingState(Event):
    """Who holds which role where; the last day counts as well."""

    identified_by = "posting_id"

    posting_id: UUID
    version: int
    person: str = Field(description="The OIDC subject of the person")
    role: PublishedRole
    valid_from: date
    valid_to: date | None = None
    granted_by: str


class PostingGrantedV1(PostingState, owner="registry", aggregate="posting", fact="granted", version=1):
    """A person was given a role in a jurisdiction."""


class PostingEndedV1(PostingState, owner="registry", aggregate="posting", fact="ended", version=1):
    """A person's posting ended; it grants nothing from this moment."""


class ParameterSetV1(Event, owner="registry", aggregate="parameter", fact="set", version=1):
    """A dated rule of operation was set for a jurisdiction and all within it; the last day counts as well."""

    identified_by = "parameter_id"

    parameter_id: UUID
    version: int = Field(default=1, description="Counts up with every correction; keep the highest")
    name: str
    value: int
    valid_from: date
    valid_to: date | None = None


class TariffSignedOffV1(Event, owner="registry", aggregate="tariff", fact="signed-off", version=1):
    """A tariff was signed off: from now on it counts in its period, the last day included."""

    identified_by = "tariff_id"

    tariff_id: UUID
    version: int = Field(default=1, description="Counts up when its last day changes; keep the highest")
    service_code: str
    area_class: AreaClass
    valid_from: date
    valid_to: date | None = None
    amount_rials: int


class CatalogueServiceChangedV1(Event, owner="registry", aggregate="catalogue-service", fact="changed", version=1):
    """A service of the national catalogue was added or changed; it is active to its last day, that day included."""

    identified_by = "code"

    code: str
    version: int
    name_fa: str
    name_en: str
    domain: str
    active_from: date
    active_to: date | None = None
    jurisdiction: Jurisdiction = Field(default=Jurisdiction("IR"), description="Always the nation")
