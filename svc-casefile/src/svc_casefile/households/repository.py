"""Writes of case files: many new ones in one statement, and changes of one through SQLModel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import inspect, update
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_casefile.db import metadata
from svc_casefile.households.models import CaseFile, CaseFileHistory
from svc_casefile.households.schemas import CaseFileRead, CaseFileUpdate
from svc_casefile.members.models import ONE_FILE_PER_PERSON, Member
from svc_casefile.rows import NewCaseFile


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding files. A file without a number was there already, by its reference of an older system."""

    numbers: Mapping[str, str]
    """Of the files added, by id."""
    members: frozenset[str]
    """Of their members, those added; who is missing is in another file that is open."""


@dataclass(frozen=True, slots=True)
class ChangedCaseFile:
    """A file as a change leaves it."""

    id: UUID
    version: int
    """The next one, which this change makes."""
    jurisdiction: str
    values: Mapping[str, Any]
    """All that can be changed, changed or not, by the fields of CaseFileUpdate."""
    changes: Mapping[str, tuple[object, object]]


_FILE = ", ".join(column.name for column in metadata.tables["case_file"].columns if column.name != "number")
_TOLD = CaseFileRead.model_fields.keys() - {
    "version", "status_since", "member_count", "members", "updated_at", "updated_by"
}  # fmt: skip
_MEMBER = ", ".join(column.name for column in metadata.tables["member"].columns)
# as bytes: the driver would decode and encode them
_FILES = f"""
    INSERT INTO case_file ({_FILE})
    SELECT {_FILE} FROM json_populate_recordset(NULL::case_file, convert_from($1::bytea, 'UTF8')::json)"""
_MEMBERS = f"""
    INSERT INTO member ({_MEMBER})
    SELECT {_MEMBER} FROM json_populate_recordset(NULL::member, convert_from($2::bytea, 'UTF8')::json)"""
_ADDED = "RETURNING id, number, version, jurisdiction, created_at, created_by"
_HISTORY = """
    INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, changes)
    SELECT id, version, jurisdiction, created_at, created_by, 'opened', '{}' FROM files
"""
_ADD = f"""
    WITH files AS (
        {_FILES}
        ON CONFLICT (legacy_province, legacy_source, legacy_number) WHERE legacy_number IS NOT NULL DO NOTHING
        {_ADDED}
    ), members AS (
        {_MEMBERS} WHERE case_file_id IN (SELECT id FROM files)
        ON CONFLICT (id_type, id_value) WHERE {ONE_FILE_PER_PERSON} DO NOTHING
        RETURNING id
    ), history AS ({_HISTORY})
    SELECT id::text, number FROM files UNION ALL SELECT id::text, NULL FROM members
"""
_ADD_UNOPPOSED = f"""
    WITH files AS ({_FILES} {_ADDED}), members AS ({_MEMBERS}), history AS ({_HISTORY})
    SELECT id::text, number FROM files
"""


async def add(connection: asyncpg.Connection, files: Sequence[NewCaseFile]) -> Added:
    """Insert files with their members and the first entry of their history, in one statement.

    Nothing is raised for what exists already: the caller looks at what is missing from the answer, and rolls back
    or removes what is only half there.
    """
    return await add_rows(
        connection,
        files=[to_json(new.file) for new in files],
        members=[to_json(member) for new in files for member in new.members],
    )


async def add_rows(connection: asyncpg.Connection, *, files: Sequence[bytes], members: Sequence[bytes]) -> Added:
    """`add` for rows that are JSON already; a column that a row leaves out is null."""
    rows = await connection.fetch(_ADD, _array(files), _array(members))
    return Added(
        numbers={row["id"]: row["number"] for row in rows if row["number"] is not None},
        members=frozenset(row["id"] for row in rows if row["number"] is None),
    )


def _array(rows: Sequence[bytes]) -> bytes:
    return b"[%b]" % b",".join(rows)


async def add_rows_unopposed(
    connection: asyncpg.Connection, *, files: Sequence[bytes], members: Sequence[bytes]
) -> Mapping[str, str] | None:
    """`add_rows` where nobody is expected to have been faster, for an eighth less work; answers with the numbers by id.

    None when somebody was: then nothing was added, and the transaction has to go back to a savepoint.
    """
    try:
        rows = await connection.fetch(_ADD_UNOPPOSED, _array(files), _array(members))
    except asyncpg.UniqueViolationError:
        return None
    return {row["id"]: row["number"] for row in rows}


async def refresh_statistics(command: Command) -> None:
    """Let the planner know how many files there are now, and where; what it has not counted it takes for a handful.

    To be called after many have come or moved at once: the server itself looks once a minute. A table that somebody
    else is counting or cleaning is passed over.
    """
    await command.connection.execute("SELECT refresh_statistics()")


async def locked(command: Command, case_file_id: UUID) -> CaseFile:
    """The file, to be changed: nobody else can until the transaction ends.

    Raises NotFound when it is not in the scope.
    """
    scope_from, scope_to = command.scope_range
    statement = (
        select(CaseFile)
        .where(CaseFile.id == case_file_id, CaseFile.jurisdiction >= scope_from, CaseFile.jurisdiction < scope_to)
        .with_for_update()
    )
    file = (await command.session.exec(statement)).one_or_none()
    if file is None:
        raise NotFound
    return file


async def locked_many(command: Command, case_file_ids: Sequence[UUID]) -> list[CaseFile]:
    """Those of the files that are in the scope, as `locked`, always in the same order: none waits for the other."""
    scope_from, scope_to = command.scope_range
    statement = (
        select(CaseFile)
        .where(
            col(CaseFile.id).in_(case_file_ids), CaseFile.jurisdiction >= scope_from, CaseFile.jurisdiction < scope_to
        )
        .order_by(col(CaseFile.id))
        .with_for_update()
    )
    return list(await command.session.exec(statement))


def next_version(
    command: Command,
    file: CaseFile,
    *,
    action: str,
    changes: Mapping[str, tuple[object, object]],
    member_id: UUID | None = None,
    note: str | None = None,
) -> None:
    """Count the file's version on, and keep who made it and how.

    Raises ValueError when something of the file that is shown was changed and `changes` does not say so: a past version
    could no longer be read.
    """
    unsaid = {
        name
        for name, before in inspect(file).committed_state.items()
        if name in _TOLD and name not in changes and getattr(file, name) != before
    }
    if unsaid:
        raise ValueError(f"the history would not tell of {', '.join(sorted(unsaid))}")
    file.version += 1
    file.updated_at, file.updated_by = command.now, command.actor.subject
    command.session.add(
        CaseFileHistory(
            case_file_id=file.id,
            version=file.version,
            jurisdiction=file.jurisdiction,
            at=command.now,
            actor=command.actor.subject,
            action=action,
            member_id=member_id,
            changes=to_jsonable_python(changes),
            note=note,
        )
    )


_CHANGEABLE = [*CaseFileUpdate.model_fields]
_CHANGE_MANY = f"""
    WITH history AS (
        INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, changes)
        SELECT case_file_id, version, jurisdiction, $2, $3, $4, changes
          FROM json_populate_recordset(NULL::case_file_history, $5::json)
    )
    UPDATE case_file AS file
       SET {", ".join(f"{name} = changed.{name}" for name in _CHANGEABLE)},
           version = changed.version, updated_at = $2, updated_by = $3
      FROM json_populate_recordset(NULL::case_file, $1::json) AS changed
     WHERE file.id = changed.id
"""


async def change_many(command: Command, files: Sequence[ChangedCaseFile], *, action: str) -> None:
    """Write the next version of each file, which the caller holds locked, and how it came about."""
    await command.connection.execute(
        _CHANGE_MANY,
        to_json([{"id": file.id, "version": file.version, **file.values} for file in files]).decode(),
        command.now,
        command.actor.subject,
        action,
        to_json(
            [
                {
                    "case_file_id": file.id,
                    "version": file.version,
                    "jurisdiction": file.jurisdiction,
                    "changes": file.changes,
                }
                for file in files
            ]
        ).decode(),
    )


async def release_members(command: Command, file: CaseFile) -> None:
    """The members of a file that is closed may be taken into another household's."""
    await command.session.exec(
        update(Member).where(col(Member.case_file_id) == file.id, col(Member.in_force)).values(in_force=False)
    )
