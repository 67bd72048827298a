"""What licensing publishes: applications, inquiries, decisions, licences by id and state; and what it asks of others.

What everybody is told names no person. What a national system is asked does: it goes to that system alone.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from shared.contracts.events import Event, NationalEvent
from shared.kit.identity import InstitutionId
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


class LicenceState(Event):
    """A licence as it is after the fact; a consumer keeps the state with the highest version.

    The jurisdiction is the place where it was applied for.
    """

    identified_by = "licence_id"

    licence_id: UUID
    version: int
    number: str = Field(description="As it is printed: province, Jalali year, serial", examples=["29-1405-00017"])
    kind: LicenceKind
    clause: int = Field(description="Of Article 26, 1 to 13; clause 4 are the welfare service centers")
    status: str = Field(examples=["in-force", "suspended", "revoked", "expired", "used"])
    center: Jurisdiction | None = Field(default=None, description="The center of the registry that it is for")
    institution: InstitutionId | None = Field(default=None, description="Absent when a natural person holds it")
    valid_from: date
    valid_to: date = Field(description="The last day")


class LicenceIssuedV1(LicenceState, owner="licensing", aggregate="licence", fact="issued", version=1):
    """A licence was issued on a decision."""


class LicenceExtendedV1(LicenceState, owner="licensing", aggregate="licence", fact="extended", version=1):
    """The holder was given more time, once."""


class LicenceRenewedV1(LicenceState, owner="licensing", aggregate="licence", fact="renewed", version=1):
    """A licence is valid for another period; one that had expired is in force again."""


class LicenceChangedV1(LicenceState, owner="licensing", aggregate="licence", fact="changed", version=1):
    """Something about a licence changed other than its validity."""

    changed: list[str] = Field(description="What changed, without the values", examples=[["place"], ["manager"]])


class LicenceSuspendedV1(LicenceState, owner="licensing", aggregate="licence", fact="suspended", version=1):
    """A licence is not valid until it is resumed."""


class LicenceResumedV1(LicenceState, owner="licensing", aggregate="licence", fact="resumed", version=1):
    """A licence that was suspended is valid again."""


class LicenceRevokedV1(LicenceState, owner="licensing", aggregate="licence", fact="revoked", version=1):
    """A licence ended for good before its time."""


class LicenceExpiredV1(LicenceState, owner="licensing", aggregate="licence", fact="expired", version=1):
    """The last day of a licence has passed, and nobody renewed it."""


class LicenceRenewalDueV1(LicenceState, owner="licensing", aggregate="licence", fact="renewal-due", version=1):
    """From now on the holder can apply for the next period, and should."""
