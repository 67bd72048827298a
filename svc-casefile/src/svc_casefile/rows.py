"""A new household as the rows of its file and its members, whether it was opened or imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError
from svc_casefile.households.errors import ActiveOnlyAtCenter
from svc_casefile.households.schemas import CaseFileCreate, CaseFileStatus
from svc_casefile.members.schemas import MemberCreate, MemberUpdate
from svc_casefile.names import search_name, trigram_bits


@dataclass(frozen=True, slots=True)
class NewCaseFile:
    """A household as its rows will be; only the number is still to come."""

    file: Mapping[str, Any]
    """By the columns of CaseFile, but `number`."""
    members: Sequence[Mapping[str, Any]]
    """By the columns of Member."""


def new_case_file(body: CaseFileCreate, *, jurisdiction: Jurisdiction, opened_by: str, now: datetime) -> NewCaseFile:
    """The rows of a file that is opened at `jurisdiction`, a county or a center, by a subject.

    Raises ActiveOnlyAtCenter.
    """
    at_center = jurisdiction.level == Level.CENTER
    status = body.status or (CaseFileStatus.ACTIVE if at_center else CaseFileStatus.WAITING)
    if status == CaseFileStatus.ACTIVE and not at_center:
        problem = ActiveOnlyAtCenter
        raise problem(errors=[FieldError(pointer="/status", code=problem.code, message=problem.title)])
    file_id, code = new_id(), jurisdiction.code
    file = _values(body) | {
        "id": file_id,
        "version": 1,
        "status": str(status),
        "status_reason": None,
        "status_since": now,
        "jurisdiction": code,
        "member_count": len(body.members),
        "opened_on": body.opened_on or today(),
        "income_sources": [str(source) for source in body.income_sources],
        "support_bodies": [str(support) for support in body.support_bodies],
        "closed_on": None,
        "legacy_province": code[:2],
        "created_at": now,
        "created_by": opened_by,
        "updated_at": now,
        "updated_by": opened_by,
    }
    del file["members"]
    members = [new_member(each, case_file_id=file_id, jurisdiction=code, now=now) for each in body.members]
    return NewCaseFile(file=file, members=members)


def new_member(body: MemberCreate, *, case_file_id: UUID, jurisdiction: str, now: datetime) -> dict[str, Any]:
    """A person who joins a household, by the columns of Member."""
    row = (
        _values(body)
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
        columns["id_type"] = body.identity and str(body.identity.type)
        columns["id_value"] = body.identity and body.identity.value
    if "restricted" in body.model_fields_set or isinstance(body, MemberCreate):
        columns |= vars(body.restricted)
    return columns


def named(given: str, family: str, father: str | None) -> dict[str, Any]:
    """The columns that a search by name goes by."""
    name = search_name(given, family, father)
    return {"name_search": name, "name_bits": trigram_bits(name)}


def _values(body: BaseModel) -> dict[str, Any]:
    """The fields as columns hold them; what is nested stays as it is."""
    # not StrEnum itself: of each one, writing it as JSON would take longer than all that is done here
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in vars(body).items()}
