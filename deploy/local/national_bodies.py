"""A stand-in for the bodies that licensing asks: each, over an account of its own, answers what it is asked.

    python -m deploy.local.national_bodies                          until Ctrl-C; nothing speaks against anybody
    python -m deploy.local.national_bodies --mismatch 0499370899    but something does against this person

They answer as the real ones would: from their own durable consumer, by events, at least once.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import nats
from nats.aio.client import Client as Connection
from nats.errors import Error
from nats.js.errors import NotFoundError

from deploy.local.accounts import Running
from deploy.local.brokers import BODIES
from deploy.local.home import Home, Refusal
from deploy.nats.accounts import API_DOMAIN, Client
from shared.chassis.streams import NATIONAL
from shared.contracts.events import Envelope
from shared.contracts.licensing import InquiryAskedV1
from shared.contracts.national import InquiryRepliedV1
from shared.kit.calendar import now
from shared.kit.ids import new_id

AT_ONCE = 100
WAIT_SECONDS = 1.0


class NationalBodies:
    """All of them, answering."""

    def __init__(self, running: Running, passwords: Callable[[str], str], *, mismatches: Collection[str] = ()) -> None:
        """`mismatches`: numbers of persons or institutions against whom every body has something."""
        self._url = running.nats
        self._passwords = passwords
        self._mismatches = frozenset(mismatches)
        self.answered = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop`. Raises Refusal when NATS cannot be reached, or knows none of them."""
        try:
            async with asyncio.TaskGroup() as group:
                for body in BODIES:
                    group.create_task(self._answer(body, stop), name=body.name)
        except* Refusal as refusals:
            why = refusals.exceptions[0]
        else:
            return
        raise why

    async def _answer(self, body: Client, stop: asyncio.Event) -> None:
        connection = await self._connect(body)
        try:
            jetstream = connection.jetstream(domain=API_DOMAIN)
            questions = await jetstream.pull_subscribe_bind(body.consumer, stream=NATIONAL)
            while not stop.is_set():
                try:
                    messages = await questions.fetch(AT_ONCE, timeout=WAIT_SECONDS)
                except TimeoutError:
                    continue
                for message in messages:
                    asked = Envelope.parse(message.data).event
                    assert isinstance(asked, InquiryAskedV1)
                    reply = self._reply(asked)
                    answer = Envelope.wrap(reply, id=new_id(), time=now(), actor=body.name)
                    # by the question's id: asked once more about the same, the stream keeps one answer
                    headers = {"Nats-Msg-Id": f"{body.name}/{asked.inquiry_id}"}
                    await jetstream.publish(reply.subject, answer.to_json(), headers=headers)
                    await message.ack_sync()
                    self.answered += 1
        except (Error, NotFoundError, TimeoutError) as error:
            raise Refusal(f"{body.name} cannot answer over NATS: {error!r}") from None
        finally:
            # not drained: that waits for what a pull subscription never says it has done with
            await connection.close()

    async def _connect(self, body: Client) -> Connection:
        try:
            return await nats.connect(
                self._url, user=body.name, password=self._passwords(f"{body.name}_nats"), max_reconnect_attempts=5
            )
        except (Error, OSError) as error:
            raise Refusal(f"{body.name} cannot sign in at NATS ({error!r}): is it a server of your own?") from None

    def _reply(self, asked: InquiryAskedV1) -> InquiryRepliedV1:
        number = asked.institution_id if asked.person is None else asked.person.id_value
        found = number in self._mismatches
        return InquiryRepliedV1(
            jurisdiction=asked.jurisdiction,
            system=asked.system,
            inquiry_id=asked.inquiry_id,
            result="mismatch" if found else "ok",
            reference=f"stand-in {str(asked.inquiry_id)[-12:]}",
            note="نمایشی و ساختگی — made up by the stand-in" if found else None,
            replied_at=now(),
        )


@contextmanager
def answering(running: Running, home: Home, *, mismatches: Collection[str] = ()) -> Iterator[NationalBodies]:
    """The bodies answer beside the block. Raises Refusal, in place of what came of it, when they could not."""
    bodies = NationalBodies(running, home.secrets().password, mismatches=mismatches)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    failures: list[Refusal] = []

    def answer() -> None:
        try:
            loop.run_until_complete(bodies.run(stop))
        except Refusal as refusal:
            failures.append(refusal)

    thread = threading.Thread(target=answer, name="national bodies", daemon=True)
    thread.start()
    try:
        yield bodies
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        if failures:
            raise failures[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mismatch", action="append", default=[], metavar="NUMBER", help="of a person or institution")
    arguments = parser.parse_args()
    home = Home.from_environment()
    try:
        bodies = NationalBodies(
            Running.in_folder(home), home.secrets().password, mismatches=frozenset(arguments.mismatch)
        )
        sys.stdout.write(f"{len(BODIES)} bodies answer; Ctrl-C ends it\n")
        sys.stdout.flush()
        asyncio.run(_until_interrupted(bodies))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.write(f"{bodies.answered} questions answered\n")
    return 0


async def _until_interrupted(bodies: NationalBodies) -> None:
    stop = asyncio.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(end, stop.set)
    await bodies.run(stop)


if __name__ == "__main__":
    sys.exit(main())
