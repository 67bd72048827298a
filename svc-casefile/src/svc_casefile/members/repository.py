"""Writes of household members, and the question whether a person is free to join one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.identity import PersonIdentity
from shared.kit.ids import new_id
from shared.kit.problems import FieldError
from svc_casefile.members.errors import PersonAlreadyInCaseFile
from svc_casefile.members.models import Member, search_name, trigram_bits
from svc_casefile.members.schemas import MemberCreate, MemberUpdate

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


def new_row(body: MemberCreate, *, case_file_id: UUID, jurisdiction: str, now: datetime) -> dict[str, Any]:
    """A person who joins a household, by the columns of Member."""
    # not model_dump: what is nested is set apart below, and the rest are plain values
    row = (
        vars(body)
        | columns_of(body)
        | {
            "id": new_id(),
            "case_file_id": case_file_id,
            "jurisdiction": jurisdiction,
            "version": 1,
            "in_force": True,
            **named(body.given_name, body.family_name, body.father_name),
            "left_on": None,
            "left_reason": None,
            "created_at": now,
        }
    )
    del row["identity"], row["restricted"]
    return row


def columns_of(body: MemberCreate | MemberUpdate) -> dict[str, Any]:
    """What the body nests and the table does not: identity and restricted flags, where they were sent."""
    columns: dict[str, Any] = {}
    if "identity" in body.model_fields_set or isinstance(body, MemberCreate):
        columns["id_type"] = body.identity and body.identity.type
        columns["id_value"] = body.identity and body.identity.value
    if "restricted" in body.model_fields_set or isinstance(body, MemberCreate):
        columns |= vars(body.restricted)
    return columns


def named(given: str, family: str, father: str | None) -> dict[str, Any]:
    """The columns that a search by name goes by."""
    name = search_name(given, family, father)
    return {"name_search": name, "name_bits": trigram_bits(name)}


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
