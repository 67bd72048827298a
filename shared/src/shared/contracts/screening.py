"""What screening publishes: campaigns, and that somebody was screened; no names, and no result of a sensitive kind."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.events import Event

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
