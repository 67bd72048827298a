"""Keeping the gateway's records of reads, each once."""

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.gateway import PersonalFileReadV1

_ABOUT_ONE: Final = re.compile(
    r"/v1/(case-files|visits|service-requests|assessments|help-plans|break-glass)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/:].*)?",
    re.IGNORECASE,
)
_FILE_OF: Final[Mapping[str, str]] = {
    "case-files": "SELECT $3::uuid AS id",
    "visits": "SELECT (SELECT case_file_id FROM home_visit WHERE id = $3::uuid) AS id",
    "service-requests": "SELECT (SELECT case_file_id FROM service_request WHERE id = $3::uuid) AS id",
    "assessments": "SELECT (SELECT case_file_id FROM assessment WHERE id = $3::uuid) AS id",
    "help-plans": "SELECT (SELECT case_file_id FROM help_plan WHERE id = $3::uuid) AS id",
    "break-glass": "SELECT (SELECT case_file_id FROM break_glass WHERE id = $3::uuid) AS id",
}
"""Collection → the case file that one of its resources is about."""

_KEEP = """
    INSERT INTO personal_read (id, at, jurisdiction, case_file_id, reader, roles, reader_scope, operation, resource,
                               status, request_id, purpose, break_glass_id)
    SELECT $1, $2, coalesce(f.jurisdiction, $6), f.id, $4, $5, $6, $7, $8, $9, $10, $11,
           CASE WHEN NOT starts_with(f.jurisdiction, $6) THEN
               (SELECT g.id FROM break_glass g
                 WHERE g.case_file_id = f.id AND g.actor = $4 AND g.opened_from = $6
                   AND g.opened_at <= $2 AND coalesce(g.revoked_at, g.expires_at) >= $2
                 ORDER BY g.opened_at DESC LIMIT 1)
           END
      FROM ({file}) asked LEFT JOIN case_file f ON f.id = asked.id
    ON CONFLICT (id) DO NOTHING
"""


async def keep(command: Command, read: PersonalFileReadV1) -> None:
    """Keep a read at the place of the file that it was about, if it was about one that exists."""
    collection, resource_id = about_one(read.resource) or ("case-files", None)
    await command.connection.execute(
        _KEEP.format(file=_FILE_OF[collection]),
        read.audit_id,
        read.at,
        resource_id,
        read.actor,
        [*read.roles],
        read.scope.code,
        read.operation,
        read.resource,
        read.status,
        read.request_id,
        read.purpose,
    )


def about_one(resource: str) -> tuple[str, UUID] | None:
    """The collection and the id in the path of something that is about one case file."""
    found = _ABOUT_ONE.fullmatch(resource)
    return None if found is None else (found[1].lower(), UUID(found[2]))
