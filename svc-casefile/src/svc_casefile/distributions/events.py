"""From a distribution to what is announced of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import asyncpg

from shared.contracts.casefile import (
    CaseFileLeftV1,
    CaseFileMovedV1,
    DistributionAppliedV1,
    DistributionDroppedV1,
    DistributionPlannedV1,
)
from shared.contracts.events import Event
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.distributions.schemas import DistributionRead, DistributionStatus

_FACTS = {
    DistributionStatus.PLANNED: DistributionPlannedV1,
    DistributionStatus.APPLIED: DistributionAppliedV1,
    DistributionStatus.DROPPED: DistributionDroppedV1,
}


def fact(distribution: DistributionRead) -> Event:
    """The event of the status that the distribution has come to."""
    return _FACTS[distribution.status](
        distribution_id=distribution.id,
        jurisdiction=distribution.jurisdiction,
        files=distribution.files,
        placed=distribution.placed,
        unplaced=distribution.unplaced,
    )


def moves(
    files: Sequence[asyncpg.Record], persons: Sequence[asyncpg.Record], *, distribution_id: UUID, at: datetime
) -> Iterator[Event]:
    """For each file, that its county is left and that its center is reached. `persons` come household by household."""
    households: Mapping[UUID, list[asyncpg.Record]] = {
        case_file_id: [*members] for case_file_id, members in groupby(persons, key=itemgetter("case_file_id"))
    }
    for file in files:
        center, county = Jurisdiction(file["jurisdiction"]), Jurisdiction(file["county"])
        yield CaseFileLeftV1(
            case_file_id=file["case_file_id"],
            version=file["version"],
            jurisdiction=county,
            destination=center,
            effective_at=at,
        )
        yield CaseFileMovedV1(
            **{**file, "jurisdiction": center},
            members=[dict(person) for person in households[file["case_file_id"]]],
            previous_jurisdiction=county,
            effective_at=at,
            reason="distribution",
            distribution_id=distribution_id,
        )
