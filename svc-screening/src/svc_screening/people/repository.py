"""Writes of people: as casefile announces them, and as they come to a base."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.casefile import CaseFileClosedV1, CaseFileState
from shared.kit.calendar import today
from shared.kit.problems import NotFound
from svc_screening.people.models import STANDS_FOR_A_PERSON, Person

CHILDHOOD_YEARS = 18
"""Of the adults of a household nothing is kept: no programme goes looking for them."""

# a row that was there has an xmax
_HOUSEHOLDS = """
    INSERT INTO household AS known (case_file_id, jurisdiction, version)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::integer[])
    ON CONFLICT (case_file_id) DO UPDATE SET jurisdiction = EXCLUDED.jurisdiction, version = EXCLUDED.version
     WHERE known.version < EXCLUDED.version
    RETURNING case_file_id, xmax = 0 AS first
"""
_GONE = """
    UPDATE person SET present = false, version = version + 1
     WHERE case_file_id = ANY($1) AND present AND id <> ALL($2::uuid[])
"""
_MEMBERS = """
    INSERT INTO person AS known
           (id, jurisdiction, version, origin, present, case_file_id, case_file_number, relation, birth_date, sex,
            counts_as, registered_at, registered_by)
    SELECT m.id, m.jurisdiction, 1, 'household', m.present, m.case_file_id, m.number, m.relation, m.birth_date, m.sex,
           m.id, $1, $2
      FROM unnest($3::uuid[], $4::text[], $5::text[], $6::boolean[], $7::uuid[], $8::text[], $9::date[], $10::text[])
           AS m (case_file_id, jurisdiction, number, present, id, relation, birth_date, sex)
    ON CONFLICT (id) DO UPDATE
       SET jurisdiction = EXCLUDED.jurisdiction, version = known.version + 1, case_file_id = EXCLUDED.case_file_id,
           present = EXCLUDED.present AND known.merged_into IS NULL, case_file_number = EXCLUDED.case_file_number,
           relation = EXCLUDED.relation, birth_date = EXCLUDED.birth_date, sex = EXCLUDED.sex
"""
_REGISTER = """
    INSERT INTO person (id, jurisdiction, version, origin, present, birth_date, sex, id_type, id_value, given_name,
                        family_name, guardian_mobile, counts_as, digest, registered_at, registered_by)
    VALUES ($1, $2, 1, 'on-the-spot', true, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT DO NOTHING RETURNING true
"""


async def keep_households(command: Command, states: Sequence[CaseFileState]) -> None:
    """Take the states of files, unless newer ones are known."""
    latest = {state.case_file_id: state for state in sorted(states, key=lambda state: state.version)}
    news = await _newer(command, [*latest.values()])
    files = [latest[each] for each in news]
    known = await _leave(command, [latest[each] for each, first in news.items() if not first])
    day = today()
    child_since = date(day.year - CHILDHOOD_YEARS, day.month, min(day.day, 28))
    born = {
        member.member_id: member.birth_date or known.get(member.member_id) for file in files for member in file.members
    }
    members = [
        (file, member)
        for file in files
        for member in file.members
        if (on := born[member.member_id]) is not None and (on > child_since or member.member_id in known)
    ]
    if not members:
        return
    await command.connection.execute(
        _MEMBERS,
        command.now,
        command.actor.subject,
        [file.case_file_id for file, _ in members],
        [file.jurisdiction.code for file, _ in members],
        [file.number for file, _ in members],
        [file.status != "closed" for file, _ in members],
        [member.member_id for _, member in members],
        [member.relation for _, member in members],
        [born[member.member_id] for _, member in members],
        [member.sex for _, member in members],
    )


async def _leave(command: Command, files: Sequence[CaseFileState]) -> dict[UUID, date]:
    """Look for nobody in these households who is not named any more; answers with the days of birth of all in them."""
    if not files:
        return {}
    ids = [file.case_file_id for file in files]
    await command.connection.execute(_GONE, ids, [member.member_id for file in files for member in file.members])
    rows = await command.connection.fetch("SELECT id, birth_date FROM person WHERE case_file_id = ANY($1)", ids)
    return {row["id"]: row["birth_date"] for row in rows}


async def close_household(command: Command, file: CaseFileClosedV1) -> None:
    """The file is closed for good: nobody is looked for in it any more."""
    await command.connection.execute(_GONE, [*await _newer(command, [file])], [])


async def _newer(command: Command, files: Sequence[CaseFileState | CaseFileClosedV1]) -> dict[UUID, bool]:
    """The files of which this is news, and whether it is the first."""
    rows = await command.connection.fetch(
        _HOUSEHOLDS,
        [file.case_file_id for file in files],
        [file.jurisdiction.code for file in files],
        [file.version for file in files],
    )
    return {row["case_file_id"]: row["first"] for row in rows}


async def register(command: Command, person: Person) -> bool:
    """Add somebody who came to a base; False when the id or the identity is taken, wherever that is."""
    return bool(
        await command.connection.fetchval(
            _REGISTER,
            person.id,
            person.jurisdiction,
            person.birth_date,
            person.sex,
            person.id_type,
            person.id_value,
            person.given_name,
            person.family_name,
            person.guardian_mobile,
            person.counts_as,
            person.digest,
            person.registered_at,
            person.registered_by,
        )
    )


async def hold(command: Command, person_id: UUID) -> Person:
    """The person, locked until the command ends. Raises NotFound when not in the scope."""
    person = await command.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound
    return person


async def counted_elsewhere(command: Command, id_type: str, id_value: str) -> UUID | None:
    """The opaque id under which whoever has that number is counted, anywhere in the country."""
    found: UUID | None = await command.connection.fetchval("SELECT person_with_identity($1, $2)", id_type, id_value)
    return found


async def known_here(command: Command, id_type: str, id_value: str) -> UUID | None:
    """Whoever has that number inside the scope."""
    found: UUID | None = await command.connection.fetchval(
        f"SELECT id FROM person WHERE id_type = $1 AND id_value = $2 AND {STANDS_FOR_A_PERSON}"
        " AND jurisdiction >= $3 AND jurisdiction < $4",
        id_type,
        id_value,
        *command.scope_range,
    )
    return found


async def count_as(command: Command, counted: Sequence[UUID], now: UUID) -> None:
    """Whoever in the scope is counted as one of these is counted as one and the same from now on."""
    await command.connection.execute("UPDATE person SET counts_as = $2 WHERE counts_as = ANY($1)", [*counted], now)
