"""The rules of referrals, which are there so that nobody who was referred is forgotten.

Issued → reminded → attended → diagnosed → treated → followed → closed. A diagnosis of no disorder closes at once.
Whoever does not come is a no-show, then lost; any of them may still come, and is won back. A referral goes with its
person to another place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.screening import (
    ReferralAttendedV1,
    ReferralClosedV1,
    ReferralIssuedV1,
    ReferralLostV1,
    ReferralOverdueV1,
    ReferralRemindedV1,
    ReferralState,
    ReferralTreatedV1,
)
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem
from svc_screening import decisions
from svc_screening.clinics import queries as clinics
from svc_screening.clinics.errors import ClinicUnknown
from svc_screening.decisions import Kind, Outcome
from svc_screening.programmes import queries as programmes
from svc_screening.referrals import events, queries, repository
from svc_screening.referrals.errors import (
    OpenReferralThere,
    ReferralDayImpossible,
    ReferralStepNotAllowed,
    ReferralTokenUnknown,
    TooYoungToClose,
)
from svc_screening.referrals.models import AWAITED, Referral, Status
from svc_screening.referrals.schemas import (
    AidClaim,
    Appointment,
    ClinicReferral,
    ClinicVisit,
    CloseReason,
    Closing,
    Diagnosis,
    Finding,
    FollowUp,
    Loss,
    ReferralRead,
    ReferralToken,
    Reminder,
    TreatmentBegun,
    VisitWithSlip,
)

_NOT_SEEN = AWAITED | {Status.LOST}
_IN_CARE = frozenset({Status.DIAGNOSED, Status.TREATED, Status.FOLLOWED})
STEPS: Mapping[str, frozenset[Status]] = {
    "remind": _NOT_SEEN,
    "appoint": _NOT_SEEN,
    "miss": frozenset({Status.ISSUED, Status.REMINDED}),
    "attend": _NOT_SEEN,
    "diagnose": _NOT_SEEN | {Status.ATTENDED},
    "treat": frozenset({Status.DIAGNOSED, Status.TREATED, Status.FOLLOWED}),
    "claim-aid": _IN_CARE,
    "follow-up": frozenset({Status.TREATED, Status.FOLLOWED}),
    "lose": AWAITED | {Status.ATTENDED, Status.DIAGNOSED},
    "close": _IN_CARE,
}
"""Operation → in which statuses it is possible."""
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Referred:
    """An encounter (by the columns of Encounter) that may have decided to refer, with what it was decided by."""

    encounter: Mapping[str, Any]
    counts_as: UUID
    birth_date: date
    place: str
    """Who is responsible for the person now."""
    decided_on: date
    protocol: decisions.Protocol


async def issue(command: Command, decided: Sequence[Referred]) -> None:
    """Refer whom the encounters have decided to refer, unless they have an open referral in the programme already."""
    referred = {each.encounter["id"]: each for each in decided if each.encounter["outcome"] == Outcome.REFER}
    if not referred:
        return
    rows = await repository.add(command, [_row(command, each) for each in referred.values()])
    await repository.happened(command, [row["id"] for row in rows], "issued", {})
    for row in rows:
        known = referred[row["encounter_id"]]
        command.publish(events.fact(ReferralIssuedV1, Referral(**row), counts_as=known.counts_as, place=known.place))


async def corrected(command: Command, encounter_id: UUID, *, by: UUID, outcome: Outcome) -> None:
    """An encounter is corrected: its referral rests on the other one now, or is withdrawn if nobody came yet."""
    referral_id = await repository.of_encounter(command, encounter_id)
    if referral_id is None:
        return
    referral, counts_as = await repository.hold(command, referral_id)
    if outcome == Outcome.REFER:
        # one that was lost is over, so that the correction has issued its own
        if referral.status != Status.LOST:
            referral.encounter_id = by
            await _next(command, referral, "corrected", {"encounter_id": by})
    elif referral.status in _NOT_SEEN:
        _end(command, referral, Status.WITHDRAWN, "corrected")
        await _next(command, referral, "withdrawn", {"reason": "corrected"})
        await _announce(command, referral, ReferralClosedV1, counts_as=counts_as, reason="corrected", closed_on=today())


async def give_to(command: Command, person_id: UUID, other_id: UUID) -> None:
    """All referrals of a person are another's, who proved to be the same and is referred once."""
    withdrawn = await repository.withdraw_second(command, person_id, other_id, on=today())
    await repository.happened(command, [row["id"] for row in withdrawn], "withdrawn", {"reason": "one-person"})
    await repository.give_to(command, person_id, other_id)
    for row in withdrawn:
        referral, counts_as = await repository.hold(command, row["id"])
        await _announce(
            command, referral, ReferralClosedV1, counts_as=counts_as, reason="one-person", closed_on=today()
        )


async def remind(command: Command, referral_id: UUID, *, version: int, body: Reminder) -> ReferralRead:
    """Say that the family was reminded; one that was lost is looked for again. Raises what every step raises:
    NotFound, PreconditionFailed, ReferralStepNotAllowed; and OpenReferralThere."""
    referral, counts_as = await _at_step(command, referral_id, "remind", version=version)
    await _take_back(command, referral)
    _become(command, referral, Status.REMINDED)
    referral.reminders += 1
    referral.reminded_at = command.now
    await _next(command, referral, "reminded", {"by": body.by})
    await _announce(command, referral, ReferralRemindedV1, counts_as=counts_as)
    return await _shown(command, referral_id)


async def appoint(command: Command, referral_id: UUID, *, version: int, body: Appointment) -> ReferralRead:
    """Say where the family goes, by which day. Raises ClinicUnknown and ReferralDayImpossible as well."""
    referral, _ = await _at_step(command, referral_id, "appoint", version=version)
    await _take_back(command, referral)
    if referral.status == Status.LOST:
        _become(command, referral, Status.REMINDED)
    said = body.model_dump(exclude_unset=True)
    if body.clinic_id is not None:
        await _require_clinic(command, body.clinic_id, referral.refers_to)
    if body.due_on is not None and body.due_on < today():
        raise _at("/due_on", ReferralDayImpossible)
    for name, value in said.items():
        setattr(referral, name, value)
    if "due_on" in said:
        referral.escalated_to = referral.escalated_at = None
    await _next(command, referral, "appointed", said)
    return await _shown(command, referral_id)


async def miss(command: Command, referral_id: UUID, *, version: int, client: str | None = None) -> None:
    """Nobody came."""
    referral, _ = await _at_step(command, referral_id, "miss", version=version, client=client)
    _become(command, referral, Status.NO_SHOW)
    await _next(command, referral, "no-show", {})


async def attend(command: Command, referral_id: UUID, *, version: int, body: ClinicVisit) -> None:
    """Raises ReferralDayImpossible and OpenReferralThere as well."""
    referral, counts_as = await _at_step(command, referral_id, "attend", version=version)
    await _attended(command, referral, counts_as, body.attended_on)


async def attend_with_slip(command: Command, body: VisitWithSlip) -> ClinicReferral:
    """A family came to a clinic with its slip: the referral is that clinic's from now on.

    The same again is answered with how it stands. Raises ReferralTokenUnknown, ClinicUnknown, ReferralStepNotAllowed,
    ReferralDayImpossible and OpenReferralThere.
    """
    client = command.actor.subject
    referral_id = await repository.by_token(command, body.token)
    if referral_id is None:
        raise ReferralTokenUnknown
    referral, counts_as = await repository.hold(command, referral_id)
    own = await clinics.reported_by(command.connection, client, kind=referral.refers_to)
    wanted = own if body.clinic_id is None else [each for each in own if each == body.clinic_id]
    if len(wanted) != 1:
        raise _at("/clinic_id", ClinicUnknown)
    if referral.clinic_id != wanted[0] or referral.status != Status.ATTENDED:
        _possible(referral, "attend")
        referral.clinic_id = wanted[0]
        await _attended(command, referral, counts_as, body.attended_on)
    return await queries.clinic_referral(command.connection, referral_id, client=client, scope=command.scope_range)


async def diagnose(
    command: Command, referral_id: UUID, *, version: int, body: Finding, client: str | None = None
) -> None:
    """What was found. No disorder: nothing is left to do.

    Raises ReferralDayImpossible and OpenReferralThere as well.
    """
    referral, counts_as = await _at_step(command, referral_id, "diagnose", version=version, client=client)
    if referral.status != Status.ATTENDED:
        await _attended(command, referral, counts_as, body.diagnosed_on)
    referral.diagnosed_on = _day("/diagnosed_on", body.diagnosed_on, since=referral.attended_on)
    referral.diagnosis, referral.disorder = body.diagnosis, body.diagnosis != Diagnosis.NO_DISORDER
    sensitive = (await programmes.read_programme(command.connection, referral.programme_code)).sensitive
    if referral.disorder:
        _become(command, referral, Status.DIAGNOSED)
        await _next(command, referral, "diagnosed", {"diagnosis": body.diagnosis})
        place = await repository.place_of(command, referral.person_id)
        command.publish(events.confirmed(referral, counts_as=counts_as, place=place, sensitive=sensitive))
    else:
        _end(command, referral, Status.CLOSED, Diagnosis.NO_DISORDER)
        await _next(command, referral, "closed", {"diagnosis": body.diagnosis})
        await _closed(command, referral, counts_as, sensitive=sensitive)


async def treat(
    command: Command, referral_id: UUID, *, version: int, body: TreatmentBegun, client: str | None = None
) -> None:
    """Raises ReferralDayImpossible as well."""
    referral, counts_as = await _at_step(command, referral_id, "treat", version=version, client=client)
    first = referral.treated_on is None
    day = _day("/treated_on", body.treated_on, since=referral.diagnosed_on)
    referral.treated_on = referral.treated_on or day
    referral.treatment, referral.next_follow_up_on = body.treatment, body.next_follow_up_on
    if referral.status == Status.DIAGNOSED:
        _become(command, referral, Status.TREATED)
    await _next(command, referral, "treated", {"treatment": body.treatment, "on": day})
    if first:
        await _announce(command, referral, ReferralTreatedV1, counts_as=counts_as, treated_on=day)


async def claim_aid(
    command: Command, referral_id: UUID, *, version: int, body: AidClaim, client: str | None = None
) -> None:
    """Hand in what the family paid; what is paid back is settled elsewhere."""
    referral, _ = await _at_step(command, referral_id, "claim-aid", version=version, client=client)
    said = body.model_dump()
    for name, value in said.items():
        setattr(referral, name, value)
    await _next(command, referral, "aid-claimed", said)


async def follow_up(
    command: Command, referral_id: UUID, *, version: int, body: FollowUp, client: str | None = None
) -> None:
    """Raises ReferralDayImpossible as well."""
    referral, _ = await _at_step(command, referral_id, "follow-up", version=version, client=client)
    seen_on = _day("/seen_on", body.seen_on, since=referral.treated_on)
    referral.next_follow_up_on = body.next_follow_up_on
    _become(command, referral, Status.FOLLOWED)
    await _next(command, referral, "followed", {"progress": body.progress, "on": seen_on})


async def lose(command: Command, referral_id: UUID, *, version: int, body: Loss) -> ReferralRead:
    """Nobody expects the person any more; they may still be won back."""
    referral, counts_as = await _at_step(command, referral_id, "lose", version=version)
    _end(command, referral, Status.LOST, body.reason)
    referral.given_up_on = today()
    await _next(command, referral, "lost", {"reason": body.reason})
    await _announce(command, referral, ReferralLostV1, counts_as=counts_as, reason=body.reason)
    return await _shown(command, referral_id)


async def close(command: Command, referral_id: UUID, *, version: int, body: Closing) -> ReferralRead:
    """Raises TooYoungToClose as well."""
    referral, counts_as = await _at_step(command, referral_id, "close", version=version)
    old_enough = referral.followed_until is not None and referral.followed_until <= today()
    if body.reason == CloseReason.REACHED_AGE and not old_enough:
        raise TooYoungToClose
    sensitive = (await programmes.read_programme(command.connection, referral.programme_code)).sensitive
    _end(command, referral, Status.CLOSED, body.reason)
    await _next(command, referral, "closed", {"reason": body.reason})
    await _closed(command, referral, counts_as, sensitive=sensitive)
    return await _shown(command, referral_id)


async def escalate(command: Command, *, on: date, limit: int = AT_ONCE) -> int:
    """Tell the county, then the province, of whom nobody has seen by the day that was said; how many it were."""
    taken = await repository.take_overdue(command, on=on, limit=limit)
    for referral, person in taken:
        responsible = Jurisdiction.from_code(person.jurisdiction)
        above = responsible.county if referral.escalated_to is None else responsible.province
        assert above is not None
        referral.escalated_to, referral.escalated_at = above.code, command.now
        await _next(command, referral, "overdue", {"escalated_to": str(above)})
        command.publish(
            events.fact(
                ReferralOverdueV1,
                referral,
                counts_as=person.counts_as,
                place=person.jurisdiction,
                escalated_to=above,
            )
        )
    return len(taken)


def _row(command: Command, referred: Referred) -> dict[str, Any]:
    encounter, protocol = referred.encounter, referred.protocol
    due = protocol.timing(Kind.REFERRAL_DUE, stage=encounter["stage"])
    followed = protocol.timing(Kind.FOLLOWED_UNTIL)
    return {
        "id": new_id(),
        **{
            name: encounter[name]
            for name in ("jurisdiction", "person_id", "programme_code", "programme_year", "campaign_id", "refers_to")
        },
        "version": 1,
        "encounter_id": encounter["id"],
        "token": ReferralToken.new(),
        "status": Status.ISSUED,
        "status_since": command.now,
        "issued_on": referred.decided_on,
        "issued_by": encounter["screener"],
        "due_on": None if due is None else referred.decided_on + timedelta(days=due["days"]),
        "followed_until": None if followed is None else _birthday(referred.birth_date, followed["years"]),
        "reminders": 0,
    }


def _birthday(birth_date: date, years: int) -> date:
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:  # born on 29 February
        return date(birth_date.year + years, 3, 1)


async def _at_step(
    command: Command, referral_id: UUID, step: str, *, version: int, client: str | None = None
) -> tuple[Referral, UUID]:
    referral, counts_as = await repository.hold(command, referral_id, client=client)
    if referral.version != version:
        raise PreconditionFailed
    _possible(referral, step)
    return referral, counts_as


def _possible(referral: Referral, step: str) -> None:
    if referral.status not in STEPS[step]:
        allowed = [name for name, statuses in STEPS.items() if referral.status in statuses]
        raise ReferralStepNotAllowed(present=referral.status, allowed=allowed)


async def _attended(command: Command, referral: Referral, counts_as: UUID, day: date | None) -> None:
    await _take_back(command, referral)
    referral.attended_on = _day("/attended_on", day, since=referral.issued_on)
    _become(command, referral, Status.ATTENDED)
    await _next(command, referral, "attended", {"on": referral.attended_on})
    await _announce(command, referral, ReferralAttendedV1, counts_as=counts_as, attended_on=referral.attended_on)


async def _take_back(command: Command, referral: Referral) -> None:
    """One that was lost is open again. Raises OpenReferralThere when the person was referred anew meanwhile."""
    if referral.status == Status.LOST:
        if await repository.has_open(command, referral.person_id, referral.programme_code):
            raise OpenReferralThere
        referral.ended_on = referral.end_reason = None


async def _require_clinic(command: Command, clinic_id: UUID, kind: str) -> None:
    try:
        clinic = await clinics.read_clinic(command.connection, clinic_id)
    except NotFound:
        raise _at("/clinic_id", ClinicUnknown) from None
    if not clinic.active or clinic.kind != kind:
        raise _at("/clinic_id", ClinicUnknown)


def _become(command: Command, referral: Referral, status: Status) -> None:
    referral.status, referral.status_since = status, command.now


def _end(command: Command, referral: Referral, status: Status, reason: str) -> None:
    _become(command, referral, status)
    referral.ended_on, referral.end_reason = today(), reason
    referral.next_follow_up_on = None


def _day(pointer: str, day: date | None, *, since: date | None) -> date:
    day = day or today()
    if day > today() or (since is not None and day < since):
        raise _at(pointer, ReferralDayImpossible)
    return day


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])


async def _next(command: Command, referral: Referral, kind: str, about: Mapping[str, Any]) -> None:
    referral.version += 1
    repository.add_step(command, referral, kind, {name: _plain(value) for name, value in about.items()})
    await command.session.flush()


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)


async def _announce(
    command: Command, referral: Referral, kind: type[ReferralState], *, counts_as: UUID, **more: Any
) -> None:
    place = await repository.place_of(command, referral.person_id)
    command.publish(events.fact(kind, referral, counts_as=counts_as, place=place, **more))


async def _closed(command: Command, referral: Referral, counts_as: UUID, *, sensitive: bool) -> None:
    reason = None if sensitive else referral.end_reason
    await _announce(
        command, referral, ReferralClosedV1, counts_as=counts_as, reason=reason, closed_on=referral.ended_on
    )


async def _shown(command: Command, referral_id: UUID) -> ReferralRead:
    return await queries.referral(command.connection, referral_id, scope=command.scope_range)
