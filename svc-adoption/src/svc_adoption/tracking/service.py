"""How applicants follow their request: by a code and a PIN, without an account, and nothing but their own."""

import asyncio
import hashlib
import math
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.kit.problems import TooManyRequests
from shared.kit.tracking import TrackingCode
from svc_adoption.tracking import queries, repository
from svc_adoption.tracking.errors import TrackingUnknown
from svc_adoption.tracking.schemas import TrackedAdoption, TrackingAsked, TrackingCreate, TrackingIssued

TRIES, TRY_WINDOW = 10, timedelta(hours=1)
"""How often one tracking code may be tried: of a million PINs, that many in the window, whoever tries."""


async def issue(command: Command, request_id: UUID, body: TrackingCreate) -> TrackingIssued:
    """A new code; the one before is void. Raises NotFound."""
    place = await queries.place_of(command.connection, request_id, scope=command.scope_range)
    code = f"{secrets.randbelow(10**16):016}"
    await repository.keep(command, request_id, jurisdiction=place, secret=await _secret(code, body.pin))
    return TrackingIssued(tracking_code=TrackingCode(code))


async def track(
    open_command: Callable[[], AbstractAsyncContextManager[Command]],
    open_query: Callable[[], AbstractAsyncContextManager[Query]],
    asked: TrackingAsked,
) -> TrackedAdoption:
    """The state of a request, for whoever knows its code and PIN. Raises TrackingUnknown and TooManyRequests.

    The try is counted, and that is committed, before it is looked at: none is free, and tries side by side are
    counted like those one after the other.
    """
    async with open_command() as command:
        tries, since = await repository.count_try(command, asked.tracking_code, window=TRY_WINDOW)
        wait = since + TRY_WINDOW - command.now
    if tries > TRIES:
        raise TooManyRequests(headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))})
    secret = await _secret(asked.tracking_code, asked.pin)
    async with open_query() as query:
        found = await queries.tracked(query.connection, secret)
    if found is None:
        raise TrackingUnknown
    return found


async def forget_tries(command: Command) -> None:
    await repository.forget_tries(command, before=command.now - TRY_WINDOW)


async def _secret(tracking_code: str, pin: str) -> bytes:
    """What code and PIN together are found by. Dear to make (some 10 ms), for whoever comes by a copy of the table.

    A wrong PIN and a wrong code are the same: neither leads to a row, after the same work.
    """
    return await asyncio.to_thread(
        hashlib.scrypt, pin.encode(), salt=tracking_code.encode(), n=2**12, r=8, p=1, dklen=32
    )
