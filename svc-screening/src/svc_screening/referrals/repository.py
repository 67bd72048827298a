"""Writes of referrals."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json
from sqlalchemy import Date, func, literal
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.problems import NotFound
from svc_screening.clinics.models import Clinic
from svc_screening.db import metadata
from svc_screening.people.models import Person
from svc_screening.referrals.models import AWAITED, STILL_OPEN, Referral, ReferralStep

COUNTY_CODE = 4
"""Its digits."""

_REFERRAL = ", ".join(column.name for column in metadata.tables["referral"].columns)
# whoever has an open referral in the programme is not sent a second time
_ADD = f"""
    INSERT INTO referral ({_REFERRAL})
    SELECT {_REFERRAL} FROM json_populate_recordset(NULL::referral, $1::json) ORDER BY person_id, id
    ON CONFLICT DO NOTHING
    RETURNING {_REFERRAL}
"""
_WITHDRAW_SECOND = f"""
    UPDATE referral AS r SET status = 'withdrawn', status_since = $3, ended_on = $4, end_reason = 'one-person',
           version = version + 1
     WHERE r.person_id = $1 AND {STILL_OPEN}
       AND EXISTS (SELECT FROM referral AS other
                    WHERE other.person_id = $2 AND other.programme_code = r.programme_code AND other.{STILL_OPEN})
    RETURNING {_REFERRAL}
"""


async def add(command: Command, rows: Sequence[Mapping[str, Any]]) -> list[asyncpg.Record]:
    """Insert referrals (by the columns of Referral) of people who have none open in the programme; those that were."""
    found: list[asyncpg.Record] = await command.connection.fetch(_ADD, to_json(rows).decode())
    return found


async def hold(command: Command, referral_id: UUID, *, client: str | None = None) -> tuple[Referral, UUID]:
    """A referral, locked until the command ends, and as whom its person is counted.

    With a client: only one of the clinics that it reports for. Raises NotFound.
    """
    statement = select(Referral, Person.counts_as).join(Person, col(Person.id) == col(Referral.person_id))
    if client is not None:
        statement = statement.join(Clinic, col(Clinic.id) == col(Referral.clinic_id)).where(Clinic.client == client)
    scope_from, scope_to = command.scope_range
    statement = statement.where(
        Referral.id == referral_id, col(Person.jurisdiction) >= scope_from, col(Person.jurisdiction) < scope_to
    ).with_for_update(of=Referral)
    found = (await command.session.exec(statement)).first()
    if found is None:
        raise NotFound
    return found


async def by_token(command: Command, token: str) -> UUID | None:
    found: UUID | None = await command.connection.fetchval(
        "SELECT r.id FROM referral AS r JOIN person AS p ON p.id = r.person_id"
        " WHERE r.token = $1 AND p.jurisdiction >= $2 AND p.jurisdiction < $3",
        token,
        *command.scope_range,
    )
    return found


async def place_of(command: Command, person_id: UUID) -> str:
    """Who is responsible for the person now."""
    place: str = await command.connection.fetchval("SELECT jurisdiction FROM person WHERE id = $1", person_id)
    return place


async def has_open(command: Command, person_id: UUID, programme: str) -> bool:
    return bool(
        await command.connection.fetchval(
            f"SELECT EXISTS (SELECT FROM referral WHERE person_id = $1 AND programme_code = $2 AND {STILL_OPEN})",
            person_id,
            programme,
        )
    )


async def of_encounter(command: Command, encounter_id: UUID) -> UUID | None:
    found: UUID | None = await command.connection.fetchval(
        "SELECT id FROM referral WHERE encounter_id = $1 AND status <> 'withdrawn'", encounter_id
    )
    return found


async def withdraw_second(command: Command, person_id: UUID, other_id: UUID, *, on: date) -> list[asyncpg.Record]:
    """Of two persons who proved to be one, withdraw the first one's open referrals where the other has one too."""
    found: list[asyncpg.Record] = await command.connection.fetch(_WITHDRAW_SECOND, person_id, other_id, command.now, on)
    return found


async def give_to(command: Command, person_id: UUID, other_id: UUID) -> None:
    await command.connection.execute("UPDATE referral SET person_id = $2 WHERE person_id = $1", person_id, other_id)


async def happened(command: Command, referral_ids: Sequence[UUID], kind: str, about: Mapping[str, Any]) -> None:
    """One line for each."""
    await command.connection.execute(
        "INSERT INTO referral_step (id, referral_id, kind, at, actor, about)"
        " SELECT id, referral_id, $3, $4, $5, $6::jsonb FROM unnest($1::uuid[], $2::uuid[]) AS r (id, referral_id)",
        [new_id() for _ in referral_ids],
        [*referral_ids],
        kind,
        command.now,
        command.actor.subject,
        to_json(about).decode(),
    )


async def take_overdue(command: Command, *, on: date, limit: int) -> list[tuple[Referral, Person]]:
    """Awaited referrals whose day is over and of which the next level is to be told, locked.

    The county is told on the day after; the province when as many days again have gone by as there were at first.
    What somebody else is working on is left for the next time.
    """
    since = literal(on, Date) - col(Referral.due_on)
    given = col(Referral.due_on) - col(Referral.issued_on)
    statement = (
        select(Referral, Person)
        .join(Person, col(Person.id) == col(Referral.person_id))
        .where(
            col(Referral.status).in_([*AWAITED]),
            col(Referral.due_on) < on,
            col(Referral.escalated_to).is_(None)
            | ((func.length(Referral.escalated_to) == COUNTY_CODE) & (since > given)),
        )
        .order_by(col(Referral.due_on), col(Referral.id))
        .limit(limit)
        .with_for_update(of=Referral, skip_locked=True)
    )
    return [*(await command.session.exec(statement)).all()]


def add_step(command: Command, referral: Referral, kind: str, about: Mapping[str, Any]) -> None:
    command.session.add(
        ReferralStep(
            id=new_id(),
            referral_id=referral.id,
            kind=kind,
            at=command.now,
            actor=command.actor.subject,
            about=dict(about),
        )
    )
