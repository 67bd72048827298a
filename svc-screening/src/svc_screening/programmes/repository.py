"""Writes of protocols."""

from collections.abc import Sequence

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.problems import NotFound
from svc_screening.programmes.models import Programme, Protocol, ProtocolRule, ProtocolStatus


async def hold_programme(command: Command, code: str) -> Programme:
    """The programme, locked, so that its versions are numbered one after the other. Raises NotFound."""
    programme = await command.session.get(Programme, code, with_for_update=True)
    if programme is None:
        raise NotFound
    return programme


async def versions(command: Command, code: str) -> Sequence[Protocol]:
    """All versions of a programme, the latest first."""
    statement = select(Protocol).where(Protocol.programme_code == code).order_by(col(Protocol.number).desc())
    return (await command.session.exec(statement)).all()


async def hold(command: Command, code: str, number: int) -> Protocol:
    """A version, locked until the command ends. Raises NotFound."""
    statement = select(Protocol).where(Protocol.programme_code == code, Protocol.number == number).with_for_update()
    protocol = (await command.session.exec(statement)).one_or_none()
    if protocol is None:
        raise NotFound
    return protocol


async def rule(command: Command, protocol: Protocol, code: str) -> ProtocolRule:
    """A rule of a version that is locked. Raises NotFound."""
    found = await command.session.get(ProtocolRule, (protocol.id, code))
    if found is None:
        raise NotFound
    return found


async def rules(command: Command, protocol: Protocol) -> Sequence[ProtocolRule]:
    statement = select(ProtocolRule).where(ProtocolRule.protocol_id == protocol.id)
    return (await command.session.exec(statement)).all()


async def add(command: Command, protocol: Protocol, rules: Sequence[ProtocolRule]) -> None:
    command.session.add(protocol)
    await command.session.flush()
    command.session.add_all(rules)


async def next_version(command: Command, protocol: Protocol) -> None:
    """Count the version on, for whoever keeps what it said."""
    protocol.version += 1
    protocol.changed_at = command.now
    await command.session.flush()


def signed_off(protocols: Sequence[Protocol]) -> list[Protocol]:
    return [each for each in protocols if each.status == ProtocolStatus.SIGNED_OFF]
