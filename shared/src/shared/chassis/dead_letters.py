"""Events that a consumer gave up on: kept whole until someone sends them back.

`dead-letters list` shows them without their content, `dead-letters return` publishes them to their stream again. All
consumers of the stream receive a returned event; those that had it pass over it (inbox).
"""

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

import nats.errors
from nats.aio.msg import Msg
from nats.js.api import Header
from nats.js.errors import NotFoundError

from shared.chassis.broker import Broker
from shared.chassis.streams import DEAD_LETTERS
from shared.contracts.events import CONTENT_TYPE, Envelope

REASON = "Dead-Letter-Reason"
CONSUMER = "Dead-Letter-Consumer"
SUBJECT = "Dead-Letter-Subject"
SEQUENCE = "Dead-Letter-Sequence"
DELIVERIES = "Dead-Letter-Deliveries"

_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """What an operator may see of a dead letter; nothing of the event's content."""

    number: int
    """Its place among the dead letters."""
    at: str
    event_id: str | None
    """None when the document is no event at all."""
    subject: str
    sequence: int
    """Its place in the stream that it came from."""
    consumer: str
    reason: str
    """The class of the error."""
    deliveries: int


async def bury(broker: Broker, message: Msg, *, service: str, reason: str) -> None:
    """Keep a message that was delivered in vain. Raises what publishing raises."""
    origin = message.metadata
    await broker.jetstream.publish(
        f"dlq.{service}.{message.subject}",
        message.data,
        headers={
            # the same delivery buried twice, because the first answer was lost, is one dead letter
            Header.MSG_ID.value: f"{origin.stream}:{origin.consumer}:{origin.sequence.stream}",
            "Content-Type": CONTENT_TYPE,
            REASON: reason,
            CONSUMER: origin.consumer,
            SUBJECT: message.subject,
            SEQUENCE: str(origin.sequence.stream),
            DELIVERIES: str(origin.num_delivered),
        },
    )


async def find(broker: Broker, *, service: str, limit: int) -> AsyncIterator[tuple[DeadLetter, bytes]]:
    """The oldest dead letters of a service with their documents; looking consumes nothing."""
    await broker.wait_connected(seconds=_CONNECT_SECONDS)
    number = 0
    for _ in range(limit):
        try:
            # one that is returned meanwhile is gone, so the next is asked for by the number it must be behind
            found = await broker.jetstream.get_msg(DEAD_LETTERS, number + 1, f"dlq.{service}.>", next=True)
        except NotFoundError:
            return
        number, headers = found.seq or 0, found.headers or {}
        document = found.data or b""
        yield (
            DeadLetter(
                number=number,
                at="" if found.time is None else found.time.isoformat(),
                event_id=_event_id(document),
                subject=headers[SUBJECT],
                sequence=int(headers[SEQUENCE]),
                consumer=headers[CONSUMER],
                reason=headers[REASON],
                deliveries=int(headers[DELIVERIES]),
            ),
            document,
        )


async def list_dead_letters(broker: Broker, *, service: str, limit: int) -> None:
    """Write the oldest dead letters to standard output, one JSON object a line."""
    async for letter, _ in find(broker, service=service, limit=limit):
        sys.stdout.write(json.dumps(asdict(letter)) + "\n")


async def return_dead_letters(broker: Broker, *, service: str, limit: int) -> None:
    """Publish the oldest dead letters to the streams that they came from, and remove them.

    Raises PermissionError when this NATS account may not publish the event, as only its owner's may.
    """
    returned = 0
    async for letter, document in find(broker, service=service, limit=limit):
        headers = {
            # not the id of the event, which JetStream may still remember and drop
            Header.MSG_ID.value: f"{letter.event_id}:returned:{letter.number}",
            "Content-Type": CONTENT_TYPE,
        }
        try:
            await broker.jetstream.publish(letter.subject, document, headers=headers)
        except nats.errors.TimeoutError:  # all that NATS lets a publisher see of a missing permission
            raise PermissionError(f"NATS_USER is not the account that may publish {letter.subject}") from None
        await broker.jetstream.delete_msg(DEAD_LETTERS, letter.number)
        returned += 1
    sys.stdout.write(f"{returned} returned\n")


def _event_id(document: bytes) -> str | None:
    try:
        return str(Envelope.parse(document).id)
    except ValueError:
        return None
