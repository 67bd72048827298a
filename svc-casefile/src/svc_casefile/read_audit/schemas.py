"""What the API says about who read personal files."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from shared.chassis.pages import ListQuery
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction

_Day = Annotated[date, Field(ge=date(2020, 1, 1), le=date(2199, 12, 31))]


class PersonalReadFilters(ListQuery):
    case_file_id: UUID | None = None
    reader: Annotated[str | None, Field(min_length=1, max_length=255, description="OIDC subject")] = None
    reader_scope: Annotated[Jurisdiction | None, Field(description="Who acted there, or anywhere within")] = None
    jurisdiction: Annotated[Jurisdiction | None, Field(description="A narrower place inside the scope")] = None
    since: Annotated[_Day | None, Field(description="The first day that counts, in Iran")] = None
    until: Annotated[_Day | None, Field(description="The last day that counts, in Iran")] = None


class PersonalRead(BaseModel):
    """One request for a personal file, or for several (a list, a search, an export)."""

    id: UUID
    at: AwareDatetime
    jurisdiction: Annotated[
        Jurisdiction, Field(description="Where the file was then; where the reader acted, when it was not about one")
    ]
    case_file_id: UUID | None
    reader: Annotated[str, Field(description="OIDC subject")]
    roles: list[Role]
    reader_scope: Annotated[Jurisdiction, Field(description="From where")]
    operation: Annotated[str, Field(description="operationId")]
    resource: str
    status: Annotated[int, Field(description="Of the answer: 404 is an attempt that found nothing")]
    request_id: str
    purpose: Annotated[str | None, Field(description="Why, as the reader said it in X-Purpose")]
    reason: Annotated[str | None, Field(description="Why, as written when the file was opened in an emergency")]
    break_glass_id: UUID | None
