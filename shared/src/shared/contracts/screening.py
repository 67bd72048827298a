"""What screening publishes: campaigns, and that somebody was screened; no names, and no result of a sensitive kind."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.events import Event
from shared.kit.jurisdiction import Jurisdiction

Attendance = Literal["examined", "refused", "absent"]
Outcome = Literal["normal", "rescreen", "refer", "not-testable", "refused", "absent", "undecided"]


class CampaignOpenedV1(Event, owner="screening", aggregate="campaign", fact="opened", version=1):
    """A campaign began in its area: the children of a birth cohort are screened in a season, both ends included."""

    identified_by = "campaign_id"

    campaign_id: UUID
    version: int
    programme: str
    name_fa: str
    born_from: date
    born_to: date
    opens_on: date
    closes_on: date


class EncounterRecordedV1(Event, owner="screening", aggregate="encounter", fact="recorded", version=1):
    """Somebody was screened, or refused, or did not come.

    A correction is a new encounter that names the one it `corrects`. The jurisdiction is the center where it was made.
    What is to be counted is one person in one programme and one programme year, however many encounters there are.
    """

    identified_by = "encounter_id"

    encounter_id: UUID
    person_id: UUID
    counts_as: UUID = Field(
        description="The person that is counted: another than `person_id` once two proved to be one"
    )
    programme: str
    programme_year: int = Field(description="The Jalali year of the day on which it was made")
    campaign_id: UUID | None = None
    base_id: UUID
    made_on: date
    stage: str
    attendance: Attendance
    outcome: Outcome | None = Field(default=None, description="Absent for programmes whose results are sensitive")
    protocol: int = Field(description="The number of the protocol version that decided")
    rule: str | None = Field(default=None, description="The rule of that protocol that decided, if one did")
    corrects: UUID | None = None


class EncounterDecidedV1(Event, owner="screening", aggregate="encounter", fact="decided", version=1):
    """What was recorded as `undecided` is decided: the rule that was missing was signed off since.

    The jurisdiction is the center where it was made.
    """

    identified_by = "encounter_id"

    encounter_id: UUID
    person_id: UUID
    counts_as: UUID
    programme: str
    programme_year: int = Field(description="The Jalali year of the day on which it was made")
    campaign_id: UUID | None = None
    made_on: date
    decided_on: date
    stage: str
    outcome: Outcome | None = Field(default=None, description="Absent for programmes whose results are sensitive")
    protocol: int = Field(description="The number of the protocol version that decided")
    rule: str | None = Field(default=None, description="The rule of that protocol that decided, if one did")


class ReferralState(Event):
    """A referral as it stands, by ids: who was referred where, and never what was found.

    The jurisdiction is the center that is responsible for the person when the event happens.
    """

    identified_by = "referral_id"

    referral_id: UUID
    version: int
    person_id: UUID
    counts_as: UUID = Field(
        description="The person that is counted: another than `person_id` once two proved to be one"
    )
    encounter_id: UUID
    programme: str
    programme_year: int
    campaign_id: UUID | None = None
    refers_to: str
    status: str
    issued_on: date
    due_on: date | None = Field(default=None, description="Absent while no rule on the time is signed off")


class ReferralIssuedV1(ReferralState, owner="screening", aggregate="referral", fact="issued", version=1):
    """A test decided that somebody is to be examined further."""


class ReferralRemindedV1(ReferralState, owner="screening", aggregate="referral", fact="reminded", version=1):
    """The family was reminded."""


class ReferralAttendedV1(ReferralState, owner="screening", aggregate="referral", fact="attended", version=1):
    """The person was seen by whom they were referred to."""

    attended_on: date


class ReferralLostV1(ReferralState, owner="screening", aggregate="referral", fact="lost", version=1):
    """Nobody expects the person any more. Won back later, the referral goes on with its next event."""

    reason: str


class ReferralOverdueV1(ReferralState, owner="screening", aggregate="referral", fact="overdue", version=1):
    """The day went by and nobody came: another level is told."""

    escalated_to: Jurisdiction


class ReferralTreatedV1(ReferralState, owner="screening", aggregate="referral", fact="treated", version=1):
    """Treatment has begun."""

    treated_on: date


class ReferralClosedV1(ReferralState, owner="screening", aggregate="referral", fact="closed", version=1):
    """Nothing is left to do."""

    reason: str | None = Field(default=None, description="Absent for programmes whose results are sensitive")
    closed_on: date


class DisorderConfirmedV1(Event, owner="screening", aggregate="disorder", fact="confirmed", version=1):
    """Whom somebody was referred to has found a disorder."""

    identified_by = "referral_id"

    referral_id: UUID
    person_id: UUID
    counts_as: UUID
    programme: str
    programme_year: int
    campaign_id: UUID | None = None
    disorder: str | None = Field(default=None, description="Absent for programmes whose results are sensitive")
    confirmed_on: date


class GeneticCaseChangedV1(Event, owner="screening", aggregate="genetic-case", fact="changed", version=1):
    """A genetic case was opened or went on: its id and its state, and nothing of whom it is about or what was found."""

    identified_by = "case_id"

    case_id: UUID
    version: int
    state: str
