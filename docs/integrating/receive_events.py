"""Receive the events of your jurisdiction, each at least once, and print them: a line of JSON each.

    pip install nats-py
    NATS_URL=tls://nats.example.org:4222 NATS_USER=welfare-database-29 NATS_PASSWORD=… python receive_events.py CASEFILE

The platform keeps your place in each stream (a durable consumer named after your user), so stop and start this as you
like. An event counts as received when it is acknowledged: replace `receive` with what you do with an event, and return
only when its effect is safe. The same event may come twice; its `id` tells. `--from-the-beginning` starts over.
"""

import argparse
import asyncio
import json
import os
import signal
import sys

import nats
from nats.errors import Error
from nats.js import JetStreamContext

DOMAIN = "positive-life"
BATCH = 100
WAIT_SECONDS = 5


async def receive(event: dict[str, object]) -> None:
    """What you do with an event; it will come again if this raises."""
    print(json.dumps(event, ensure_ascii=False), flush=True)


async def follow(jetstream: JetStreamContext, stream: str, consumer: str) -> None:
    """Fetch and acknowledge, for ever."""
    subscription = await jetstream.pull_subscribe_bind(consumer, stream=stream)
    while True:
        try:
            messages = await subscription.fetch(BATCH, timeout=WAIT_SECONDS)
        except TimeoutError:  # nothing new
            continue
        except Error as error:  # away for a moment: the client reconnects by itself
            print(f"{stream}: {error!r}", file=sys.stderr)
            await asyncio.sleep(1)
            continue
        for message in messages:
            await receive(json.loads(message.data))
            await message.ack()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("streams", nargs="+", metavar="STREAM", help="REGISTRY, CASEFILE, SCREENING or LICENSING")
    parser.add_argument("--from-the-beginning", action="store_true", help="receive the whole history once more")
    arguments = parser.parse_args()

    user = os.environ["NATS_USER"]
    connection = await nats.connect(
        os.environ["NATS_URL"], user=user, password=os.environ["NATS_PASSWORD"], max_reconnect_attempts=-1
    )
    jetstream = connection.jetstream(domain=DOMAIN)
    if arguments.from_the_beginning:
        for stream in arguments.streams:
            reset = f"$JS.{DOMAIN}.API.CONSUMER.RESET.{stream}.client-{user}"
            await connection.request(reset, json.dumps({"seq": 1}).encode(), timeout=WAIT_SECONDS)

    followers = [asyncio.create_task(follow(jetstream, stream, f"client-{user}")) for stream in arguments.streams]
    for end in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(end, lambda: [each.cancel() for each in followers])
    try:
        await asyncio.gather(*followers)
    except asyncio.CancelledError:
        await connection.drain()  # the acknowledgements that are still on their way


if __name__ == "__main__":
    asyncio.run(main())
