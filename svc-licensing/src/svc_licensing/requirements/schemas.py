"""What the API says about requirements."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.problems import InvalidValue
from shared.kit.text import Name, PersianText
from svc_licensing.requirements.models import Standing
from svc_licensing.rules import FIGURES, About, Act, Kind, LicenceKind

Clause = Annotated[int, Field(ge=1, le=13, description="Of the 13 clauses of Article 26; 4 is that of our centers")]
RequirementCode = Annotated[str, Field(pattern="^[a-z][a-z-]{1,39}$", examples=["no-criminal-record"])]
Figures = Annotated[
    dict[str, Annotated[int, Field(ge=0, le=10**13)]],
    Field(description="Months, working days, rials: which ones, the kind says", examples=[{"months": 36}]),
]


def check_figures(kind: Kind, figures: dict[str, int]) -> None:
    """Raises InvalidValue for what is no figure of the kind, or lacks one."""
    needed, possible = FIGURES[kind]
    if not needed <= figures.keys() <= needed | possible:
        named = ", ".join(sorted(needed | possible)) or "none"
        raise InvalidValue(
            "figures", fa=f"رقم‌های این نوع شرط: {named}", en=f"the figures of this kind of requirement are: {named}"
        )


class RequirementCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    licence: LicenceKind
    act: Annotated[Act | None, Field(description="Absent: for every act")] = None
    clause_from: Clause
    clause_to: Annotated[Clause | None, Field(description="The last one; absent: for `clause_from` alone")] = None
    kind: Kind
    code: RequirementCode
    about: About | None = None
    name_fa: Name
    name_en: Name
    figures: Figures | None = None
    valid_from: Day
    source: PersianText

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.clause_to is not None and self.clause_to < self.clause_from:
            raise InvalidValue("clauses-out-of-order", fa="بندها به ترتیب نیست", en="the clauses are out of order")
        if (self.about is not None) != (self.kind in {Kind.DOCUMENT, Kind.INQUIRY}):
            raise InvalidValue(
                "about",
                fa="مدرک و استعلام دربارهٔ کسی یا چیزی است و دیگر شرط‌ها نیست",
                en="a document or an inquiry is about somebody or something, and no other requirement is",
            )
        if self.figures is not None:
            check_figures(self.kind, self.figures)
        return self


class RequirementProposal(BaseModel):
    """The figures of a requirement that nobody vouches for yet."""

    model_config = ConfigDict(extra="forbid")

    figures: Figures
    source: PersianText


class RequirementEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    valid_to: Annotated[Day, Field(description="The first day on which it holds no more")]


class RequirementRead(BaseModel):
    id: UUID
    version: int
    licence: LicenceKind
    act: Act | None
    clause_from: Clause
    clause_to: Clause
    kind: Kind
    code: RequirementCode
    about: About | None
    name_fa: str
    name_en: str
    figures: Figures | None
    valid_from: date
    valid_to: date | None
    standing: Standing
    source: str
    proposed_by: str
    proposed_at: AwareDatetime
    signed_off_by: str | None
    signed_off_at: AwareDatetime | None


class RequirementFilters(ListQuery):
    licence: LicenceKind | None = None
    act: Annotated[Act | None, Field(description="Those of this act, and those of every act")] = None
    clause: Clause | None = None
    kind: Kind | None = None
    standing: Standing | None = None
    on: Annotated[Day | None, Field(description="Only those whose days include this one")] = None
