"""What adoption publishes: ids and states only, nothing about persons, so that nothing of it has ever to be erased."""

from datetime import date
from uuid import UUID

from shared.contracts.events import Event


class AdoptionRequestChangedV1(Event, owner="adoption", aggregate="adoption-request", fact="changed", version=1):
    """A request was registered or went on. The jurisdiction is the place that registered it."""

    identified_by = "request_id"

    request_id: UUID
    version: int
    form: str
    status: str


class QueueEntryChangedV1(Event, owner="adoption", aggregate="queue-entry", fact="changed", version=1):
    """A request waits, is paused because a child is proposed, or has left the queue."""

    identified_by = "request_id"

    request_id: UUID
    version: int
    state: str


class ChildChangedV1(Event, owner="adoption", aggregate="child", fact="changed", version=1):
    """A child who may be placed was registered or went on, by an id that no other system knows."""

    identified_by = "child_id"

    child_id: UUID
    version: int
    state: str


class MatchChangedV1(Event, owner="adoption", aggregate="match", fact="changed", version=1):
    """Children are proposed to a family, or that went on."""

    identified_by = "match_id"

    match_id: UUID
    version: int
    request_id: UUID
    child_ids: list[UUID]
    state: str


class PlacementChangedV1(Event, owner="adoption", aggregate="placement", fact="changed", version=1):
    """Children live with a family on trial, or that ended: finally placed, or taken back; or the court decided anew
    about what was final, and they live there no more (`ended`)."""

    identified_by = "placement_id"

    placement_id: UUID
    version: int
    request_id: UUID
    child_ids: list[UUID]
    state: str
    ends_on: date


class DeadlinePassedV1(Event, owner="adoption", aggregate="deadline", fact="passed", version=1):
    """A day went by on which something about a request was due, and it was not done."""

    identified_by = "deadline_id"

    deadline_id: UUID
    request_id: UUID
    kind: str
    due_on: date


class AdoptionRequestErasedV1(Event, owner="adoption", aggregate="adoption-request", fact="erased", version=1):
    """All that was kept of a request is gone but the certificate that it is."""

    identified_by = "request_id"

    request_id: UUID
    certificate_id: UUID
