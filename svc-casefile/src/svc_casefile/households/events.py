"""From a case file to what is announced of it: no names, numbers of persons or addresses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.contracts.casefile import CaseFileChangedV1, CaseFileClosedV1, CaseFileOpenedV1
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import CaseFileRead


def _state(file: CaseFileRead) -> dict[str, Any]:
    persons = [
        {"member_id": member.id, "relation": member.relation, "birth_date": member.birth_date, "sex": member.sex}
        for member in file.members
    ]
    return state_of(file, persons)


def state_of(file: CaseFileRead | CaseFile, persons: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What every event about a file says of it; `persons` are the present members of its household."""
    return {
        "case_file_id": file.id,
        "number": file.number,
        "version": file.version,
        "status": file.status,
        "jurisdiction": file.jurisdiction,
        "member_count": file.member_count,
        "members": [dict(person) for person in persons],
        "opened_on": file.opened_on,
        "payer_category": file.payer_category,
        "area_class": file.area_class,
    }


def opened(file: CaseFileRead) -> CaseFileOpenedV1:
    return CaseFileOpenedV1(**_state(file))


def changed(file: CaseFileRead, names: Sequence[str]) -> CaseFileChangedV1:
    return CaseFileChangedV1(**_state(file), changed=tuple(sorted(names)))


def closed(file: CaseFileRead) -> CaseFileClosedV1:
    assert file.closed_on is not None
    assert file.status_reason is not None
    return CaseFileClosedV1(
        case_file_id=file.id,
        jurisdiction=file.jurisdiction,
        version=file.version,
        closed_on=file.closed_on,
        reason=file.status_reason,
    )


def assigned(file: CaseFile, persons: Iterable[Mapping[str, Any]]) -> CaseFileChangedV1:
    """Of a file whose worker alone changed."""
    return CaseFileChangedV1(**state_of(file, persons), changed=("assigned_worker",))
