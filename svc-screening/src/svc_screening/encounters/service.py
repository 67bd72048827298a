"""How a test is recorded, and what follows from it.

Encounters made without a network come late, twice and in any order; what is left in the end is the same. So each is
known by an id of the client's making, each is decided by itself, by the protocol of the day on which it was made, and
what a person was screened for is the latest of their tests, whenever that came in.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from shared.chassis.database import Command
from shared.kit.calendar import TEHRAN, jalali_year, today
from shared.kit.problems import FieldError, Problem, field_errors
from svc_screening import decisions
from svc_screening.decisions import Decision, Outcome, Result
from svc_screening.encounters import events, queries, repository
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
from svc_screening.encounters.models import Attendance
from svc_screening.encounters.schemas import (
    BatchItem,
    BatchOutcome,
    BatchResult,
    Correction,
    EncounterBatch,
    EncounterCreate,
    EncounterRead,
    LineError,
)
from svc_screening.programmes import queries as programmes
from svc_screening.programmes.errors import ProgrammeUnknown
from svc_screening.referrals import service as referrals

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far ahead of ours a device's clock may be."""
ADDRESS = "/v1/screening-encounters"

AT_ONCE = 200

_ENCOUNTER = TypeAdapter(EncounterCreate)
_RESULT: TypeAdapter[Result] = TypeAdapter(Result)


@dataclass(slots=True, eq=False)
class _Reported:
    """An encounter as it came in, and what was found of it."""

    body: EncounterCreate
    digest: bytes
    made_on: date
    outcome: BatchOutcome = BatchOutcome.REFUSED
    problem: Problem | None = None
    row: dict[str, Any] = field(default_factory=dict)
    """By the columns of Encounter."""

    def refuse(self, problem: type[Problem], pointer: str, *, why: str | None = None) -> None:
        self.problem = problem(errors=[FieldError(pointer, problem.code, problem.title)], why=why)


async def record(command: Command, body: EncounterCreate) -> tuple[EncounterRead, bool]:
    """Record an encounter and decide on it; and whether it is new: the same again is the one that is there.

    Raises PersonUnknown, BaseUnknown, BaseNotInUse, DeviceUnknown, ProgrammeUnknown, SealedProgramme, TestUnknown,
    NoProtocolInForce, ScreenerNotPermitted, NotARepeat, MadeInTheFuture, MadeBeforeBirth and EncounterIdReused.
    """
    reported = _reported(body)
    await _take_in(command, [reported])
    if reported.problem is not None:
        raise reported.problem
    if reported.outcome == BatchOutcome.UNCHANGED:
        return await queries.read_encounter(command.connection, body.id, scope=command.scope_range), False
    return queries.encounter(reported.row), True


async def record_batch(command: Command, batch: EncounterBatch) -> BatchResult:
    """Record what is right of a batch, and say of the rest what is wrong."""
    items: list[BatchItem | _Reported] = []
    seen: set[UUID] = set()
    again: dict[int, _Reported] = {}
    for position, raw in enumerate(batch.encounters):
        try:
            reported = _reported(_ENCOUNTER.validate_python(raw))
        except ValidationError as error:
            items.append(_invalid(raw, error))
            continue
        items.append(reported)
        if reported.body.id in seen:
            again[position] = reported
        seen.add(reported.body.id)
    await _take_in(command, [each for each in items if isinstance(each, _Reported) and each not in again.values()])
    # the same id twice in one batch: the second is held against the first, as if it had come later
    if again:
        await _take_in(command, [*again.values()])
    shown = [each if isinstance(each, BatchItem) else _item(each) for each in items]
    counts = {outcome: sum(each.outcome == outcome for each in shown) for outcome in BatchOutcome}
    return BatchResult(
        recorded=counts[BatchOutcome.RECORDED],
        unchanged=counts[BatchOutcome.UNCHANGED],
        refused=counts[BatchOutcome.REFUSED],
        items=shown,
    )


async def correct(command: Command, encounter_id: UUID, body: Correction) -> EncounterRead:
    """Record what should have been recorded; the original is kept, and does not count any more.

    Raises NotFound, EncounterCorrected, and what recording raises.
    """
    original = await queries.read_encounter(command.connection, encounter_id, scope=command.scope_range)
    said = body.model_dump(exclude={"reason"})
    reported = _reported(
        EncounterCreate.model_validate(
            said
            | {
                "person_id": original.person_id,
                "programme": original.programme,
                "base_id": original.base_id,
                "device_id": original.device_id,
            }
        ),
    )
    if original.corrected_by is not None and original.corrected_by != body.id:
        raise EncounterCorrected(corrected_by=str(original.corrected_by))
    await _take_in(command, [reported], correcting=original, reason=body.reason)
    if reported.problem is not None:
        raise reported.problem
    if reported.outcome == BatchOutcome.RECORDED:
        await repository.correct(command, encounter_id, by=body.id, person_id=original.person_id)
        await referrals.corrected(command, encounter_id, by=body.id, outcome=Outcome(reported.row["outcome"]))
    return await queries.read_encounter(command.connection, body.id, scope=command.scope_range)


async def decide_undecided(command: Command, *, limit: int = AT_ONCE) -> int:
    """Decide on what no rule could decide on, by the rules that were signed off since; how many were looked at.

    What follows counts from the day of the test, but for a referral: the family's time begins when it is told.
    """
    taken = await repository.take_undecided(command, limit=limit)
    protocols = await programmes.deciding(
        command.connection, [*{(row["protocol_id"], row["changed_at"]) for row in taken}]
    )
    looked_at: list[dict[str, Any]] = []
    referred: list[referrals.Referred] = []
    for row in taken:
        protocol, made_on = protocols[row["protocol_id"]], row["made_at"].astimezone(TEHRAN).date()
        decision = decisions.decide(
            protocol,
            _RESULT.validate_python(row["result"]),
            stage=row["stage"],
            instrument=row["instrument"],
            age_months=row["age_months"],
        )
        now_decided = decision.outcome != Outcome.UNDECIDED
        each = dict(row) | _decided(decision, made_on)
        each |= {"rules_as_of": row["changed_at"], "decided_at": command.now if now_decided else None}
        looked_at.append(each)
        if now_decided:
            command.publish(events.decided(each, made_on=made_on, decided_on=today()))
        if decision.outcome == Outcome.REFER:
            referred.append(
                referrals.Referred(
                    encounter=each,
                    counts_as=row["counts_as"],
                    birth_date=row["birth_date"],
                    place=row["place"],
                    decided_on=today(),
                    protocol=protocol,
                )
            )
    if looked_at:
        await repository.decide(command, looked_at)
        await referrals.issue(command, referred)
    return len(taken)


def _reported(body: EncounterCreate) -> _Reported:
    digest = hashlib.sha256(body.model_dump_json().encode()).digest()
    return _Reported(body=body, digest=digest, made_on=body.made_at.astimezone(TEHRAN).date())


async def _take_in(
    command: Command,
    reported: Sequence[_Reported],
    *,
    correcting: EncounterRead | None = None,
    reason: str | None = None,
) -> None:
    """Check, decide, write and announce; what is wrong with one is kept with it and leaves the others alone."""
    if not reported:
        return
    contexts = await queries.contexts(
        command.connection,
        [
            (body.id, body.person_id, body.programme, body.base_id, body.device_id, each.made_on, body.repeat_of)
            for each in reported
            for body in (each.body,)
        ],
        screener=command.actor.subject if correcting is None else correcting.screener,
        scope=command.scope_range,
    )
    held = {(row["protocol_id"], row["changed_at"]) for row in contexts.values() if row["protocol_id"] is not None}
    protocols = await programmes.deciding(command.connection, [*held])
    made: dict[UUID, Mapping[str, Any]] = {}
    for each in sorted(reported, key=lambda one: (one.body.made_at, one.body.id)):
        context = contexts[each.body.id]
        if context["known_digest"] is not None:
            if context["known_digest"] == each.digest:
                each.outcome = BatchOutcome.UNCHANGED
            else:
                each.refuse(EncounterIdReused, "/id")
            continue
        protocol = protocols.get(context["protocol_id"])
        _check(each, context, protocol, made, now=command.now, correcting=correcting)
        if each.problem is None:
            assert protocol is not None
            decision = _decide(each, context, protocol)
            each.row = _row(command, each, context, decision)
            if correcting is not None:
                each.row |= {"corrects": correcting.id, "correction_reason": reason, "screener": correcting.screener}
            made[each.body.id] = each.row
    rows = [each.row for each in reported if each.row]
    added = await repository.add(command, rows) if rows else set()
    decided: list[referrals.Referred] = []
    for each in reported:
        if each.row and each.body.id in added:
            each.outcome = BatchOutcome.RECORDED
            context = contexts[each.body.id]
            if each.row["outcome"] == Outcome.REFER:
                decided.append(
                    referrals.Referred(
                        encounter=each.row,
                        counts_as=context["counts_as"],
                        birth_date=context["birth_date"],
                        place=each.row["jurisdiction"],
                        decided_on=each.made_on,
                        protocol=protocols[context["protocol_id"]],
                    )
                )
            command.publish(
                events.recorded(
                    each.row, counts_as=context["counts_as"], made_on=each.made_on, sensitive=context["sensitive"]
                )
            )
        elif each.row:
            # somebody elsewhere has the id, or the same was sent at this very moment
            each.refuse(EncounterIdReused, "/id")
    if decided:
        await referrals.issue(command, decided)


def _check(
    each: _Reported,
    context: Mapping[str, Any],
    protocol: decisions.Protocol | None,
    made: Mapping[UUID, Mapping[str, Any]],
    *,
    now: datetime,
    correcting: EncounterRead | None,
) -> None:
    body = each.body
    if context["birth_date"] is None or context["merged_into"] is not None:
        each.refuse(PersonUnknown, "/person_id")
    elif context["jurisdiction"] is None:
        each.refuse(BaseUnknown, "/base_id")
    elif context["sealed"] is None:
        each.refuse(ProgrammeUnknown, "/programme")
    elif context["sealed"]:
        each.refuse(SealedProgramme, "/programme")
    elif not context["in_use"]:
        each.refuse(BaseNotInUse, "/base_id")
    elif body.made_at > now + CLOCKS_DIFFER:
        each.refuse(MadeInTheFuture, "/made_at")
    elif each.made_on < context["birth_date"]:
        each.refuse(MadeBeforeBirth, "/made_at")
    elif not context["permitted"] and correcting is None:
        each.refuse(ScreenerNotPermitted, "")
    elif body.device_id is not None and not _is_of(body, context["device_instrument"]):
        each.refuse(DeviceUnknown, "/device_id")
    elif protocol is None:
        each.refuse(NoProtocolInForce, "/made_at")
    else:
        why = _misfit(body, protocol)
        if why is not None:
            each.refuse(TestUnknown, "/result" if body.stage in protocol.stages else "/stage", why=why)
        elif not _repeats(body, protocol, context, made):
            each.refuse(NotARepeat, "/repeat_of")


def _is_of(body: EncounterCreate, device_instrument: str | None) -> bool:
    """Whether the device, if the base has it, is the instrument that was said to be used."""
    return device_instrument is not None and body.instrument in {None, device_instrument}


def _misfit(body: EncounterCreate, protocol: decisions.Protocol) -> str | None:
    if body.instrument is None:
        return None if body.stage in protocol.stages else "stage-unknown"
    return decisions.misfit(protocol, stage=body.stage, instrument=body.instrument, result=body.result)


def _repeats(
    body: EncounterCreate,
    protocol: decisions.Protocol,
    context: Mapping[str, Any],
    made: Mapping[UUID, Mapping[str, Any]],
) -> bool:
    """Whether a repeat names what it repeats: a failed test of the same person, or one that is still on its way."""
    repeats = protocol.stages[body.stage].repeats
    if body.repeat_of is None:
        return repeats is None or body.attendance != Attendance.EXAMINED
    first = made.get(body.repeat_of)
    if first is not None:
        found = (first["person_id"], first["programme_code"], first["stage"], first["outcome"])
    elif context["first_person_id"] is not None and context["first_corrected_by"] is None:
        found = (
            context["first_person_id"],
            context["first_programme"],
            context["first_stage"],
            context["first_outcome"],
        )
    else:
        return body.repeat_of != body.id
    person, programme, stage, outcome = found
    return (
        (person, programme) == (body.person_id, body.programme)
        and protocol.stages.get(stage) is not None
        and protocol.stages[stage].then == body.stage
        and outcome in {Outcome.RESCREEN, Outcome.NOT_TESTABLE, Outcome.UNDECIDED}
    )


def _decide(each: _Reported, context: Mapping[str, Any], protocol: decisions.Protocol) -> Decision:
    body = each.body
    if body.result is None or body.instrument is None:
        return Decision(Outcome(body.attendance), body.attendance)
    age = age_in_months(context["birth_date"], each.made_on)
    return decisions.decide(protocol, body.result, stage=body.stage, instrument=body.instrument, age_months=age)


def _row(command: Command, each: _Reported, context: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    body, made_on, birth_date = each.body, each.made_on, context["birth_date"]
    return _decided(decision, made_on) | {
        "id": body.id,
        "jurisdiction": context["jurisdiction"],
        "person_id": body.person_id,
        "registered_as": body.person_id,
        "programme_code": body.programme,
        "programme_year": _year(made_on),
        "protocol_id": context["protocol_id"],
        "protocol_number": context["protocol_number"],
        "campaign_id": _campaign(context["campaigns"], birth_date),
        "base_id": body.base_id,
        "device_id": body.device_id,
        "screener": command.actor.subject,
        "stage": body.stage,
        "instrument": body.instrument,
        "made_at": body.made_at,
        "repeat_of": body.repeat_of,
        "attendance": body.attendance,
        "result": body.result,
        "age_months": age_in_months(birth_date, made_on),
        "rules_as_of": context["changed_at"],
        "decided_at": command.now,
        "corrects": None,
        "correction_reason": None,
        "corrected_by": None,
        "digest": "\\x" + each.digest.hex(),
        "recorded_at": command.now,
        "recorded_by": command.actor.subject,
    }


def _decided(decision: Decision, made_on: date) -> dict[str, Any]:
    within = decision.within_days
    return {
        "outcome": decision.outcome,
        "rule": decision.rule,
        "reason": decision.reason,
        "found": decision.found,
        "next_stage": decision.then,
        "refers_to": decision.refers_to,
        "repeat_from": None if within is None else made_on + timedelta(days=within[0]),
        "repeat_by": None if within is None else made_on + timedelta(days=within[1]),
    }


_year = lru_cache(maxsize=1000)(jalali_year)


def age_in_months(birth_date: date, day: date) -> int:
    """Whole months."""
    months = (day.year - birth_date.year) * 12 + day.month - birth_date.month
    return months - (day.day < birth_date.day)


def _campaign(campaigns: Sequence[tuple[str, str, str]] | None, birth_date: date) -> UUID | None:
    """Of those that were on at the place that day, the first whose cohort the person belongs to.

    They come with the base's own first, then by their areas, the smallest first.
    """
    born = birth_date.isoformat()
    return next((UUID(code) for code, since, until in campaigns or () if since <= born <= until), None)


def _invalid(raw: Mapping[str, Any], error: ValidationError) -> BatchItem:
    try:
        identity: UUID | None = UUID(raw.get("id"))
    except (TypeError, ValueError, AttributeError):
        identity = None
    wrong = [_line_error(each) for each in field_errors(error.errors())]
    return BatchItem(id=identity, outcome=BatchOutcome.REFUSED, errors=wrong)


def _item(reported: _Reported) -> BatchItem:
    return BatchItem.model_construct(
        id=reported.body.id,
        outcome=reported.outcome,
        decision=reported.row["outcome"] if reported.outcome == BatchOutcome.RECORDED else None,
        errors=[] if reported.problem is None else [_line_error(each) for each in reported.problem.errors],
    )


def _line_error(error: FieldError) -> LineError:
    return LineError(pointer=error.pointer, code=error.code, fa=error.message["fa"], en=error.message["en"])
