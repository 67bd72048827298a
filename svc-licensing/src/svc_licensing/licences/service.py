"""The rules of a licence's life: issued on a decision, valid for a time, and ended by it or before."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.licensing import (
    LicenceChangedV1,
    LicenceExpiredV1,
    LicenceExtendedV1,
    LicenceIssuedV1,
    LicenceRenewalDueV1,
    LicenceRenewedV1,
    LicenceResumedV1,
    LicenceRevokedV1,
    LicenceState,
    LicenceSuspendedV1,
)
from shared.kit.calendar import jalali_year, months_later, today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed, Problem
from svc_licensing.applications.models import Application
from svc_licensing.applications.models import Status as Decision
from svc_licensing.licences import events, queries, repository
from svc_licensing.licences.errors import (
    AgreementMissing,
    ApplicationUnknown,
    DecisionUsed,
    ExtendedBefore,
    LicenceHeldAlready,
    LicenceStepNotAllowed,
    LicenceUnknown,
    NotDecided,
    RenewalNotOpen,
    RuleNotSet,
)
from svc_licensing.licences.models import Licence, Status
from svc_licensing.licences.schemas import (
    Decided,
    LicenceIssue,
    LicenceRead,
    Reasoned,
    Resumption,
)
from svc_licensing.requirements import queries as requirements
from svc_licensing.rules import Act, LicenceKind, Rules

AT_ONCE = 100
ONE_DAY = timedelta(days=1)
WITHOUT_AGREEMENT = 13
"""The clause of associations, which are established and not agreed to."""

STEPS: Mapping[str, frozenset[Status]] = {
    "renew": frozenset({Status.IN_FORCE, Status.EXPIRED}),
    "extend": frozenset({Status.IN_FORCE}),
    "move": frozenset({Status.IN_FORCE}),
    "change-manager": frozenset({Status.IN_FORCE}),
    "suspend": frozenset({Status.IN_FORCE}),
    "resume": frozenset({Status.SUSPENDED}),
    "revoke": frozenset({Status.IN_FORCE, Status.SUSPENDED}),
}
"""Operation → the statuses in which it is possible."""


_PRESENT: Mapping[Status, type[LicenceState]] = {
    Status.IN_FORCE: LicenceIssuedV1,
    Status.SUSPENDED: LicenceSuspendedV1,
    Status.REVOKED: LicenceRevokedV1,
    Status.EXPIRED: LicenceExpiredV1,
}
"""What a licence is announced by that is to be known anew."""


async def issue(command: Command, body: LicenceIssue) -> LicenceRead:
    """Raises ApplicationUnknown, NotDecided, DecisionUsed, RuleNotSet, AgreementMissing and LicenceHeldAlready."""
    decided = await _decided(command, body.application_id, Act.ISSUE)
    valid_from = body.valid_from or decided.decided_on or today()
    rules = await _rules(command, decided.licence_kind, decided.clause)
    valid_to = _period(rules, valid_from)
    agreement = await _agreement(command, decided)
    if decided.center is not None and await repository.is_held(
        command, center=decided.center, kind=decided.licence_kind
    ):
        raise LicenceHeldAlready
    licence = Licence(
        id=new_id(),
        jurisdiction=decided.jurisdiction,
        version=1,
        number=await _number(command, decided.jurisdiction),
        kind=decided.licence_kind,
        clause=decided.clause,
        application_id=decided.id,
        agreement_id=None if agreement is None else agreement.id,
        holder_id=decided.founder_id,
        holder_name=decided.holder_name,
        institution_id=decided.institution_id,
        center=decided.center,
        address=decided.address,
        manager_name=await repository.name_of(command, decided.manager_id),
        scope=decided.activity_scope,
        conditions=decided.conditions,
        valid_from=valid_from,
        valid_to=valid_to,
        renewal_opens_on=_renewal_opens_on(rules, valid_to),
        status=Status.IN_FORCE,
        status_since=command.now,
        issued_at=command.now,
        issued_by=command.actor.subject,
    )
    await repository.add(command, licence)
    repository.add_step(
        command, licence, "issued", {"from": str(valid_from), "to": str(valid_to)}, application_id=decided.id
    )
    await command.session.flush()
    if agreement is not None:
        _become(command, agreement, Status.USED)
        await _next(command, agreement, "used", {"licence": licence.number})
        command.publish(events.fact(LicenceChangedV1, agreement, changed=["status"]))
    command.publish(events.fact(LicenceIssuedV1, licence))
    return await _shown(command, licence.id)


async def renew(command: Command, licence_id: UUID, *, version: int, body: Decided) -> LicenceRead:
    """The next period follows the present one; after a gap it begins with the decision.

    Raises what every step raises: NotFound, PreconditionFailed, LicenceStepNotAllowed; what every decision raises:
    ApplicationUnknown, NotDecided, DecisionUsed; and RuleNotSet.
    """
    licence = await _at_step(command, licence_id, "renew", version=version)
    decided = await _decided(command, body.application_id, Act.RENEW, licence=licence)
    begins = max(licence.valid_to + ONE_DAY, decided.decided_on or today())
    rules = await _rules(command, licence.kind, licence.clause)
    before, licence.valid_to = licence.valid_to, _period(rules, begins)
    if begins > before + ONE_DAY:  # it was not valid in between, and the certificate does not say so
        licence.valid_from = begins
    licence.renewal_opens_on, licence.renewal_announced_at = _renewal_opens_on(rules, licence.valid_to), None
    if licence.status != Status.IN_FORCE:
        _become(command, licence, Status.IN_FORCE)
    said = {"from": str(begins), "to": str(licence.valid_to)}
    await _next(command, licence, "renewed", said, application_id=decided.id)
    command.publish(events.fact(LicenceRenewedV1, licence))
    return await _shown(command, licence_id)


async def extend(command: Command, licence_id: UUID, *, version: int, body: Decided) -> LicenceRead:
    """More time for what was agreed to, once.

    Raises ExtendedBefore and RuleNotSet beside what every step and every decision raises.
    """
    licence = await _at_step(command, licence_id, "extend", version=version)
    decided = await _decided(command, body.application_id, Act.EXTEND, licence=licence)
    if licence.extended:
        raise ExtendedBefore
    rules = await _rules(command, licence.kind, licence.clause)
    if rules.extension_months is None:
        raise RuleNotSet(rule="extension-months")
    licence.valid_to = months_later(licence.valid_to + ONE_DAY, rules.extension_months) - ONE_DAY
    licence.renewal_opens_on = _renewal_opens_on(rules, licence.valid_to)
    licence.extended = True
    await _next(command, licence, "extended", {"to": str(licence.valid_to)}, application_id=decided.id)
    command.publish(events.fact(LicenceExtendedV1, licence))
    return await _shown(command, licence_id)


async def move(command: Command, licence_id: UUID, *, version: int, body: Decided) -> LicenceRead:
    """The center is at another address. Raises what every step and every decision raises."""
    licence = await _at_step(command, licence_id, "move", version=version)
    decided = await _decided(command, body.application_id, Act.MOVE, licence=licence)
    licence.address = decided.address
    await _next(command, licence, "moved", {"address": licence.address}, application_id=decided.id)
    command.publish(events.fact(LicenceChangedV1, licence, changed=["place"]))
    return await _shown(command, licence_id)


async def change_manager(command: Command, licence_id: UUID, *, version: int, body: Decided) -> LicenceRead:
    """Somebody else manages the center. Raises what every step and every decision raises."""
    licence = await _at_step(command, licence_id, "change-manager", version=version)
    decided = await _decided(command, body.application_id, Act.CHANGE_MANAGER, licence=licence)
    licence.manager_name = await repository.name_of(command, decided.manager_id)
    await _next(command, licence, "manager-changed", {}, application_id=decided.id)
    command.publish(events.fact(LicenceChangedV1, licence, changed=["manager"]))
    return await _shown(command, licence_id)


async def suspend(command: Command, licence_id: UUID, *, version: int, body: Reasoned) -> LicenceRead:
    """Raises what every step raises."""
    return await _end(command, licence_id, "suspend", Status.SUSPENDED, LicenceSuspendedV1, version=version, body=body)


async def revoke(command: Command, licence_id: UUID, *, version: int, body: Reasoned) -> LicenceRead:
    """Raises what every step raises."""
    return await _end(command, licence_id, "revoke", Status.REVOKED, LicenceRevokedV1, version=version, body=body)


async def resume(command: Command, licence_id: UUID, *, version: int, body: Resumption) -> LicenceRead:
    """Raises what every step raises."""
    licence = await _at_step(command, licence_id, "resume", version=version)
    _become(command, licence, Status.IN_FORCE)
    await _next(command, licence, "resumed", {"decision": body.decision})
    command.publish(events.fact(LicenceResumedV1, licence))
    return await _shown(command, licence_id)


async def open_to(command: Command, licence_id: UUID, *, act: Act) -> Licence:
    """The licence for which something is asked for. Raises LicenceUnknown, LicenceStepNotAllowed,
    RenewalNotOpen and ExtendedBefore."""
    licence = await repository.hold(command, licence_id)
    if licence is None:
        raise _at("/licence_id", LicenceUnknown)
    _possible(licence, act.value)
    if act == Act.EXTEND and licence.extended:
        raise ExtendedBefore
    opens_on = licence.renewal_opens_on
    if act == Act.RENEW and (opens_on is None or opens_on > today()):
        raise RenewalNotOpen(opens_on=None if opens_on is None else str(opens_on))
    return licence


async def announce_ended(command: Command, *, on: date, limit: int = AT_ONCE) -> int:
    """End the licences whose last day is over, and tell who depends on them; how many it were."""
    expired = await repository.take_expired(command, on=on, limit=limit)
    for licence in expired:
        _become(command, licence, Status.EXPIRED)
        await _next(command, licence, "expired", {"on": str(licence.valid_to)})
        command.publish(events.fact(LicenceExpiredV1, licence))
    return len(expired)


async def remind_of_renewal(command: Command, *, on: date, limit: int = AT_ONCE) -> int:
    """Say of which licences the next period can be applied for from now on; how many it were."""
    renewable = await repository.take_renewable(command, on=on, limit=limit)
    for licence in renewable:
        licence.renewal_announced_at = command.now
        await _next(command, licence, "renewal-due", {"until": str(licence.valid_to)})
        command.publish(events.fact(LicenceRenewalDueV1, licence))
    return len(renewable)


async def announce_all(command: Command) -> None:
    """Publish the present state of every licence again."""
    for licence in await repository.every(command):
        if licence.status == Status.USED:
            command.publish(events.fact(LicenceChangedV1, licence, changed=["status"]))
        else:
            command.publish(events.fact(_PRESENT[Status(licence.status)], licence))


async def _end(
    command: Command,
    licence_id: UUID,
    step: str,
    status: Status,
    fact: type[LicenceState],
    *,
    version: int,
    body: Reasoned,
) -> LicenceRead:
    licence = await _at_step(command, licence_id, step, version=version)
    _become(command, licence, status, reason=body.reason)
    await _next(command, licence, status, body.model_dump())
    command.publish(events.fact(fact, licence))
    return await _shown(command, licence_id)


async def _decided(command: Command, application_id: UUID, act: Act, *, licence: Licence | None = None) -> Application:
    """The approved request to do this. Raises ApplicationUnknown, NotDecided and DecisionUsed."""
    decided = await repository.decided(command, application_id)
    if decided is None:
        raise _at("/application_id", ApplicationUnknown)
    about_this = licence is None or decided.licence_id == licence.id
    if decided.act != act or decided.status != Decision.APPROVED or not about_this:
        raise NotDecided(act=act.value, present=decided.act, status=decided.status)
    if await repository.had_its_effect(command, application_id):
        raise DecisionUsed
    return decided


async def _agreement(command: Command, decided: Application) -> Licence | None:
    """What an activity licence fulfils. Raises AgreementMissing."""
    if decided.licence_kind != LicenceKind.ACTIVITY or decided.clause == WITHOUT_AGREEMENT:
        return None
    agreement = await repository.agreement_of(command, decided.founder_id, clause=decided.clause, center=decided.center)
    if agreement is None:
        raise AgreementMissing
    return agreement


async def _rules(command: Command, kind: str, clause: int) -> Rules:
    """Those in force today, whenever the licence begins."""
    return await requirements.in_force(
        command.connection, licence=LicenceKind(kind), act=Act.ISSUE, clause=clause, on=today()
    )


def _period(rules: Rules, begins: date) -> date:
    """The last day of a period that begins on that day. Raises RuleNotSet."""
    if rules.validity_months is None:
        raise RuleNotSet(rule="validity-months")
    return months_later(begins, rules.validity_months) - ONE_DAY


def _renewal_opens_on(rules: Rules, valid_to: date) -> date | None:
    months = rules.renewal_opens_months
    return None if months is None else months_later(valid_to + ONE_DAY, -months)


async def _number(command: Command, place: str) -> str:
    series = f"{place[:2]}-{jalali_year(today())}"
    return f"{series}-{await repository.next_serial(command, series):05}"


async def _at_step(command: Command, licence_id: UUID, step: str, *, version: int) -> Licence:
    licence = await repository.hold(command, licence_id)
    if licence is None:
        raise NotFound
    if licence.version != version:
        raise PreconditionFailed
    _possible(licence, step)
    return licence


def _possible(licence: Licence, step: str) -> None:
    if licence.status not in STEPS[step]:
        allowed = [name for name, statuses in STEPS.items() if licence.status in statuses]
        raise LicenceStepNotAllowed(present=licence.status, allowed=allowed)


def _become(command: Command, licence: Licence, status: Status, *, reason: str | None = None) -> None:
    licence.status, licence.status_since, licence.status_reason = status, command.now, reason


async def _next(
    command: Command, licence: Licence, kind: str, about: Mapping[str, Any], *, application_id: UUID | None = None
) -> None:
    licence.version += 1
    repository.add_step(command, licence, kind, about, application_id=application_id)
    await command.session.flush()


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer, problem.code, problem.title)])


async def _shown(command: Command, licence_id: UUID) -> LicenceRead:
    return await queries.licence(command.connection, licence_id, scope=command.scope_range)
