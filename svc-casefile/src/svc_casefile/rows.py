"""A new household as the rows of its file and its members, whether it was opened or imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from shared.kit.calendar import today
from shared.kit.ids import new_id_text
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError
from svc_casefile.households.errors import ActiveOnlyAtCenter
from svc_casefile.households.schemas import CaseFileCreate, CaseFileStatus
from svc_casefile.members.schemas import MemberUpdate, Restricted
from svc_casefile.names import compared_by


@dataclass(frozen=True, slots=True)
class NewCaseFile:
    """A household as its rows will be, as JSON has them; only the number is still to come. What is unknown is left
    out."""

    file: Mapping[str, Any]
    """By the columns of CaseFile, but `number`."""
    members: Sequence[Mapping[str, Any]]
    """By the columns of Member."""


_UNSAID: Final[Mapping[str, Any]] = {
    name: field.default
    for name, field in CaseFileCreate.model_fields.items()
    if not field.is_required() and field.default is not None
}
_UNRESTRICTED: Final[Mapping[str, bool]] = vars(Restricted())


def said(body: BaseModel) -> dict[str, Any]:
    """What a body says, as JSON has it: nothing that it leaves out, so that fields of later releases change nothing."""
    return body.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def new_case_file(
    household: Mapping[str, Any], *, jurisdiction: Jurisdiction, opened_by: str, now: datetime
) -> NewCaseFile:
    """The rows of a file that is opened at `jurisdiction`, a county or a center, by a subject; `household` is what a
    CaseFileCreate `said`.

    Raises ActiveOnlyAtCenter.
    """
    at_center = jurisdiction.level == Level.CENTER
    status = household.get("status") or str(CaseFileStatus.ACTIVE if at_center else CaseFileStatus.WAITING)
    if status == CaseFileStatus.ACTIVE and not at_center:
        problem = ActiveOnlyAtCenter
        raise problem(errors=[FieldError(pointer="/status", code=problem.code, message=problem.title)])
    file_id, code, at = new_id_text(), jurisdiction.code, now.isoformat()
    file = {**_UNSAID, "opened_on": today(), **household}
    persons = file.pop("members")
    file |= {
        "id": file_id,
        "version": 1,
        "status": status,
        "status_since": at,
        "jurisdiction": code,
        "member_count": len(persons),
        "legacy_province": code[:2],
        "created_at": at,
        "created_by": opened_by,
        "updated_at": at,
        "updated_by": opened_by,
    }
    members = [
        new_member(person, member_id=new_id_text(), case_file_id=file_id, jurisdiction=code, now=at)
        for person in persons
    ]
    return NewCaseFile(file=file, members=members)


def new_member(
    person: Mapping[str, Any], *, member_id: object, case_file_id: object, jurisdiction: str, now: object
) -> dict[str, Any]:
    """A person who joins a household, by the columns of Member, with ids and time as they are given; `person` is what a
    MemberCreate `said`."""
    member = {
        **_UNRESTRICTED,
        **person,
        **person.get("restricted", {}),
        **named(person["given_name"], person["family_name"], person.get("father_name")),
        "id": member_id,
        "case_file_id": case_file_id,
        "jurisdiction": jurisdiction,
        "version": 1,
        "in_force": True,
        "created_at": now,
    }
    member.pop("restricted", None)
    identity = member.pop("identity", None)
    if identity is not None:
        member["id_type"], member["id_value"] = identity["type"], identity["value"]
    return member


def columns_of(body: MemberUpdate) -> dict[str, Any]:
    """What the body nests and the table does not: identity and restricted flags, where they were sent."""
    columns: dict[str, Any] = {}
    if "identity" in body.model_fields_set:
        columns["id_type"] = body.identity and str(body.identity.type)
        columns["id_value"] = body.identity and body.identity.value
    if "restricted" in body.model_fields_set:
        columns |= vars(body.restricted)
    return columns


def named(given: str, family: str, father: str | None) -> dict[str, Any]:
    """The columns that a search by name goes by."""
    search, bits = compared_by(given, family, father)
    return {"name_search": search, "name_bits": bits}
