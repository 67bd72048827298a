"""Keeping the gateway's records of reads, each once."""

import re
from typing import Final
from uuid import UUID

from shared.chassis.database import Command
from shared.contracts.gateway import PersonalFileReadV1

_A_FILE: Final = re.compile(r"/v1/case-files/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/:].*)?", re.IGNORECASE)

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
      FROM (SELECT $3::uuid AS id) asked LEFT JOIN case_file f ON f.id = asked.id
    ON CONFLICT (id) DO NOTHING
"""


async def keep(command: Command, read: PersonalFileReadV1) -> None:
    """Keep a read at the place of the file that it was about, if it was about one that exists."""
    await command.connection.execute(
        _KEEP,
        read.audit_id,
        read.at,
        file_of(read.resource),
        read.actor,
        [*read.roles],
        read.scope.code,
        read.operation,
        read.resource,
        read.status,
        read.request_id,
        read.purpose,
    )


def file_of(resource: str) -> UUID | None:
    """The case file that a path is about: the file itself, or what hangs on it."""
    found = _A_FILE.fullmatch(resource)
    return None if found is None else UUID(found[1])
