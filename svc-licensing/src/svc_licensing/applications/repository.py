"""Writes of applications, their papers and their history."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.ids import new_id
from shared.kit.problems import NotFound
from svc_licensing.applications.models import Application, ApplicationStep
from svc_licensing.applications.schemas import DocumentSeen, Paper


def add(command: Command, application: Application) -> None:
    command.session.add(application)


async def hold(command: Command, application_id: UUID) -> Application:
    """Locked until the command ends, if it is inside the scope. Raises NotFound."""
    found = await command.session.get(Application, application_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def read(command: Command, application_id: UUID) -> Application:
    """Raises NotFound."""
    found = await command.session.get(Application, application_id)
    if found is None:
        raise NotFound
    return found


async def asked_about(command: Command, founder_id: UUID) -> list[UUID]:
    """The founder's undecided applications of which other bodies were asked already, in the order of their ids."""
    rows = await command.connection.fetch(
        "SELECT id FROM application WHERE founder_id = $1 AND (status IN"
        " ('inquiring', 'sent-on', 'vetting', 'reviewed', 'tabled') OR (status = 'incomplete' AND returned_from ="
        " 'sent-on') OR (status = 'appealed' AND needed IS DISTINCT FROM false)) ORDER BY id",
        founder_id,
    )
    return [row["id"] for row in rows]


async def next_number(command: Command) -> int:
    number: int = await command.connection.fetchval("SELECT nextval('application_number')")
    return number


def add_step(command: Command, application: Application, kind: str, about: Mapping[str, Any]) -> None:
    command.session.add(
        ApplicationStep(
            id=new_id(),
            application_id=application.id,
            jurisdiction=application.jurisdiction,
            kind=kind,
            at=command.now,
            actor=command.actor.subject,
            about=dict(about),
        )
    )


async def keep_document(command: Command, application: Application, seen: DocumentSeen) -> None:
    await command.connection.execute(
        "INSERT INTO application_document (id, application_id, jurisdiction, code, person_id, reference, issued_on,"
        " valid_until, received_at, received_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (application_id, code, person_id) DO UPDATE SET reference = EXCLUDED.reference,"
        " issued_on = EXCLUDED.issued_on, valid_until = EXCLUDED.valid_until, received_at = EXCLUDED.received_at,"
        " received_by = EXCLUDED.received_by",
        new_id(),
        application.id,
        application.jurisdiction,
        seen.code,
        seen.person_id,
        seen.reference,
        seen.issued_on,
        seen.valid_until,
        command.now,
        command.actor.subject,
    )


async def remove_documents(command: Command, application: Application, papers: Sequence[Paper]) -> None:
    await command.connection.execute(
        "DELETE FROM application_document AS d USING unnest($2::text[], $3::uuid[]) AS p (code, person_id)"
        " WHERE d.application_id = $1 AND d.code = p.code AND d.person_id IS NOT DISTINCT FROM p.person_id",
        application.id,
        [paper.code for paper in papers],
        [paper.person_id for paper in papers],
    )
