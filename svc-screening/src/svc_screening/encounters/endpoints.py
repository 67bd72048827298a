"""Encounters: recorded one by one or in batches, read, and corrected; decided on here and nowhere else."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound
from svc_screening.encounters import queries, service
from svc_screening.encounters.errors import (
    BaseNotInUse,
    BaseUnknown,
    DeviceUnknown,
    EncounterCorrected,
    EncounterIdReused,
    MadeBeforeBirth,
    MadeInTheFuture,
    NoProtocolInForce,
    NotARepeat,
    PersonUnknown,
    ScreenerNotPermitted,
    SealedProgramme,
    TestUnknown,
)
from svc_screening.encounters.schemas import (
    BatchResult,
    Correction,
    EncounterBatch,
    EncounterCreate,
    EncounterFilters,
    EncounterRead,
)
from svc_screening.programmes.errors import ProgrammeUnknown

router = Router(prefix=service.ADDRESS, tags=["Screening encounters"])

_RECORDING = [
    PersonUnknown,
    BaseUnknown,
    BaseNotInUse,
    DeviceUnknown,
    ProgrammeUnknown,
    SealedProgramme,
    TestUnknown,
    NoProtocolInForce,
    ScreenerNotPermitted,
    NotARepeat,
    MadeInTheFuture,
    MadeBeforeBirth,
    EncounterIdReused,
]


@router.post("", permission=Permission.SCREENING_WRITE, status_code=201, problems=_RECORDING)
async def record_encounter(body: EncounterCreate, command: Command, response: Response) -> EncounterRead:
    """Record a test, a refusal or an absence; the answer says what follows. The same again is answered with 200."""
    encounter, new = await service.record(command, body)
    response.headers["Location"] = f"{service.ADDRESS}/{encounter.id}"
    if not new:
        response.status_code = 200
    return encounter


@router.post(":batch", permission=Permission.SCREENING_WRITE)
async def record_encounters(body: EncounterBatch, command: Command) -> BatchResult:
    """Record what was made without a network: up to 500, in any order, any number of times."""
    return await service.record_batch(command, body)


@router.get("", permission=Permission.SCREENING_READ, personal=True)
async def list_encounters(query: Query, filters: Annotated[EncounterFilters, fastapi.Query()]) -> Page[EncounterRead]:
    """The encounters of the people in the scope, wherever they were made; the latest first."""
    return await queries.list_encounters(query, filters)


@router.get("/{encounter_id}", permission=Permission.SCREENING_READ, personal=True, problems=[NotFound])
async def read_encounter(encounter_id: UUID, query: Query) -> EncounterRead:
    return await queries.read_encounter(query.connection, encounter_id, scope=query.scope_range)


@router.post(
    "/{encounter_id}:correct",
    permission=Permission.SCREENING_WRITE,
    status_code=201,
    problems=[NotFound, EncounterCorrected, *_RECORDING],
)
async def correct_encounter(
    encounter_id: UUID, body: Correction, command: Command, response: Response
) -> EncounterRead:
    """Record what should have been recorded. The original is kept, and counts no more."""
    encounter = await service.correct(command, encounter_id, body)
    response.headers["Location"] = f"{service.ADDRESS}/{encounter.id}"
    return encounter
