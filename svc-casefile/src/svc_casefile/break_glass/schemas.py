"""What the API says about reading a file of elsewhere in an emergency."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.identity import IdType, PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from shared.kit.text import normalise
from svc_casefile.households.schemas import CaseFileNumber
from svc_casefile.members.schemas import PastDate

Reason = Annotated[
    str,
    BeforeValidator(lambda value: normalise(value) if isinstance(value, str) else value),
    StringConstraints(min_length=10, max_length=500),
]
"""A sentence: long enough to say something, read by the file's own center and by those who audit."""


class BreakGlassCreate(BaseModel):
    """Who stands before you: the identity of one member, and one thing more that you cannot know by guessing."""

    model_config = ConfigDict(extra="forbid")

    identity: Annotated[PersonIdentity, Field(description="Of any present member; not a temporary one")]
    birth_date: Annotated[PastDate | None, Field(description="Of the same member")] = None
    number: Annotated[CaseFileNumber | None, Field(description="Of the file")] = None
    reason: Annotated[Reason, Field(examples=["زن باردار با خون‌ریزی، بیمارستان پرونده را لازم دارد"])]

    @model_validator(mode="after")
    def _known_by_more_than_a_number(self) -> Self:
        if self.identity.type == IdType.TEMPORARY:
            raise InvalidValue(
                "temporary-identity",
                fa="شناسهٔ موقت در کشور یکتا نیست",
                en="a temporary id may stand for several persons in the country",
            )
        if self.birth_date is None and self.number is None:
            raise InvalidValue(
                "proof-missing",
                fa="تاریخ تولد همان شخص یا شمارهٔ پرونده لازم است",
                en="the birth date of the person or the number of the file is needed as well",
            )
        return self


class BreakGlassRead(BaseModel):
    """One file, open to one person for some hours."""

    id: UUID
    case_file_id: UUID
    jurisdiction: Annotated[Jurisdiction, Field(description="Where the file was when it was opened")]
    version: int
    actor: Annotated[str, Field(description="OIDC subject of who may read")]
    opened_from: Annotated[Jurisdiction, Field(description="Where they acted, and have to act when reading")]
    reason: str
    opened_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None
    revoked_by: str | None


class BreakGlassFilters(ListQuery):
    case_file_id: UUID | None = None
    actor: Annotated[str | None, Field(min_length=1, max_length=255, description="OIDC subject")] = None
    mine: Annotated[bool, Field(description="What was opened for the caller, instead of files in the scope")] = False
