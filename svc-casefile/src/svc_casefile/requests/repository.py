"""Writes of service requests."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from svc_casefile.households.models import CaseFile
from svc_casefile.requests.models import ServiceReferral, ServiceRequest


async def locked(command: Command, service_request_id: UUID) -> ServiceRequest:
    """The request, to be changed. Its file is locked already, so that all who change it come in the same order."""
    statement = select(ServiceRequest).where(ServiceRequest.id == service_request_id).with_for_update()
    return (await command.session.exec(statement)).one()


async def awaited_referral(command: Command, service_request_id: UUID) -> ServiceReferral:
    """The referral whose answer is to come."""
    statement = select(ServiceReferral).where(
        ServiceReferral.service_request_id == service_request_id, col(ServiceReferral.answered_on).is_(None)
    )
    return (await command.session.exec(statement)).one()


async def take_overdue(command: Command, *, on: date, limit: int) -> Sequence[tuple[ServiceRequest, CaseFile]]:
    """Requests whose expected day is over and of which no county was told, locked with their files.

    What somebody else is working on is left for the next time: nobody waits, and no two take the same.
    """
    statement = (
        select(ServiceRequest, CaseFile)
        .join(CaseFile, col(CaseFile.id) == col(ServiceRequest.case_file_id))
        .where(
            col(ServiceRequest.closed_at).is_(None),
            col(ServiceRequest.escalated_at).is_(None),
            col(ServiceRequest.expected_on) < on,
            CaseFile.status != "closed",
        )
        .order_by(col(ServiceRequest.expected_on))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await command.session.exec(statement)).all()


async def count_try(command: Command, tracking_code: str, *, window: timedelta) -> tuple[int, datetime]:
    """Count one more try of a tracking code; answers with how many there were since when, within the window."""
    row = await command.connection.fetchrow(
        """
        INSERT INTO tracking_attempt AS known (tracking_code, since, tries) VALUES ($1, $2, 1)
        ON CONFLICT (tracking_code) DO UPDATE
           SET tries = CASE WHEN known.since <= $3 THEN 1 ELSE known.tries + 1 END,
               since = CASE WHEN known.since <= $3 THEN EXCLUDED.since ELSE known.since END
        RETURNING tries, since
        """,
        tracking_code,
        command.now,
        command.now - window,
    )
    return row["tries"], row["since"]


async def forget_tries(command: Command, *, before: datetime) -> None:
    await command.connection.execute("DELETE FROM tracking_attempt WHERE since <= $1", before)
