"""Events as every owner publishes them: facts in the past tense, in a CloudEvents 1.0 envelope.

An owner's facts are classes in its module (`contracts/casefile.py`). The class is the contract: its golden schema is
committed, and within a version only optional fields are added. A break is a `V2` class beside the `V1`.
"""

from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints
from pydantic_core import to_json

from shared.kit.jurisdiction import Jurisdiction

CONTENT_TYPE: Final = "application/cloudevents+json"

EVENTS: dict[str, type["Event"]] = {}
"""Every published event by its type. Import an owner's module to have its events here."""


def owned_by(owner: str) -> list[type["Event"]]:
    """The events of one owner, sorted by type."""
    return [event for _, event in sorted(EVENTS.items()) if event.owner == owner]


class Event(BaseModel):
    """Base of all facts. A class with the four words `owner`, `aggregate`, `fact` and `version` is published.

    Unknown fields are ignored when reading: a producer may be newer than its consumer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    owner: ClassVar[str]
    aggregate: ClassVar[str]
    fact: ClassVar[str]
    major: ClassVar[int]
    type: ClassVar[str]
    """As in `pl.casefile.case-file.opened.v1`; the subject on the wire is this and the address."""
    everywhere: ClassVar[str]
    """What to subscribe to, to receive it from every place."""
    identified_by: ClassVar[str]
    """The field that holds the id of the aggregate."""

    jurisdiction: Jurisdiction

    def __init_subclass__(
        cls, *, owner: str | None = None, aggregate: str = "", fact: str = "", version: int = 1, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if owner is None:
            return
        cls.owner, cls.aggregate, cls.fact, cls.major = owner, aggregate, fact, version
        cls.type, cls.everywhere = cls._addressed(f"{aggregate}.{fact}.v{version}")
        if EVENTS.setdefault(cls.type, cls) is not cls:
            raise TypeError(f"{cls.__name__}: {cls.type} is already {EVENTS[cls.type].__name__}")

    @classmethod
    def _addressed(cls, fact: str) -> tuple[str, str]:
        return f"pl.{cls.owner}.{fact}", f"pl.{cls.owner}.{fact}.>"

    @property
    def subject(self) -> str:
        """Where it is published: the type, then province, county and center."""
        return f"{self.type}.{self.jurisdiction.subject_tokens}"

    @property
    def aggregate_id(self) -> str:
        return str(getattr(self, self.identified_by))


class NationalEvent(Event):
    """What passes between a service and one national system, at `national.<system>.…`, where no other system reads.

    Alone among events these may name a person: the system is asked about somebody.
    """

    system: Annotated[str, StringConstraints(pattern="^[a-z][a-z-]{0,39}$")]

    @classmethod
    def _addressed(cls, fact: str) -> tuple[str, str]:
        return f"national.{fact}", f"national.*.{fact}.>"

    @property
    def subject(self) -> str:
        return f"national.{self.system}.{self.type.removeprefix('national.')}.{self.jurisdiction.subject_tokens}"


class UnknownEvent(ValueError):
    """An event of a type that this release does not know."""


class Envelope(BaseModel):
    """A CloudEvents 1.0 document in structured JSON, with the extensions `jurisdiction`, `actor` and `traceparent`."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Annotated[str, StringConstraints(pattern="^/[a-z-]+$")]
    """The owner, as in `/casefile`."""
    type: str
    subject: str
    """The id of the aggregate that the fact is about."""
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    jurisdiction: Jurisdiction
    actor: str
    """The subject (OIDC `sub`) of whoever caused it; `system:<service>` for a service's own work."""
    traceparent: str | None = None
    data: dict[str, Any]

    @classmethod
    def wrap(
        cls,
        event: Event,
        *,
        id: UUID,  # noqa: A002 - the word of CloudEvents
        time: datetime,
        actor: str,
        traceparent: str | None = None,
    ) -> Self:
        return cls(
            id=id,
            source=f"/{event.owner}",
            type=event.type,
            subject=event.aggregate_id,
            time=time,
            jurisdiction=event.jurisdiction,
            actor=actor,
            traceparent=traceparent,
            data=event.model_dump(mode="json"),
        )

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Read an envelope; raises ValueError (pydantic's ValidationError) when it is none. `event` reads the fact."""
        return cls.model_validate_json(document)

    def to_json(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()

    @staticmethod
    def json_of(event: Event, *, id: UUID, time: datetime, actor: str, traceparent: str | None) -> bytes:  # noqa: A002
        """`wrap` and `to_json` at once, for who has nothing to ask of the envelope: in half the time."""
        document: dict[str, Any] = {
            "specversion": "1.0",
            "id": id,
            "source": f"/{event.owner}",
            "type": event.type,
            "subject": event.aggregate_id,
            "time": time,
            "datacontenttype": "application/json",
            "jurisdiction": str(event.jurisdiction),
            "actor": actor,
        }
        if traceparent is not None:
            document["traceparent"] = traceparent
        return to_json(document | {"data": event})

    @property
    def address(self) -> str:
        """The subject on the wire that belongs to it. Raises as `event`."""
        return self.event.subject

    @cached_property
    def event(self) -> Event:
        """The fact itself; raises UnknownEvent for a type of a later release, ValueError for data that is not it."""
        try:
            fact = EVENTS[self.type]
        except KeyError:
            raise UnknownEvent(self.type) from None
        return fact.model_validate(self.data)
