"""Genetic cases: taken by who may, decided by the protocol, sealed before they are kept."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.contracts.screening import GeneticCaseChangedV1
from shared.kit.calendar import TEHRAN, today
from shared.kit.identity import PersonIdentity
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, PreconditionFailed
from svc_screening import decisions
from svc_screening.centers import service as centers
from svc_screening.decisions import Items, Outcome, Shape
from svc_screening.encounters.errors import TestUnknown
from svc_screening.genetics import queries, repository
from svc_screening.genetics.errors import GeneticStepNotAllowed
from svc_screening.genetics.models import GeneticCase, State
from svc_screening.genetics.schemas import (
    Counselling,
    GeneticCaseCreate,
    GeneticCaseRead,
    GeneticCasesFound,
    GeneticCaseSummary,
    GeneticDecision,
    GeneticPerson,
    GeneticSearch,
    Kept,
)
from svc_screening.programmes import queries as programmes

STAGE = INSTRUMENT = "questionnaire"
IDENTITY = "genetic_case.identities"
STATE_OF: Mapping[Outcome, State] = {Outcome.NORMAL: State.DONE, Outcome.REFER: State.REFERRED}
"""What a decision leads to; every other leaves the case open."""
STEPS: Mapping[str, State] = {"decide": State.OPEN, "counsel": State.REFERRED}
"""Operation → in which state it is possible."""


async def open_case(command: Command, body: GeneticCaseCreate, *, seals: Seals) -> GeneticCaseSummary:
    """Raises ScopeForbidden, CenterNotOpen and TestUnknown."""
    center = await centers.place(command, body.center)
    decision = await _decide(command, body.answers)
    kept = Kept(**body.model_dump(exclude={"center"}), decision=decision, taken_by=command.actor.subject)
    case = GeneticCase(
        id=new_id(),
        jurisdiction=center.code,
        version=1,
        state=STATE_OF.get(decision.outcome, State.OPEN),
        key_id="",
        sealed=b"",
        identities=[],
        opened_at=command.now,
        changed_at=command.now,
    )
    _seal(case, kept, seals=seals)
    await repository.add(command, case)
    return _announced(command, case)


async def decide_anew(command: Command, case_id: UUID, *, version: int, seals: Seals) -> GeneticCaseSummary:
    """Decide on an open case by the rules as they are now.

    Raises NotFound, PreconditionFailed and GeneticStepNotAllowed.
    """
    case, kept = await _at(command, case_id, "decide", version=version, seals=seals)
    kept.decision = await _decide(command, kept.answers)
    case.state = STATE_OF.get(kept.decision.outcome, State.OPEN)
    return await _next(command, case, kept, seals=seals)


async def counsel(
    command: Command, case_id: UUID, *, version: int, body: Counselling, seals: Seals
) -> GeneticCaseSummary:
    """What came of counselling. Raises NotFound, PreconditionFailed and GeneticStepNotAllowed."""
    case, kept = await _at(command, case_id, "counsel", version=version, seals=seals)
    kept.counselling, case.state = body, State.COUNSELLED
    return await _next(command, case, kept, seals=seals)


async def read(query: Query, case_id: UUID, *, seals: Seals) -> GeneticCaseRead:
    """Raises NotFound."""
    row = await queries.sealed(query.connection, case_id, scope=query.scope_range)
    return _shown(row, _open(row, seals=seals))


async def search(query: Query, wanted: GeneticSearch, *, seals: Seals) -> GeneticCasesFound:
    return await queries.with_identity(query, seals.indexes(_said(wanted.identity), place=IDENTITY))


async def seal_anew(command: Command, *, seals: Seals) -> int:
    """Seal with the present key what another has sealed; how many it were. Raises SealBroken."""
    cases = await repository.sealed_otherwise(command, seals.current)
    for case in cases:
        _seal(case, _open(case.model_dump(), seals=seals), seals=seals)
    await command.session.flush()
    return len(cases)


async def _decide(command: Command, answers: Sequence[str | None]) -> GeneticDecision:
    protocol_id, changed_at, number = await queries.protocol_in_force(command.connection, today())
    protocol = (await programmes.deciding(command.connection, [(protocol_id, changed_at)]))[protocol_id]
    result = Items.model_validate({"shape": Shape.ITEMS, "answers": answers})
    why = decisions.misfit(protocol, stage=STAGE, instrument=INSTRUMENT, result=result)
    if why is not None:
        raise TestUnknown(why=why, errors=[FieldError("/answers", TestUnknown.code, TestUnknown.title)])
    # nobody's age plays a part in the questionnaire of a couple
    made = decisions.decide(protocol, result, stage=STAGE, instrument=INSTRUMENT, age_months=0)
    return GeneticDecision(outcome=made.outcome, reason=made.reason, rule=made.rule, protocol=number)


def _seal(case: GeneticCase, kept: Kept, *, seals: Seals) -> None:
    case.key_id, case.sealed = seals.seal(kept.model_dump_json().encode(), place=_place_of(case.id))
    case.identities = [seals.index(_said(each.identity), place=IDENTITY) for each in _identified(kept.persons)]


def _open(row: Mapping[str, Any], *, seals: Seals) -> Kept:
    return Kept.model_validate_json(seals.open(row["sealed"], key_id=row["key_id"], place=_place_of(row["id"])))


def _place_of(case_id: UUID) -> str:
    return f"genetic_case.sealed.{case_id}"


def _identified(persons: Sequence[GeneticPerson]) -> list[GeneticPerson]:
    return [each for each in persons if each.identity is not None]


def _said(identity: PersonIdentity | None) -> str:
    assert identity is not None
    return f"{identity.type}:{identity.value}"


async def _at(command: Command, case_id: UUID, step: str, *, version: int, seals: Seals) -> tuple[GeneticCase, Kept]:
    case = await repository.hold(command, case_id)
    if case.version != version:
        raise PreconditionFailed
    if case.state != STEPS[step]:
        allowed = [name for name, state in STEPS.items() if state == case.state]
        raise GeneticStepNotAllowed(present=case.state, allowed=allowed)
    return case, _open(case.model_dump(), seals=seals)


async def _next(command: Command, case: GeneticCase, kept: Kept, *, seals: Seals) -> GeneticCaseSummary:
    case.version += 1
    case.changed_at = command.now
    _seal(case, kept, seals=seals)
    await command.session.flush()
    return _announced(command, case)


def _announced(command: Command, case: GeneticCase) -> GeneticCaseSummary:
    command.publish(
        GeneticCaseChangedV1(
            jurisdiction=Jurisdiction.from_code(case.jurisdiction),
            case_id=case.id,
            version=case.version,
            state=case.state,
        )
    )
    return GeneticCaseSummary(
        id=case.id,
        version=case.version,
        jurisdiction=Jurisdiction.from_code(case.jurisdiction),
        state=case.state,
        opened_on=case.opened_at.astimezone(TEHRAN).date(),
    )


def _shown(row: Mapping[str, Any], kept: Kept) -> GeneticCaseRead:
    plain = ("id", "version", "jurisdiction", "state", "opened_at", "changed_at")
    return GeneticCaseRead(**kept.model_dump(), **{name: row[name] for name in plain})
