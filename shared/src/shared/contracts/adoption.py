"""What adoption publishes: ids and states only, nothing about persons, so that nothing of it has ever to be erased."""

from uuid import UUID

from shared.contracts.events import Event


class AdoptionRequestChangedV1(Event, owner="adoption", aggregate="adoption-request", fact="changed", version=1):
    """A request was registered or went on. The jurisdiction is the place that registered it."""

    identified_by = "request_id"

    request_id: UUID
    version: int
    form: str
    status: str
