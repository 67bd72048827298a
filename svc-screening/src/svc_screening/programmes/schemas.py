"""What the API says about programmes and their protocols."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.calendar import Day
from shared.kit.problems import InvalidValue
from shared.kit.text import PersianText
from svc_screening.decisions import SHAPE_OF, Instrument, Kind, Months, Rule, Stage
from svc_screening.programmes.models import ProtocolStatus, Standing

ProgrammeCode = Annotated[str, StringConstraints(pattern="^[a-z][a-z-]{1,39}$"), Field(examples=["vision"])]
RuleCode = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{1,39}$")]
Figures = dict[str, Annotated[int, Field(ge=0, le=100_000)]]


class RuleRead(Rule):
    model_config = ConfigDict(extra="ignore", frozen=True)

    standing: Annotated[Standing, Field(description="`proposed`: it decides nothing until somebody signs it off")]
    source: str
    proposed_by: str
    proposed_at: AwareDatetime
    signed_off_by: str | None
    signed_off_at: AwareDatetime | None


class ProtocolRead(BaseModel):
    id: UUID
    programme: ProgrammeCode
    number: int
    version: int
    status: ProtocolStatus
    valid_from: Annotated[date, Field(description="In force from here until the next version that is signed off")]
    from_months: Annotated[int | None, Field(description="Who is due, by age in whole months: from here")]
    to_months: Annotated[int | None, Field(description="Below this age")]
    stages: list[Stage]
    instruments: list[Instrument]
    rules: list[RuleRead]
    source: str
    drafted_by: str
    drafted_at: AwareDatetime
    signed_off_by: str | None
    signed_off_at: AwareDatetime | None


class ProgrammeRead(BaseModel):
    code: ProgrammeCode
    name_fa: str
    name_en: str
    sensitive: Annotated[bool, Field(description="Its results are never announced")]
    sealed: Annotated[bool, Field(description="It is recorded in a place of its own, with a permission of its own")]
    protocol: Annotated[ProtocolRead | None, Field(description="In force today")]


class ProgrammeList(BaseModel):
    items: list[ProgrammeRead]


class RuleCreate(Rule):
    source: PersianText


class ProtocolCreate(BaseModel):
    """The next version, whole. A rule that says what one in force says keeps its standing; another is a proposal."""

    model_config = ConfigDict(extra="forbid")

    valid_from: Day
    from_months: Months | None = None
    to_months: Months | None = None
    stages: Annotated[list[Stage], Field(min_length=1, max_length=10)]
    instruments: Annotated[list[Instrument], Field(min_length=1, max_length=20)]
    rules: Annotated[list[RuleCreate], Field(min_length=1, max_length=50)]
    source: PersianText

    @model_validator(mode="after")
    def _of_one_piece(self) -> Self:
        stages, instruments = {each.code for each in self.stages}, {each.code for each in self.instruments}
        shapes = {each.shape for each in self.instruments}
        if len(stages) < len(self.stages) or len(instruments) < len(self.instruments):
            raise _unclear()
        if len({rule.code for rule in self.rules}) < len(self.rules):
            raise _unclear()
        for stage in self.stages:
            if not (
                {stage.then, stage.repeats} - {None} <= stages - {stage.code} and {*stage.instruments} <= instruments
            ):
                raise _unclear()
        for rule in self.rules:
            known = {*rule.stages} <= stages or rule.kind == Kind.DONE_BEFORE
            if not (
                known
                and {*rule.instruments} <= instruments
                and (rule.kind not in SHAPE_OF or SHAPE_OF[rule.kind] in shapes)
            ):
                raise _unclear()
        if self.from_months is not None and self.to_months is not None and self.to_months <= self.from_months:
            raise InvalidValue("ages-out-of-order", fa="سن‌ها به ترتیب نیست", en="the ages are out of order")
        return self


def _unclear() -> InvalidValue:
    return InvalidValue(
        "codes-do-not-agree",
        fa="هر گام، ابزار و قاعده یک بار، و تنها با کدهای همین نسخه می‌آید",
        en="each stage, instrument and rule comes once, and names only stages and instruments of this version",
    )


class RuleProposal(BaseModel):
    """What a rule that decides nothing yet should say."""

    model_config = ConfigDict(extra="forbid")

    figures: Figures
    from_months: Months | None = None
    to_months: Months | None = None
    source: PersianText


class ProtocolFilters(ListQuery):
    pass
