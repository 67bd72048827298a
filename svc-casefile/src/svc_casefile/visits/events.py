"""From home visits to what is announced of them: no place, nobody's name, nothing that was found."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.casefile import (
    CaseFileFoundV1,
    CaseFileToLookForV1,
    VisitConflictedV1,
    VisitConflictResolvedV1,
    VisitRecordedV1,
)
from shared.kit.jurisdiction import Jurisdiction


def recorded(visit: Mapping[str, Any], *, place: Jurisdiction) -> VisitRecordedV1:
    """`visit` is a row of HomeVisit."""
    return VisitRecordedV1(
        visit_id=visit["id"],
        case_file_id=visit["case_file_id"],
        jurisdiction=place,
        visited_at=visit["visited_at"],
        visited_by=visit["visited_by"],
        planned=visit["planned"],
        outcome=visit["outcome"],
        place_plausible=visit["place_plausible"],
        next_visit_on=visit["next_visit_on"],
    )


def conflicted(visit: Mapping[str, Any], *, place: Jurisdiction) -> VisitConflictedV1:
    return VisitConflictedV1(
        visit_id=visit["id"],
        case_file_id=visit["case_file_id"],
        jurisdiction=place,
        file_version=visit["file_version"],
        fields=tuple(sorted(visit["changes"])),
    )


def resolved(
    visit_id: UUID, case_file_id: UUID, *, place: Jurisdiction, taken: Iterable[str]
) -> VisitConflictResolvedV1:
    return VisitConflictResolvedV1(
        visit_id=visit_id, case_file_id=case_file_id, jurisdiction=place, taken=tuple(sorted(taken))
    )


def to_look_for(case_file_id: UUID, *, place: Jurisdiction, since: date) -> CaseFileToLookForV1:
    return CaseFileToLookForV1(case_file_id=case_file_id, jurisdiction=place, since=since)


def found(case_file_id: UUID, *, place: Jurisdiction) -> CaseFileFoundV1:
    return CaseFileFoundV1(case_file_id=case_file_id, jurisdiction=place)
