"""`Idempotency-Key`: kept with the answer in the transaction of the change, so the two cannot part on a crash.

Follows draft-ietf-httpapi-idempotency-key-header-07. A key belongs to one caller. While the first request is still
running a second one waits for it; a request that failed leaves no key behind, so that it can be tried again.
"""

import hashlib
import json
import re

from fastapi import Request, Response

from shared.chassis.actor import Actor
from shared.chassis.database import Command, Database
from shared.kit.problems import IdempotencyKeyRequired, IdempotencyKeyReused, InvalidInput

KEPT_HOURS = 72
LONGEST_KEY = 200
_RANDOM = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_REPEATABLE_HEADERS = ("content-type", "etag", "location")


def key_of(request: Request, *, required: bool = False, shared: bool = False) -> str | None:
    """The key of a POST. `shared`: by callers without an account, so it must be one that others do not make as well.

    Raises IdempotencyKeyRequired, and InvalidInput for one that is not 1 to 200 visible characters, or no UUID.
    """
    if request.method != "POST":
        return None
    key = request.headers.get("idempotency-key")
    if key is None:
        if required:
            raise IdempotencyKeyRequired()
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise InvalidInput()
    if shared and not _RANDOM.fullmatch(key):
        raise InvalidInput()
    return key


async def fingerprint(request: Request, actor: Actor) -> bytes:
    """What a repeated request must have in common with the first: scope, address and body."""
    digest = hashlib.sha256(f"{actor.scope}\n{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return digest.digest()


async def claim(command: Command, key: str, *, operation: str, fingerprint: bytes) -> Response | None:
    """Take the key for this request, or get the answer that was given to it before.

    Raises IdempotencyKeyReused when the key came with another request.
    """
    taken = await command.connection.fetchval(
        "INSERT INTO idempotency_key (subject, key, operation, fingerprint) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING RETURNING true",
        command.actor.subject,
        key,
        operation,
        fingerprint,
    )
    if taken:
        return None
    row = await command.connection.fetchrow(
        "SELECT operation, fingerprint, status, headers, body FROM idempotency_key WHERE subject = $1 AND key = $2",
        command.actor.subject,
        key,
    )
    if row is None or row["operation"] != operation or row["fingerprint"] != fingerprint:
        raise IdempotencyKeyReused()
    headers = row["headers"] | {"Idempotent-Replayed": "true"}
    return Response(content=row["body"], status_code=row["status"], headers=headers)


async def keep(command: Command, key: str, response: Response) -> None:
    """Store the answer beside the change."""
    headers = {name: response.headers[name] for name in _REPEATABLE_HEADERS if name in response.headers}
    await command.connection.execute(
        "UPDATE idempotency_key SET status = $3, headers = $4, body = $5 WHERE subject = $1 AND key = $2",
        command.actor.subject,
        key,
        response.status_code,
        json.dumps(headers),
        bytes(response.body),
    )


async def forget_old(database: Database, actor: Actor) -> None:
    """Delete keys that are older than `KEPT_HOURS`."""
    async with database.command(actor) as command:
        await command.connection.execute(
            "DELETE FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1)", KEPT_HOURS
        )
