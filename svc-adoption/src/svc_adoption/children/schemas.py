"""What the API says about children who may be placed."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.chassis.pages import ListQuery
from shared.kit.calendar import JalaliMonth
from shared.kit.identity import PersonIdentity
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import Name, PersianText
from svc_adoption.days import LikelyDay


class ChildState(StrEnum):
    """`proposed`: to a family, undecided. `matched`: decided, not with the family yet. `trial`: lives there."""

    ELIGIBLE = "eligible"
    PROPOSED = "proposed"
    MATCHED = "matched"
    TRIAL = "trial"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """Article 8, one by one."""

    PARENTS_UNKNOWN = "parents-unknown"
    ORPHANED = "orphaned"
    UNCLAIMED = "unclaimed"
    JUDGED_UNFIT = "judged-unfit"


class Evidence(BaseModel):
    """What the basis is known from."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[Name, Field(description="Of the court's order or the registry's answer")]
    issued_on: LikelyDay


class ChildCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    jurisdiction: Annotated[Jurisdiction | None, Field(description="A county; absent: the caller's own scope")] = None
    sex: Literal["girl", "boy"]
    birth_date: Annotated[LikelyDay, Field(description="Estimated by forensic medicine where nobody knows it")]
    health: Literal["healthy", "treatable", "lasting"]
    basis: Basis
    in_care_since: LikelyDay
    evidence: Evidence
    given_name: Name | None = None
    family_name: Name | None = None
    identity: PersonIdentity | None = None
    religion: Annotated[
        Literal["islam", "zoroastrianism", "judaism", "christianity"] | None, Field(description="Absent: unknown")
    ] = None
    care_home: Annotated[Name | None, Field(description="Where the child lives")] = None
    health_notes: PersianText | None = None
    sibling_of: Annotated[UUID | None, Field(description="A child registered here, from whom not to part")] = None


class Kept(BaseModel):
    """What is sealed of a child."""

    birth_date: date
    basis: Basis
    in_care_since: date
    evidence: Evidence
    given_name: str | None
    family_name: str | None
    identity: PersonIdentity | None
    religion: str | None
    care_home: str | None
    health_notes: str | None
    withdrawn_because: str | None = None


class ChildSummary(BaseModel):
    """What thousands share, and a state."""

    id: UUID
    version: int
    jurisdiction: Jurisdiction
    state: ChildState
    sex: Literal["girl", "boy"]
    born_in: Annotated[JalaliMonth, Field(description="The Jalali month of birth")]
    health: Literal["healthy", "treatable", "lasting"]
    together: Annotated[int, Field(description="Brothers and sisters who stay together, this one included")]
    siblings_id: UUID | None


class ChildRead(ChildSummary, Kept):
    registered_at: AwareDatetime
    registered_by: str


class ChildFilters(ListQuery):
    state: ChildState | None = None


class ChildWithdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[PersianText, Field(description="Such as a relative who came for the child")]
