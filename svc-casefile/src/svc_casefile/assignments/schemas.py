"""What the API says about workers, their loads, and the plans that give them files."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.chassis.pages import ListQuery
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import InvalidValue
from svc_casefile.households.schemas import Subject

MOST_FILES = 600
"""Of one command: what a center may have."""


class FileVersion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="As the caller has read it")]


class Assignment(BaseModel):
    """One worker for one file or many; all of them, or none."""

    model_config = ConfigDict(extra="forbid")

    worker: Annotated[Subject | None, Field(description="A social worker of the center; null: nobody for now")]
    files: Annotated[list[FileVersion], Field(min_length=1, max_length=MOST_FILES)]

    @model_validator(mode="after")
    def _each_file_once(self) -> Self:
        if len({file.id for file in self.files}) < len(self.files):
            raise InvalidValue("file-twice", fa="یک پرونده دو بار آمده است", en="the same file is listed twice")
        return self


class HandOver(BaseModel):
    """All the files that one worker has at a center go to another."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    center: Jurisdiction
    from_worker: Annotated[Subject, Field(description="Who need not be posted any more")]
    to_worker: Subject


class Assigned(BaseModel):
    """The files whose worker changed, as they now are; who had the worker already is not among them."""

    files: list[FileVersion]


class WorkerLoad(BaseModel):
    """A social worker of a center, or somebody who still has files there."""

    worker: str
    center: Jurisdiction
    posted: Annotated[bool, Field(description="Today; false: the files need another worker")]
    posted_from: date | None
    posted_to: Annotated[date | None, Field(description="The last day; open when absent")]
    files: Annotated[int, Field(description="Waiting, active and suspended files of the center")]
    maximum: Annotated[int | None, Field(description="By the rule in force today; null where there is none")]


class WorkerFilters(ListQuery):
    center: Annotated[Jurisdiction | None, Field(description="A place inside the caller's scope")] = None


class PlanStatus(StrEnum):
    PLANNED = "planned"
    APPLIED = "applied"
    DROPPED = "dropped"


class Reason(StrEnum):
    """Why a file goes to a worker, or to nobody."""

    NEAR_THEIR_FILES = "near-their-files"
    NEARER_WORKER_HAS_SHARE = "nearer-worker-has-their-share"
    NO_MAP_POINT = "no-map-point"
    NO_ROOM = "no-room"
    NO_WORKER = "no-worker"


class AssignmentPlanCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    center: Jurisdiction
    leaving: Annotated[
        list[Subject], Field(max_length=100, description="Workers whose files are to be given away as well")
    ] = []


class PlannedWorker(BaseModel):
    worker: str
    load_before: int
    load_after: int


class AssignmentPlanRead(BaseModel):
    id: UUID
    center: Jurisdiction
    version: int
    status: PlanStatus
    leaving: list[str]
    on: Annotated[date, Field(description="The day whose rule on files per worker the plan keeps to")]
    maximum: Annotated[int | None, Field(description="Files per worker on that day; null where no rule says")]
    files: Annotated[int, Field(description="Files that nobody had who is posted and stays")]
    placed: int
    unplaced: int
    workers: list[PlannedWorker]
    created_at: AwareDatetime
    created_by: str
    decided_at: AwareDatetime | None
    decided_by: str | None


class AssignmentPlanSummary(BaseModel):
    id: UUID
    center: Jurisdiction
    version: int
    status: PlanStatus
    files: int
    placed: int
    unplaced: int
    created_at: AwareDatetime
    created_by: str


class PlanFilters(ListQuery):
    status: PlanStatus | None = None


class PlannedFile(BaseModel):
    case_file_id: UUID
    number: Annotated[str | None, Field(description="None when the file has left the caller's scope")]
    worker: Annotated[str | None, Field(description="None: nobody has room")]
    metres: Annotated[int | None, Field(description="To the middle of the worker's files; None without a map point")]
    reason: Reason


class PlannedFileFilters(ListQuery):
    worker: Subject | None = None
