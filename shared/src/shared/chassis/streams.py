"""The streams of the platform, declared once: one for each owner of events, one for dead letters, one for what
national systems send in."""

from datetime import timedelta

from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.chassis.broker import Broker
from shared.chassis.settings import load

DEAD_LETTERS = "DEAD_LETTERS"
NATIONAL = "NATIONAL"
OWNERS = ("registry", "casefile", "screening", "licensing", "adoption", "gateway")
KEPT_FOR_EVER = frozenset({"registry"})
"""Owners whose whole history is small, and what every new consumer has to know."""

DUPLICATE_WINDOW = timedelta(minutes=10)
"""How long JetStream remembers message ids: the longest time between a publication and its repetition by a relay that
did not hear the answer."""

_ANOTHER_CONFIGURATION = 10058
_CONNECT_SECONDS = 30.0


class StreamSettings(BaseSettings):
    """How much safety and history; read by `migrate`, which declares the streams."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    stream_replicas: int = Field(default=1, ge=1, le=5)
    stream_max_age_days: int = Field(default=90, ge=8)
    """History of streams that are not kept for ever. The inbox remembers a week longer."""


def stream_of(owner: str) -> str:
    return owner.upper()


def is_national(subject: str) -> bool:
    """Whether it goes to the stream that all who speak with national systems share."""
    return subject.startswith("national.")


def declared(settings: StreamSettings) -> dict[str, StreamConfig]:
    """The configuration of every stream by its name."""
    age = timedelta(days=settings.stream_max_age_days).total_seconds()
    streams = {
        stream_of(owner): StreamConfig(
            subjects=[f"pl.{owner}.>"],
            max_age=0 if owner in KEPT_FOR_EVER else age,
            allow_atomic=True,
            description=f"events of {owner}",
        )
        for owner in OWNERS
    }
    streams[NATIONAL] = StreamConfig(
        subjects=["national.>"], max_age=age, description="asked of national systems, and answered by them"
    )
    streams[DEAD_LETTERS] = StreamConfig(
        subjects=["dlq.>"], max_age=0, allow_direct=True, description="events that a consumer gave up on"
    )
    return {
        name: stream.evolve(
            name=name,
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            num_replicas=settings.stream_replicas,
            duplicate_window=DUPLICATE_WINDOW.total_seconds(),
        )
        for name, stream in streams.items()
    }


async def ensure_streams(broker: Broker, *, owner: str) -> None:
    """Create or update the stream of `owner` and the two that all share.

    Raises TimeoutError when NATS cannot be reached.
    """
    await broker.wait_connected(seconds=_CONNECT_SECONDS)
    settings = load(StreamSettings)
    for name in (stream_of(owner), DEAD_LETTERS, NATIONAL):
        await ensure_stream(broker.jetstream, declared(settings)[name])


async def ensure_stream(jetstream: JetStreamContext, stream: StreamConfig) -> None:
    """Create the stream, or bring an existing one to this configuration; its messages stay."""
    try:
        await jetstream.add_stream(stream)
    except BadRequestError as error:
        if error.err_code != _ANOTHER_CONFIGURATION:
            raise
        await jetstream.update_stream(stream)
