"""Writing what happened into a household's timeline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json, to_jsonable_python

from shared.chassis.database import Command
from shared.kit.ids import new_id
from svc_casefile.households.models import CaseFile
from svc_casefile.timeline.models import TimelineEntry


def happened(
    command: Command,
    file: CaseFile,
    *,
    kind: str,
    ref: UUID | None = None,
    about: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Add a line to the file's timeline; `at` is when it happened, if not now.

    `about` is shown to everybody who may read the file, and takes no names and no free text.
    """
    command.session.add(
        TimelineEntry(
            case_file_id=file.id,
            at=at or command.now,
            id=new_id(),
            jurisdiction=file.jurisdiction,
            kind=kind,
            ref=ref,
            about=to_jsonable_python(about or {}),
            actor=command.actor.subject,
            recorded_at=command.now,
        )
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What `happened`, to one of many files."""

    case_file_id: UUID
    jurisdiction: str
    kind: str
    at: datetime
    ref: UUID | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


async def happened_to_many(command: Command, lines: Iterable[Line]) -> None:
    """Add a line to the timelines of many files, in one statement."""
    await command.connection.execute(
        "INSERT INTO timeline_entry (case_file_id, at, id, jurisdiction, kind, ref, about, actor, recorded_at)"
        " SELECT case_file_id, at, id, jurisdiction, kind, ref, about, $2, $3"
        " FROM json_populate_recordset(NULL::timeline_entry, $1::json)",
        to_json(
            [
                {
                    "case_file_id": line.case_file_id,
                    "at": line.at,
                    "id": new_id(),
                    "jurisdiction": line.jurisdiction,
                    "kind": line.kind,
                    "ref": line.ref,
                    "about": line.about,
                }
                for line in lines
            ]
        ).decode(),
        command.actor.subject,
        command.now,
    )
