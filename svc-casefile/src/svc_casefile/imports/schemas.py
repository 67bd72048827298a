"""What the API says about imports."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.households.schemas import CaseFileCreate, LegacyText, half_a_legacy_reference


class ImportStatus(StrEnum):
    RECEIVING = "receiving"
    PROCESSING = "processing"
    DONE = "done"
    INCOMPLETE = "incomplete"


class ImportSource(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Annotated[
        LegacyText, Field(description="The system that the file comes from; its numbers are unique there")
    ]


class CaseFileLine(CaseFileCreate):
    """A line of an import: as a file is opened, but its `legacy_source` is the import's when it names none.

    Validate with the import's source as context.
    """

    @model_validator(mode="after")
    def _legacy_reference_is_whole(self, info: ValidationInfo) -> Self:
        if self.legacy_number is None and self.legacy_source is not None:
            raise half_a_legacy_reference()
        if self.legacy_number is not None and self.legacy_source is None:
            self.legacy_source = info.context
        return self


class ImportRead(BaseModel):
    id: UUID
    jurisdiction: Annotated[
        Jurisdiction, Field(description="The scope in which it was sent; its lines have to be inside")
    ]
    source: str
    status: Annotated[
        ImportStatus,
        Field(
            description="`done`: every line was dealt with. `incomplete`: the upload was cut; what came whole was dealt"
            " with. Send the file again under a new key: what has landed counts as unchanged."
        ),
    ]
    lines: Annotated[int, Field(description="Lines that have come in so far, blank ones not counted")]
    landed: Annotated[int, Field(description="Lines that became case files")]
    unchanged: Annotated[int, Field(description="Lines that had been taken in before")]
    refused: Annotated[int, Field(description="Lines with errors")]
    progress: Annotated[float, Field(ge=0, le=1, description="The part of `lines` that was dealt with")]
    created_at: AwareDatetime
    created_by: str
    finished_at: Annotated[AwareDatetime | None, Field(description="When the last line was dealt with")]


class ImportFilters(ListQuery):
    pass


class ErrorFilters(ListQuery):
    pass


class LineErrorRead(BaseModel):
    line: Annotated[int, Field(description="Counted from 1, blank lines included")]
    pointer: Annotated[str, Field(description="JSON Pointer into the line; empty for the line as a whole")]
    code: str
    message: dict[str, str]
    case_file_id: Annotated[UUID | None, Field(description="The other file, when it is inside the caller's scope")]
