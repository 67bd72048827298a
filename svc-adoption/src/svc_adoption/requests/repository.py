"""Writes of requests."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select

from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.kit.ids import new_id
from shared.kit.problems import NotFound
from svc_adoption import sealed
from svc_adoption.requests.models import AdoptionRequest, Document, Exempted, Report, ReportKind, RequestStep
from svc_adoption.requests.schemas import (
    TABLE,
    DocumentCreate,
    DocumentKept,
    ExemptionCreate,
    ExemptionKept,
    Kept,
    ReportKept,
    blind,
)

DOCUMENT: Final = sealed.sealing("document")
EXEMPTION: Final = sealed.sealing("exemption")
REPORT: Final = sealed.sealing("report")


async def hold(command: Command, request_id: UUID) -> AdoptionRequest:
    """The request, locked until the command ends. Raises NotFound when it is not in the scope."""
    scope_from, scope_to = command.scope_range
    statement = select(AdoptionRequest).where(
        AdoptionRequest.id == request_id,
        col(AdoptionRequest.jurisdiction) >= scope_from,
        col(AdoptionRequest.jurisdiction) < scope_to,
    )
    found = (await command.session.exec(statement.with_for_update())).one_or_none()
    if found is None:
        raise NotFound
    return found


def keep(request: AdoptionRequest, document: Kept, *, seals: Seals) -> None:
    request.key_id, request.sealed = sealed.seal(TABLE, request.id, document, seals=seals)
    request.identities = blind(document, seals=seals)


async def add(command: Command, request: AdoptionRequest) -> None:
    command.session.add(request)
    await command.session.flush()


def add_step(command: Command, request: AdoptionRequest, step: str, about: Mapping[str, Any]) -> None:
    line = RequestStep(
        id=new_id(),
        request_id=request.id,
        step=step,
        status=request.status,
        at=command.now,
        actor=command.actor.subject,
        about=dict(about),
    )
    command.session.add(line)


def add_document(command: Command, request: AdoptionRequest, body: DocumentCreate, *, seals: Seals) -> None:
    row = _sealed(DOCUMENT, DocumentKept(**body.model_dump(include=set(DocumentKept.model_fields))), seals=seals)
    document = Document(
        **row, **_recorded(command, request), kind=body.kind, applicant=body.applicant, valid_until=body.valid_until
    )
    command.session.add(document)


def add_exemption(command: Command, request: AdoptionRequest, body: ExemptionCreate, *, seals: Seals) -> None:
    row = _sealed(EXEMPTION, ExemptionKept(**body.model_dump(exclude={"kind"})), seals=seals)
    command.session.add(Exempted(**row, kind=body.kind, **_recorded(command, request)))


def add_report(
    command: Command, request: AdoptionRequest, kind: ReportKind, document: ReportKept, *, seals: Seals
) -> None:
    row = _sealed(REPORT, document, seals=seals)
    command.session.add(Report(**row, kind=kind, **_recorded(command, request)))


async def erase(command: Command, request_id: UUID) -> dict[str, int]:
    """Delete all that is kept of a request; how many rows of which table. What others keep of it goes before."""
    erased = {}
    for table in ("request_step", "decision", "report", "exemption", "assessment", "document", "request"):
        key = "id" if table == "request" else "request_id"
        done = await command.connection.execute(f"DELETE FROM {table} WHERE {key} = $1", request_id)
        erased[table] = int(done.split()[1])
    return erased


def _sealed(table: str, document: BaseModel, *, seals: Seals) -> dict[str, Any]:
    row = new_id()
    key_id, kept = sealed.seal(table, row, document, seals=seals)
    return {"id": row, "key_id": key_id, "sealed": kept}


def _recorded(command: Command, request: AdoptionRequest) -> dict[str, Any]:
    return {"request_id": request.id, "recorded_at": command.now, "recorded_by": command.actor.subject}
