"""Writing what happened into a household's timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

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
