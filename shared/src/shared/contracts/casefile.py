"""What casefile publishes: the life of household files, without names, numbers or addresses of persons."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.events import Event
from shared.kit.calendar import JalaliMonth
from shared.kit.jurisdiction import Jurisdiction

CaseFileStatus = Literal["draft", "waiting", "active", "suspended", "closed"]
HouseholdAreaClass = Literal["urban", "rural", "nomadic", "hard-to-reach"]
"""Where a household lives; unlike a center, it may be on the move."""


class Member(BaseModel):
    """A person of the household, as far as other services need to know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    member_id: UUID
    relation: str = Field(description="To the head of the household")
    birth_date: date | None = None
    sex: Literal["female", "male"] | None = None


class CaseFileState(Event):
    """A case file as it is after the fact; a consumer keeps the state with the highest version."""

    identified_by = "case_file_id"

    case_file_id: UUID
    number: str
    version: int
    status: CaseFileStatus
    member_count: int
    members: tuple[Member, ...]
    opened_on: date
    payer_category: str | None = None
    area_class: HouseholdAreaClass | None = None


class CaseFileOpenedV1(CaseFileState, owner="casefile", aggregate="case-file", fact="opened", version=1):
    """A household has a file, with a center or still with its county."""


class CaseFileChangedV1(CaseFileState, owner="casefile", aggregate="case-file", fact="changed", version=1):
    """Something in a file changed."""

    changed: tuple[str, ...] = Field(description="The names of the fields that changed, never their values")


class CaseFileMovedV1(CaseFileState, owner="casefile", aggregate="case-file", fact="moved", version=1):
    """A file came to a jurisdiction; the one it left is told by `left`."""

    previous_jurisdiction: Jurisdiction
    effective_at: AwareDatetime
    reason: Literal["distribution", "transfer"]
    distribution_id: UUID | None = None
    transfer_id: UUID | None = None


class CaseFileLeftV1(Event, owner="casefile", aggregate="case-file", fact="left", version=1):
    """A file left this jurisdiction: from now on it is the destination's."""

    identified_by = "case_file_id"

    case_file_id: UUID
    version: int
    destination: Jurisdiction
    effective_at: AwareDatetime


class CaseFileClosedV1(Event, owner="casefile", aggregate="case-file", fact="closed", version=1):
    """A file was closed."""

    identified_by = "case_file_id"

    case_file_id: UUID
    version: int
    closed_on: date
    reason: str


class CaseFileGlassBrokenV1(Event, owner="casefile", aggregate="case-file", fact="glass-broken", version=1):
    """Somebody elsewhere opened a file of this jurisdiction for reading, in an emergency; the reason is in the file."""

    identified_by = "case_file_id"

    case_file_id: UUID
    break_glass_id: UUID
    opened_by: str = Field(description="OIDC subject")
    opened_from: Jurisdiction = Field(description="Where they acted")
    expires_at: AwareDatetime


class DistributionState(Event):
    """A plan that gives the undistributed files of a county or province to its centers."""

    identified_by = "distribution_id"

    distribution_id: UUID
    files: int = Field(description="How many files the plan looked at")
    placed: int
    unplaced: int


class DistributionPlannedV1(DistributionState, owner="casefile", aggregate="distribution", fact="planned", version=1):
    """A plan can be read and decided on; nothing has moved."""


class DistributionAppliedV1(DistributionState, owner="casefile", aggregate="distribution", fact="applied", version=1):
    """A plan took effect: every placed file is with its center."""


class DistributionDroppedV1(DistributionState, owner="casefile", aggregate="distribution", fact="dropped", version=1):
    """A plan was given up; nothing has moved."""


class SettlementState(Event):
    """The statement of a center for a Jalali month: sums only, no worker and no household."""

    identified_by = "settlement_id"

    settlement_id: UUID
    version: int
    month: JalaliMonth
    counted_to: date = Field(description="The last day that counted")
    lines: int
    counted: int = Field(description="Lines that count")
    total_rials: int


class SettlementClosedV1(SettlementState, owner="casefile", aggregate="settlement", fact="closed", version=1):
    """A center closed its month: what is recorded later comes in a later statement."""


class SettlementApprovedV1(SettlementState, owner="casefile", aggregate="settlement", fact="approved", version=1):
    """The county approved a statement."""


class SettlementPaidV1(SettlementState, owner="casefile", aggregate="settlement", fact="paid", version=1):
    """The province recorded that a statement was paid."""


class LifeEventState(Event):
    """Something that happened in a household, as far as it is known. Prison and missing persons are not announced."""

    identified_by = "life_event_id"

    life_event_id: UUID
    case_file_id: UUID
    version: int
    kind: str = Field(description="`birth`, `death`, `marriage`, `divorce`, `move`, `disability`, `school`, `job`, …")
    status: str = Field(description="`pending`, `applied`, `refused` or `withdrawn`")
    member_id: UUID | None = None
    happened_on: date
    reported_on: date
    source: str = Field(description="`visit`, `civil-registry` or `citizen`")
    case_file_version: int | None = Field(default=None, description="The version of the file that its effect made")


class LifeEventRecordedV1(LifeEventState, owner="casefile", aggregate="life-event", fact="recorded", version=1):
    """An event was reported: it waits for approval, or has taken effect where none is needed (`status`)."""


class LifeEventApprovedV1(LifeEventState, owner="casefile", aggregate="life-event", fact="approved", version=1):
    """An event was approved and has taken effect on the file."""


class LifeEventRefusedV1(LifeEventState, owner="casefile", aggregate="life-event", fact="refused", version=1):
    """An event was refused; the file is as it was."""


class LifeEventWithdrawnV1(LifeEventState, owner="casefile", aggregate="life-event", fact="withdrawn", version=1):
    """A report was taken back; the file is as it was."""


class FindingState(Event):
    """A person or household in need that was found and has no file yet, without saying who."""

    identified_by = "finding_id"

    finding_id: UUID
    version: int
    status: str = Field(
        description="`found`, `screened`, `assessed`, `supported`, `waiting`, `admitted`, `referred`, `not-eligible`"
        " or `appealed`"
    )
    found_on: date
    found_by: str = Field(description="`worker`, `volunteer`, `school` or `neighbour`")
    case_file_id: UUID | None = Field(default=None, description="The file that was opened at admission")


class FindingRecordedV1(FindingState, owner="casefile", aggregate="finding", fact="recorded", version=1):
    """Somebody in need was found."""


class FindingAdvancedV1(FindingState, owner="casefile", aggregate="finding", fact="advanced", version=1):
    """A step towards a decision was made: `status` says how far it is."""


class FindingAdmittedV1(FindingState, owner="casefile", aggregate="finding", fact="admitted", version=1):
    """The household was admitted and has a file."""


class FindingReferredV1(FindingState, owner="casefile", aggregate="finding", fact="referred", version=1):
    """Another body is to help."""


class FindingRefusedV1(FindingState, owner="casefile", aggregate="finding", fact="refused", version=1):
    """The household is not eligible."""


class FindingAppealedV1(FindingState, owner="casefile", aggregate="finding", fact="appealed", version=1):
    """The household objects to the decision."""


class TransferState(Event):
    """A file that is to go from one place to another, as both sides are told; nothing moves before `case-file.moved`.

    The jurisdiction is that of the side that is told: the origin and the destination get an event each.
    """

    identified_by = "transfer_id"

    transfer_id: UUID
    version: int
    case_file_id: UUID
    number: str
    kind: Literal["move", "rebalancing"]
    origin: Jurisdiction
    destination: Jurisdiction
    answer_due_on: date | None = Field(default=None, description="The last day for the next answer; none if no rule")


class TransferRequestedV1(TransferState, owner="casefile", aggregate="transfer", fact="requested", version=1):
    """Somebody asked for a transfer; the origin has to answer."""


class TransferConfirmedV1(TransferState, owner="casefile", aggregate="transfer", fact="confirmed", version=1):
    """The origin lets the file go; the destination has to answer."""


class TransferAcceptedV1(TransferState, owner="casefile", aggregate="transfer", fact="accepted", version=1):
    """The destination takes the file, on the day named."""

    effective_on: date


class TransferRefusedV1(TransferState, owner="casefile", aggregate="transfer", fact="refused", version=1):
    """The side that had to answer said no."""

    reason: str


class TransferWithdrawnV1(TransferState, owner="casefile", aggregate="transfer", fact="withdrawn", version=1):
    """Who asked for it does not want it any more."""


class TransferLapsedV1(TransferState, owner="casefile", aggregate="transfer", fact="lapsed", version=1):
    """It cannot take effect any more: the file was closed or went elsewhere, or the destination is not open."""

    reason: str


class TransferEscalatedV1(TransferState, owner="casefile", aggregate="transfer", fact="escalated", version=1):
    """Nobody answered in time; told to the office above the one that had to."""


class CenterClearedV1(Event, owner="casefile", aggregate="center", fact="cleared", version=1):
    """All files of a center that closes went to other places, in one operation."""

    identified_by = "closing_id"

    closing_id: UUID
    center: Jurisdiction
    files: int
    placed: int = Field(description="Files that went to other centers")
    waiting: int = Field(description="Files that went to the waiting list of the county")


class CaseFileToLookForV1(Event, owner="casefile", aggregate="case-file", fact="to-look-for", version=1):
    """A household was not found at home twice in a row: it has to be looked for."""

    identified_by = "case_file_id"

    case_file_id: UUID
    since: date


class CaseFileFoundV1(Event, owner="casefile", aggregate="case-file", fact="found", version=1):
    """A household that had to be looked for was found by a visit."""

    identified_by = "case_file_id"

    case_file_id: UUID


class VisitFact(Event):
    """Something about one home visit."""

    identified_by = "visit_id"

    visit_id: UUID
    case_file_id: UUID


class VisitRecordedV1(VisitFact, owner="casefile", aggregate="visit", fact="recorded", version=1):
    """A home visit was made, perhaps days before it was recorded."""

    visited_at: AwareDatetime
    visited_by: str = Field(description="The worker (OIDC subject)")
    planned: bool
    outcome: str = Field(description="`met`, `not-at-home`, `refused`, `moved-away`; others may be added")
    place_plausible: bool | None = Field(default=None, description="Whether it was made at the home on file")
    next_visit_on: date | None = None


class VisitConflictedV1(VisitFact, owner="casefile", aggregate="visit", fact="conflicted", version=1):
    """What a visit wants changed in the file was changed by somebody else meanwhile: a person has to decide."""

    file_version: int = Field(description="Of the file that the visitor saw")
    fields: tuple[str, ...] = Field(description="The names of the fields that it wants changed, never their values")


class VisitConflictResolvedV1(VisitFact, owner="casefile", aggregate="visit", fact="conflict-resolved", version=1):
    """Somebody decided which changes of a visit the file takes over."""

    taken: tuple[str, ...] = Field(description="The names of the fields taken over; none: the file stayed as it was")


class ComplaintState(Event):
    """A complaint as it is after the fact, for the place that handles it; never what it says, of whom or by whom."""

    identified_by = "complaint_id"

    complaint_id: UUID
    version: int
    kind: Literal["request", "report", "complaint"]
    status: Literal["received", "in-hand", "answered"]
    due_on: date | None = Field(default=None, description="When it goes one level up unanswered, if a rule says so")


class ComplaintReceivedV1(ComplaintState, owner="casefile", aggregate="complaint", fact="received", version=1):
    """A complaint came in for this place to handle."""


class ComplaintRaisedV1(ComplaintState, owner="casefile", aggregate="complaint", fact="raised", version=1):
    """A complaint came one level up, to this place: its day was over, it was referred, or it was taken up."""


class ComplaintAnsweredV1(ComplaintState, owner="casefile", aggregate="complaint", fact="answered", version=1):
    """A complaint was answered."""


class ComplaintIdentityUnsealedV1(
    ComplaintState, owner="casefile", aggregate="complaint", fact="identity-unsealed", version=1
):
    """Somebody above unsealed who had complained; the reason is with the complaint."""

    unsealed_from: Jurisdiction = Field(description="Where they acted")


ServiceRequestStatus = Literal["requested", "accepted", "in-progress", "delivered", "referred", "refused"]


class ServiceRequestState(Event):
    """A request of a household for a service of the catalogue, as it is after the fact; nothing of whom it is for."""

    identified_by = "service_request_id"

    service_request_id: UUID
    case_file_id: UUID
    version: int
    service_code: str
    status: ServiceRequestStatus
    requested_on: date
    expected_on: date | None = Field(
        default=None, description="The last day for what comes next; none when no rule says one"
    )


class ServiceRequestOpenedV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="opened", version=1
):
    """A household asks for a service."""


class ServiceRequestAcceptedV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="accepted", version=1
):
    """The center takes a request on."""


class ServiceRequestStartedV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="started", version=1
):
    """Work on a request has begun."""


class ServiceRequestDeliveredV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="delivered", version=1
):
    """The household has what it asked for; the jurisdiction is where it was delivered."""

    delivered_at: AwareDatetime


class ServiceRequestReferredV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="referred", version=1
):
    """A request was handed to a center of level 2 or another body; `expected_on` is the day of the answer."""


class ServiceRequestAnsweredV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="answered", version=1
):
    """The body that a request was referred to has answered."""

    outcome: Literal["provided", "taken-over", "declined"]


class ServiceRequestRefusedV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="refused", version=1
):
    """A request was refused."""

    reason: str


class ServiceRequestEscalatedV1(
    ServiceRequestState, owner="casefile", aggregate="service-request", fact="escalated", version=1
):
    """The expected day of a request is over, and its county is told: once for each such day."""

    escalated_to: Jurisdiction = Field(description="The county")
    overdue_since: date


class HelpPlanState(Event):
    """What household and center set out to reach, counted: how many goals, and what came of them."""

    identified_by = "help_plan_id"

    help_plan_id: UUID
    case_file_id: UUID
    version: int
    status: Literal["draft", "agreed", "completed", "stopped"]
    review_on: date
    goals: int
    achieved: int
    partly_achieved: int
    not_achieved: int
    no_longer_needed: int


class HelpPlanAgreedV1(HelpPlanState, owner="casefile", aggregate="help-plan", fact="agreed", version=1):
    """A plan is in force."""


class HelpPlanReviewedV1(HelpPlanState, owner="casefile", aggregate="help-plan", fact="reviewed", version=1):
    """Household and center looked at a plan together; `review_on` is the next time."""


class HelpPlanCompletedV1(HelpPlanState, owner="casefile", aggregate="help-plan", fact="completed", version=1):
    """It is known what came of each goal."""


class HelpPlanStoppedV1(HelpPlanState, owner="casefile", aggregate="help-plan", fact="stopped", version=1):
    """A plan was given up."""

    reason: str
