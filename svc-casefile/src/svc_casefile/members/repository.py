"""Writes of household members, and the question whether a person is free to join one."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.identity import PersonIdentity
from shared.kit.problems import FieldError
from svc_casefile.members.errors import PersonAlreadyInCaseFile
from svc_casefile.members.models import Member

_HOLDERS = """
    SELECT taken.position, f.id, f.number FROM identities_in_use($1, $2) AS taken(position)
    LEFT JOIN (member m JOIN case_file f ON f.id = m.case_file_id)
        ON m.id_type = ($1::text[])[taken.position] AND m.id_value = ($2::text[])[taken.position] AND m.in_force
    ORDER BY taken.position
"""


async def refuse_taken(connection: asyncpg.Connection, persons: Sequence[tuple[str, PersonIdentity]]) -> None:
    """Raise PersonAlreadyInCaseFile when one of `persons` (JSON Pointer, identity) is in an open file.

    Of a file outside the scope nothing is told but that there is one.
    """
    holders = await connection.fetch(
        _HOLDERS, [identity.type for _, identity in persons], [identity.value for _, identity in persons]
    )
    if holders:
        raise already_in_case_file(
            [persons[row["position"] - 1][0] for row in holders],
            case_files=[
                {"pointer": persons[row["position"] - 1][0], "id": str(row["id"]), "number": row["number"]}
                for row in holders
                if row["id"] is not None
            ],
        )


def already_in_case_file(
    pointers: Sequence[str], *, case_files: Sequence[dict[str, str]] = ()
) -> PersonAlreadyInCaseFile:
    problem = PersonAlreadyInCaseFile
    return problem(
        errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title) for pointer in pointers],
        case_files=list(case_files),
    )


async def find(command: Command, case_file_id: UUID, member_id: UUID) -> Member | None:
    """A present member of a household whose file is locked already."""
    statement = select(Member).where(
        Member.id == member_id, Member.case_file_id == case_file_id, col(Member.left_on).is_(None)
    )
    return (await command.session.exec(statement)).one_or_none()


async def head(command: Command, case_file_id: UUID) -> Member:
    statement = select(Member).where(
        Member.case_file_id == case_file_id, Member.relation == "head", col(Member.left_on).is_(None)
    )
    return (await command.session.exec(statement)).one()


async def save(command: Command, member: Member, *, pointer: str) -> None:
    """Send a new or changed member. Raises PersonAlreadyInCaseFile when somebody was faster with the same person."""
    command.session.add(member)
    try:
        await command.session.flush()
    except IntegrityError as error:
        if "uq_member_identity" in str(error.orig):
            raise already_in_case_file([pointer]) from error
        raise
