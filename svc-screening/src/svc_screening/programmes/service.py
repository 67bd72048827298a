"""How the rules of a programme come to decide: proposed by one person, signed off by another."""

from typing import Any

from pydantic import ValidationError

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, InvalidInput, PreconditionFailed, field_errors
from svc_screening.decisions import Rule
from svc_screening.programmes import queries, repository
from svc_screening.programmes.errors import (
    ProtocolNotDraft,
    ProtocolTooLate,
    RuleAlreadyDecides,
    RuleIncomplete,
    SecondPersonNeeded,
)
from svc_screening.programmes.models import DECIDES, Protocol, ProtocolRule, ProtocolStatus, Standing
from svc_screening.programmes.schemas import ProtocolCreate, ProtocolRead, RuleCreate, RuleProposal


async def draft(command: Command, code: str, body: ProtocolCreate) -> ProtocolRead:
    """Write the next version of a programme's protocol; it decides nothing until it is signed off. Raises NotFound."""
    await repository.hold_programme(command, code)
    known = await repository.versions(command, code)
    signed_off = repository.signed_off(known)
    before = {each.code: each for each in await repository.rules(command, signed_off[0])} if signed_off else {}
    protocol = Protocol(
        id=new_id(),
        programme_code=code,
        number=known[0].number + 1 if known else 1,
        version=1,
        changed_at=command.now,
        status=ProtocolStatus.DRAFT,
        valid_from=body.valid_from,
        from_months=body.from_months,
        to_months=body.to_months,
        stages=[each.model_dump(mode="json", exclude_defaults=True) for each in body.stages],
        instruments=[each.model_dump(mode="json", exclude_defaults=True) for each in body.instruments],
        source=body.source,
        drafted_by=command.actor.subject,
        drafted_at=command.now,
    )
    rules = [
        _rule(command, protocol, each, position, before.get(each.code)) for position, each in enumerate(body.rules)
    ]
    await repository.add(command, protocol, rules)
    await command.session.flush()
    return await queries.read_protocol(command.connection, code, protocol.number)


def _rule(
    command: Command, protocol: Protocol, body: RuleCreate, position: int, before: ProtocolRule | None
) -> ProtocolRule:
    document = _document(body)
    rule = ProtocolRule(
        protocol_id=protocol.id,
        code=body.code,
        position=position,
        standing=Standing.PROPOSED,
        document=document,
        source=body.source,
        proposed_by=command.actor.subject,
        proposed_at=command.now,
    )
    if before is not None and before.standing in DECIDES and before.document == document:
        for name in ("standing", "source", "proposed_by", "proposed_at", "signed_off_by", "signed_off_at"):
            setattr(rule, name, getattr(before, name))
    return rule


def _document(body: RuleCreate) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude={"source"}, exclude_defaults=True)


async def propose(
    command: Command, code: str, number: int, rule_code: str, *, version: int, body: RuleProposal
) -> ProtocolRead:
    """Set the figures of a rule that decides nothing yet.

    Raises NotFound, PreconditionFailed, RuleAlreadyDecides and InvalidInput for figures of another kind of rule.
    """
    protocol = await _current(command, code, number, version=version)
    rule = await repository.rule(command, protocol, rule_code)
    if rule.standing in DECIDES:
        raise RuleAlreadyDecides
    said = rule.document | body.model_dump(exclude={"source"}, exclude_none=True)
    try:
        Rule.model_validate(said)
    except ValidationError as error:
        wrong = [FieldError("/figures", each.code, each.message) for each in field_errors(error.errors())]
        raise InvalidInput(errors=wrong) from None
    rule.document = said
    rule.source, rule.proposed_by, rule.proposed_at = body.source, command.actor.subject, command.now
    await repository.next_version(command, protocol)
    return await queries.read_protocol(command.connection, code, number)


async def sign_off_rule(command: Command, code: str, number: int, rule_code: str, *, version: int) -> ProtocolRead:
    """Let a rule decide from now on.

    Raises NotFound, PreconditionFailed, RuleAlreadyDecides, RuleIncomplete and SecondPersonNeeded.
    """
    protocol = await _current(command, code, number, version=version)
    rule = await repository.rule(command, protocol, rule_code)
    if rule.standing in DECIDES:
        raise RuleAlreadyDecides
    if rule.document.get("figures") is None:
        raise RuleIncomplete
    if rule.proposed_by == command.actor.subject:
        raise SecondPersonNeeded
    rule.standing = Standing.SIGNED_OFF
    rule.signed_off_by, rule.signed_off_at = command.actor.subject, command.now
    await repository.next_version(command, protocol)
    return await queries.read_protocol(command.connection, code, number)


async def sign_off(command: Command, code: str, number: int, *, version: int) -> ProtocolRead:
    """Let a version hold from its first day on. Its proposals stay proposals, each to be signed off by itself.

    Raises NotFound, PreconditionFailed, ProtocolNotDraft, SecondPersonNeeded and ProtocolTooLate.
    """
    await repository.hold_programme(command, code)
    protocol = await _current(command, code, number, version=version)
    if protocol.status != ProtocolStatus.DRAFT:
        raise ProtocolNotDraft
    if protocol.drafted_by == command.actor.subject:
        raise SecondPersonNeeded
    others = repository.signed_off(await repository.versions(command, code))
    # what was decided today, and what devices still hold of earlier days, stays under the version that held
    if protocol.valid_from <= max([today(), *(each.valid_from for each in others)]):
        raise ProtocolTooLate
    protocol.status = ProtocolStatus.SIGNED_OFF
    protocol.signed_off_by, protocol.signed_off_at = command.actor.subject, command.now
    await repository.next_version(command, protocol)
    return await queries.read_protocol(command.connection, code, number)


async def _current(command: Command, code: str, number: int, *, version: int) -> Protocol:
    protocol = await repository.hold(command, code, number)
    if protocol.version != version:
        raise PreconditionFailed
    return protocol
