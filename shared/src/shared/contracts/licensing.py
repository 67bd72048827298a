"""What licensing publishes: applications, inquiries and decisions by ids and states, and what it asks other bodies.

What everybody is told names no person. What a national system is asked does: it goes to that system alone.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from shared.contracts.events import Event, NationalEvent
from shared.kit.jurisdiction import Jurisdiction

LicenceKind = Annotated[
    str,
    WithJsonSchema({"type": "string", "examples": ["agreement-in-principle", "establishment", "activity"]}),
]
Act = Annotated[str, WithJsonSchema({"type": "string", "examples": ["issue", "renew", "extend", "move"]})]


class ApplicationState(Event):
    """An application for a licence as it stands. The jurisdiction is the place where it was registered."""

    identified_by = "application_id"

    application_id: UUID
    version: int
    number: str
    licence: LicenceKind
    act: Act
    clause: int = Field(description="Of the 13 clauses of Article 26")
    center: Jurisdiction | None = Field(default=None, description="The center that it is about, where there is one")
    status: str


class LicenceApplicationReceivedV1(
    ApplicationState, owner="licensing", aggregate="licence-application", fact="received", version=1
):
    """A founder's application came in with all that it needs."""


class LicenceApplicationDecidedV1(
    ApplicationState, owner="licensing", aggregate="licence-application", fact="decided", version=1
):
    """The commission has decided."""

    decision: Literal["approved", "refused"]
    decided_on: date
    appeal: bool = Field(description="Whether it was an appeal that was decided")


class LicenceApplicationEndedV1(
    ApplicationState, owner="licensing", aggregate="licence-application", fact="ended", version=1
):
    """It was withdrawn by whoever applied, or lapsed because nobody went on with it."""

    reason: Literal["withdrawn", "lapsed"]


class InquiryState(Event):
    """An inquiry as it stands, without whom it is about and what was answered."""

    identified_by = "inquiry_id"

    inquiry_id: UUID
    application_id: UUID
    version: int
    system: str
    asked_on: date
    due_on: date | None = Field(default=None, description="Absent while no rule on the time is signed off")


class InquiryOpenedV1(InquiryState, owner="licensing", aggregate="inquiry", fact="opened", version=1):
    """Another body is asked, or is asked again because its answer has expired."""


class InquiryAnsweredV1(InquiryState, owner="licensing", aggregate="inquiry", fact="answered", version=1):
    """The answer is there."""

    state: str | None = Field(default=None, description="Absent for what security and selection answer")


class InquiryOverdueV1(InquiryState, owner="licensing", aggregate="inquiry", fact="overdue", version=1):
    """The day went by without an answer."""


class DeadlineState(Event):
    """By when an office has to act on an application, or the founder to complete it."""

    identified_by = "deadline_id"

    deadline_id: UUID
    application_id: UUID
    code: str = Field(examples=["open-inquiries"])
    office: str = Field(examples=["county"])
    due_on: date


class DeadlineRemindedV1(DeadlineState, owner="licensing", aggregate="licensing-deadline", fact="reminded", version=1):
    """The day has come: whose turn it is, is reminded."""


class DeadlineOverdueV1(DeadlineState, owner="licensing", aggregate="licensing-deadline", fact="overdue", version=1):
    """The day went by: the level above is told."""

    escalated_to: Jurisdiction


class AskedPerson(BaseModel):
    """As much of a person as another body needs to know whom it is asked about."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id_type: str
    id_value: str
    given_name: str
    family_name: str
    birth_date: date | None = None


class AskedPlace(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    address: str
    postal_code: str | None = None


class InquiryAskedV1(NationalEvent, owner="licensing", aggregate="inquiry", fact="asked", version=1):
    """A national system is asked about a person, a legal person or a place. Answered with `inquiry.replied`."""

    identified_by = "inquiry_id"

    inquiry_id: UUID
    legal_purpose: str
    asked_at: AwareDatetime
    due_on: date | None = Field(default=None, description="Absent while no rule on the time is signed off")
    person: AskedPerson | None = None
    institution_id: str | None = Field(default=None, description="The 11 digits of a legal person")
    place: AskedPlace | None = None
