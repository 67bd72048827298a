"""Who is posted where, live: the map that registry's events draw.

The map is built from the beginning of registry's stream, which keeps its whole history, before the gateway serves.
While the broker is away the gateway serves from what it knows; afterwards the map continues where it stopped. When the
stream itself is another one (restored from an older state, or declared anew) the map is drawn again beside the old one,
which serves until the new one has caught up.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.tail import Followed, Tail
from shared.chassis.broker import Broker
from shared.chassis.streams import stream_of
from shared.contracts.events import Envelope
from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction

log = logging.getLogger(__name__)

TEHRAN: Final = ZoneInfo("Asia/Tehran")
_STRANGERS: Final = 10_000
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Posting:
    """A role at a place for a time; both days count."""

    id: UUID
    role: Role
    jurisdiction: Jurisdiction
    valid_from: date
    valid_to: date | None

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(slots=True, eq=False)
class Person:
    """What one person holds. A change makes another object, so whatever was worked out from this one goes with it."""

    postings: tuple[Posting, ...] = ()
    day: date | None = None
    """The day for which `answers` hold."""
    answers: dict[object, object] = field(default_factory=dict)

    def in_force(self, day: date) -> tuple[Posting, ...]:
        return tuple(posting for posting in self.postings if posting.in_force(day))


class _Map:
    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self._versions: dict[UUID, int] = {}
        self._owners: dict[UUID, str] = {}

    def apply(self, event: PostingGrantedV1 | PostingEndedV1) -> None:
        """Take a fact in, unless a later one about the same posting is known."""
        if event.version <= self._versions.get(event.posting_id, -1):
            return
        self._versions[event.posting_id] = event.version
        before = self._owners.pop(event.posting_id, None)
        if before is not None:
            self._set(before, (each for each in self.people[before].postings if each.id != event.posting_id))
        if isinstance(event, PostingGrantedV1):
            posting = Posting(event.posting_id, event.role, event.jurisdiction, event.valid_from, event.valid_to)
            held = self.people.get(event.person, Person()).postings
            self._owners[event.posting_id] = event.person
            self._set(event.person, (*held, posting))

    def _set(self, subject: str, postings: Iterable[Posting]) -> None:
        held = tuple(postings)
        if held:
            self.people[subject] = Person(held)
        else:
            self.people.pop(subject, None)


class Postings:
    """The live map. `person` is asked at every request."""

    def __init__(self, broker: Broker, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._map = _Map()
        self._drawing: _Map | None = None
        self._strangers: dict[str, Person] = {}
        self._day = date.min
        self._midnight = 0.0
        self.loaded = False
        """Whether the map was complete at some time; until then nobody can be served."""
        self._tail = Tail(
            broker,
            stream=stream_of(PostingGrantedV1.owner),
            subjects=[f"{PostingGrantedV1.type}.>", f"{PostingEndedV1.type}.>"],
            reader=self,
        )

    async def run(self) -> None:
        """Keep the map, until cancelled."""
        await self._tail.run()

    @property
    def live(self) -> bool:
        """Whether changes arrive at the moment."""
        return self.loaded and self._tail.following and self._drawing is None

    def person(self, subject: str) -> Person:
        """What is known about a person; somebody without postings is a person without postings."""
        person = self._map.people.get(subject)
        if person is None:
            person = self._strangers.get(subject)
            if person is None:
                if len(self._strangers) >= _STRANGERS:
                    self._strangers.clear()
                person = self._strangers[subject] = Person()
        return person

    def today(self) -> date:
        """The date in Tehran, by which postings begin and end."""
        now = self._clock()
        if not self._midnight - _DAY <= now < self._midnight:
            moment = datetime.fromtimestamp(now, TEHRAN)
            self._day = moment.date()
            start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
            self._midnight = start.timestamp() + _DAY  # Iran has had no summer time since 1401
        return self._day

    async def begin(self, *, anew: bool, pending: int) -> None:
        """The stream follows (of `tail.Reader`)."""
        if anew:
            self._drawing = _Map()
        if pending == 0:
            self._caught_up()

    async def read(self, message: Followed) -> None:
        """A fact about a posting (of `tail.Reader`)."""
        try:
            event = Envelope.parse(message.data).event
        except ValueError:
            # one unreadable fact must not keep ten thousand people out; it grants nothing
            log.exception("an event about a posting cannot be read", extra={"sequence": message.sequence})
        else:
            if isinstance(event, PostingGrantedV1 | PostingEndedV1):
                (self._drawing or self._map).apply(event)
        if message.pending == 0:
            self._caught_up()

    def _caught_up(self) -> None:
        if self._drawing is not None:
            self._map, self._drawing = self._drawing, None
            log.info("postings are loaded", extra={"people": len(self._map.people)})
        self.loaded = True
