"""NATS accounts: one for the platform, one for each connected system, and nothing between them but named subjects.

A system in the platform's own account could only be fenced in by lists of denied subjects, and whoever may ask
JetStream anything there can have the answer sent to any subject, into a stream as well. In an account of its own it
reaches what is imported by name below and nothing else exists for it.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.chassis.streams import NATIONAL, OWNERS, stream_of
from shared.kit.jurisdiction import Jurisdiction

PLATFORM: Final = "PLATFORM"
API_DOMAIN: Final = "positive-life"
"""The JetStream domain that a connected system names in its client library."""

ASKS: Final = "licensing"
"""The one service that asks national systems something."""

_ACK_SECONDS = 60
_UNACKNOWLEDGED = 1000


class Client(BaseModel):
    """A connected system: its name, its jurisdiction, whose events it is given, and as which body it is asked.

    Adoption and the audit trail of the gateway cannot be given to anyone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{2,39}$")]
    jurisdiction: Jurisdiction
    owners: tuple[Literal["registry", "casefile", "screening", "licensing"], ...] = ("registry", "casefile")
    answers: Annotated[str, StringConstraints(pattern="^[a-z][a-z-]{0,39}$")] | None = None
    """The national system as which it is asked (`criminal-record`): it gets what that system is asked inside its
    jurisdiction, which names people, and may send in what that system answers, and nothing as another."""

    @property
    def consumer(self) -> str:
        """The name of its durable consumer, on the stream of each owner."""
        return f"client-{self.name}"

    @property
    def streams(self) -> dict[str, str]:
        """The streams that it reads, each with the one filter that holds for it: what is inside its jurisdiction."""
        facts = {stream_of(owner): f"pl.{owner}.*.*.*.{self.jurisdiction.subject_filter}" for owner in self.owners}
        asked = {} if self.answers is None else {NATIONAL: self._national("asked")}
        return facts | asked

    @property
    def replies(self) -> str | None:
        """Where it may publish."""
        return None if self.answers is None else self._national("replied")

    def _national(self, fact: str) -> str:
        return f"national.{self.answers}.*.{fact}.*.{self.jurisdiction.subject_filter}"


def accounts(services: Mapping[str, str], clients: Mapping[Client, str]) -> dict[str, Any]:
    """The `accounts` of the server's configuration; both arguments give the password (or its bcrypt hash) of each.

    A service publishes its own events and no other's; names that own no events (an administrator) publish none.
    """
    platform: dict[str, Any] = {
        "jetstream": "enabled",
        "users": [_service(name, password) for name, password in services.items()],
        "exports": [],
    }
    result = {PLATFORM: platform}
    for client, password in clients.items():
        if client.name in result or client.name in services:
            raise ValueError(f"the name {client.name} is taken")
        exports, imports = _openings(client)
        platform["exports"] += exports
        result[client.name] = {
            "users": [{"user": client.name, "password": password}],
            "imports": imports,
            "limits": {"max_connections": 10, "max_subscriptions": 100},
        }
    return result


async def provision(jetstream: JetStreamContext, clients: Iterable[Client]) -> None:
    """Keep a durable pull consumer for each client on each of its streams; what was acknowledged stays so.

    `jetstream` is the platform's. Raises NotFoundError (nats-py) when a stream is not there yet.
    """
    for client in clients:
        for stream, subjects in client.streams.items():
            consumer = ConsumerConfig(
                name=client.consumer,
                durable_name=client.consumer,
                description=f"{client.name}, for {client.jurisdiction}",
                filter_subject=subjects,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=_ACK_SECONDS,
                max_ack_pending=_UNACKNOWLEDGED,
            )
            await jetstream.add_consumer(stream, consumer)


def _service(name: str, password: str) -> dict[str, Any]:
    foreign = [f"pl.{owner}.>" for owner in OWNERS if owner != name]
    foreign.append("national.*.*.replied.>" if name == ASKS else "national.>")
    return {"user": name, "password": password, "permissions": {"publish": {"deny": foreign}}}


def _openings(client: Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    exports: list[dict[str, Any]] = []
    imports: list[dict[str, Any]] = []
    for stream, live in client.streams.items():
        exports.append({"stream": live, "accounts": [client.name]})
        imports.append({"stream": {"account": PLATFORM, "subject": live}})
        consumer = f"{stream}.{client.consumer}"
        for subject, answers in (
            (f"$JS.API.CONSUMER.INFO.{consumer}", "singleton"),
            (f"$JS.API.CONSUMER.MSG.NEXT.{consumer}", "stream"),
            (f"$JS.API.CONSUMER.RESET.{consumer}", "singleton"),
            (f"$JS.ACK.{consumer}.>", "singleton"),
        ):
            exports.append({"service": subject, "response_type": answers, "accounts": [client.name]})
            imports.append(
                {
                    "service": {"account": PLATFORM, "subject": subject},
                    # in its own account $JS.API is that account's JetStream, which it does not have
                    "to": subject.replace("$JS.API.", f"$JS.{API_DOMAIN}.API."),
                }
            )
    if client.replies is not None:  # a service, so that the stream's acknowledgement finds its way back
        exports.append({"service": client.replies, "response_type": "singleton", "accounts": [client.name]})
        imports.append({"service": {"account": PLATFORM, "subject": client.replies}})
    return exports, imports
