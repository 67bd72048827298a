"""The rules of requests.

A request's life: draft → submitted (or incomplete, with what is missing) → interview → assessment → home visit →
reported → committee → waiting → matched → introduced → trial → final. Temporary care ends in `placed` without a court;
what a judge orders ends without committee and queue. A center is at it until the committee; from then on the office is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.kit.calendar import today, years_between
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.kit.problems import FieldError, PreconditionFailed, Problem
from svc_adoption import completeness, endings
from svc_adoption.assessments import repository as assessments
from svc_adoption.assessments.models import CheckState
from svc_adoption.centers import service as centers
from svc_adoption.deadlines import service as deadlines
from svc_adoption.deadlines.schemas import DeadlineKind
from svc_adoption.eligibility import NUMBERS, Category, Check, Eligibility, Facts, Form, Person, Seen, examine
from svc_adoption.parameters.queries import rules_at
from svc_adoption.parameters.service import required
from svc_adoption.requests import events, queries, repository
from svc_adoption.requests.errors import (
    ApplicantInAnotherRequest,
    ApplicantsMisfit,
    ApplicantUnknown,
    CareChildTooOld,
    DateToCome,
    RequestStepNotAllowed,
)
from svc_adoption.requests.models import AdoptionRequest, ReportKind, Status
from svc_adoption.requests.queries import Whole
from svc_adoption.requests.schemas import (
    Applicant,
    CareBegun,
    CareEnded,
    DocumentCreate,
    ExemptionCreate,
    JudgesOrder,
    Kept,
    Missing,
    ReportKept,
    RequestCreate,
    RequestRead,
    RequestState,
    RequestSummary,
    RequestUpdate,
    Return,
    VisitReport,
    Wishes,
    Withdrawal,
)
from svc_adoption.requirements import queries as requirements
from svc_adoption.requirements.errors import FormHasNoRules
from svc_adoption.requirements.models import Process
from svc_adoption.requirements.schemas import RequirementRead


@dataclass(frozen=True, kw_only=True)
class Step:
    """From where a step leads where; `by`: in whose process it is known."""

    at: frozenset[Status]
    to: Status
    by: frozenset[Process] = frozenset(Process)


def _step(*at: Status, to: Status, by: Iterable[Process] = Process) -> Step:
    return Step(at=frozenset(at), to=to, by=frozenset(by))


_COURT, _GROUP, _JUDGE = ({each} for each in (Process.COURT_TRIAL, Process.WORKING_GROUP, Process.JUDGES_ORDER))
_EXAMINED = (
    Status.SUBMITTED,
    Status.INCOMPLETE,
    Status.INTERVIEW,
    Status.ASSESSMENT,
    Status.HOME_VISIT,
    Status.REPORTED,
    Status.COMMITTEE,
    Status.DEFERRED,
    Status.WAITING,
)
STEPS: Mapping[str, Step] = {
    "submit": _step(Status.DRAFT, Status.INCOMPLETE, Status.EXPIRED, to=Status.SUBMITTED),
    "return": _step(Status.SUBMITTED, to=Status.INCOMPLETE),
    "accept": _step(Status.SUBMITTED, to=Status.INTERVIEW),
    "record-interview": _step(Status.INTERVIEW, to=Status.ASSESSMENT),
    "checks-answered": _step(Status.ASSESSMENT, to=Status.HOME_VISIT),
    "record-home-visit": _step(Status.HOME_VISIT, to=Status.REPORTED),
    "refer": _step(Status.REPORTED, Status.DEFERRED, to=Status.COMMITTEE, by=_COURT | _GROUP),
    "record-order": _step(Status.REPORTED, to=Status.FINAL, by=_JUDGE),
    "approve": _step(Status.COMMITTEE, to=Status.WAITING),
    "reject": _step(Status.COMMITTEE, to=Status.REJECTED),
    "defer": _step(Status.COMMITTEE, to=Status.DEFERRED),
    "match": _step(Status.WAITING, to=Status.MATCHED),
    "unmatch": _step(Status.MATCHED, to=Status.WAITING),
    "introduce": _step(Status.MATCHED, to=Status.INTRODUCED),
    "decline": _step(Status.MATCHED, Status.INTRODUCED, to=Status.WAITING),
    "order-trial": _step(Status.INTRODUCED, to=Status.TRIAL, by=_COURT),
    "finalise": _step(Status.TRIAL, to=Status.FINAL, by=_COURT),
    "revoke": _step(Status.TRIAL, to=Status.REVOKED, by=_COURT),
    # no court and no queue of Article 5: the working group calls a family that waits
    "begin-care": _step(Status.WAITING, Status.INTRODUCED, to=Status.PLACED, by=_GROUP),
    "end-care": _step(Status.PLACED, to=Status.ENDED, by=_GROUP),
    "withdraw": _step(Status.DRAFT, *_EXAMINED, Status.MATCHED, Status.INTRODUCED, to=Status.WITHDRAWN),
    "expire": _step(*_EXAMINED, to=Status.EXPIRED),
}
"""Every step of a request's life; those of the committee and of what follows are taken by the features of theirs."""
EDITABLE = frozenset({Status.DRAFT, Status.INCOMPLETE, Status.EXPIRED})
"""While what was told may be told otherwise."""
CARE_CHILD_UNDER = "temporary-care-child-under-years"
"""The rule with the age that a child in temporary care must be younger than (eighteen)."""
OPEN = frozenset({Status.DRAFT, *_EXAMINED, Status.MATCHED, Status.INTRODUCED, Status.TRIAL})


async def register(command: Command, body: RequestCreate, *, seals: Seals) -> RequestState:
    """Open the initial file, as a draft. Raises ScopeForbidden, CenterNotOpen and ApplicantsMisfit."""
    place = command.scope
    if body.center is not None or place.level in {Level.CENTER, Level.NATION}:
        place = await centers.place(command, body.center)
    _require_fit(body.category, body.applicants)
    request = AdoptionRequest(
        id=new_id(),
        jurisdiction=place.code,
        version=1,
        form=body.form,
        category=body.category,
        relatives=body.relatives,
        status=Status.DRAFT,
        status_since=command.now,
        registered_at=command.now,
        registered_by=command.actor.subject,
        key_id="",
        sealed=b"",
        identities=[],
        **_columns(body.wishes),
    )
    repository.keep(request, Kept(applicants=body.applicants, household=body.household), seals=seals)
    await repository.add(command, request)
    repository.add_step(command, request, "register", {})
    command.publish(events.changed(request))
    return await state(command, request, seals=seals)


async def change(
    command: Command, request_id: UUID, *, version: int, body: RequestUpdate, seals: Seals
) -> RequestState:
    """Say it otherwise, while it may be.

    Raises NotFound, PreconditionFailed, RequestStepNotAllowed and ApplicantsMisfit.
    """
    request = await _editable(command, request_id, version=version)
    known = (await queries.opened(command.connection, [request_id], seals=seals))[request_id]
    kept = Kept(applicants=body.applicants or known.applicants, household=body.household or known.household)
    request.category = body.category or request.category
    request.relatives = request.relatives if body.relatives is None else body.relatives
    _require_fit(Category(request.category), kept.applicants)
    if body.wishes is not None:
        for name, value in _columns(body.wishes).items():
            setattr(request, name, value)
    repository.keep(request, kept, seals=seals)
    note(command, request, "change", about={"changed": sorted(body.model_fields_set)})
    return await state(command, request, seals=seals)


async def change_wishes(
    command: Command, request_id: UUID, *, version: int, body: Wishes, seals: Seals
) -> RequestState:
    """Wish for another child, as long as none is found. The place in the queue does not follow from it.

    Raises NotFound, PreconditionFailed and RequestStepNotAllowed.
    """
    request = await _current(command, request_id, version=version)
    if request.status not in EDITABLE | {*_EXAMINED}:
        raise _refused(request)
    for name, value in _columns(body).items():
        setattr(request, name, value)
    note(command, request, "wishes-changed", about=_columns(body))
    return await state(command, request, seals=seals)


async def add_document(
    command: Command, request_id: UUID, *, version: int, body: DocumentCreate, seals: Seals
) -> RequestState:
    """Record a paper that was shown, at any time before the end. Raises ApplicantUnknown and DateToCome too."""
    request = await _open_still(command, request_id, version=version)
    kept = (await queries.opened(command.connection, [request_id], seals=seals))[request_id]
    if body.applicant is not None and body.applicant >= len(kept.applicants):
        raise _at("/applicant", ApplicantUnknown)
    _require_past(body.issued_on, "/issued_on")
    repository.add_document(command, request, body, seals=seals)
    if body.valid_until is not None:
        about = body.kind if body.applicant is None else f"{body.kind}/{body.applicant}"
        await _expect(command, request, DeadlineKind.DOCUMENT, about=about, due_on=body.valid_until)
    note(command, request, "document-shown", about={"kind": body.kind})
    return await state(command, request, seals=seals)


async def exempt(
    command: Command, request_id: UUID, *, version: int, body: ExemptionCreate, seals: Seals
) -> RequestState:
    """Record what frees the family from a condition. Raises DateToCome too."""
    request = await _open_still(command, request_id, version=version)
    _require_past(body.decided_on, "/decided_on")
    repository.add_exemption(command, request, body, seals=seals)
    note(command, request, "exempted", about={"kind": body.kind})
    return await state(command, request, seals=seals)


async def submit(command: Command, request_id: UUID, *, version: int, seals: Seals) -> RequestState:
    """Hand it in. Where something is missing it is incomplete at once, and says what. Raises FormHasNoRules too."""
    request = await at_step(command, request_id, "submit", version=version)
    requirement = await requirements.in_force(command.connection, Form(request.form), on=today())
    if requirement is None:
        raise FormHasNoRules(form=request.form)
    request.process, request.requirement_id = requirement.process, requirement.id
    everything = await _whole(command, request, seals=seals)
    lacking = _missing(everything, requirement)
    request.submitted_at = request.submitted_at or command.now
    advance(command, request, "submit", to=Status.INCOMPLETE if lacking else Status.SUBMITTED)
    if request.process == Process.COURT_TRIAL and not await deadlines.known(command, request_id):
        await _expect(command, request, DeadlineKind.COURT_OPINION)
    return await state(command, request, seals=seals)


async def send_back(command: Command, request_id: UUID, *, version: int, body: Return, seals: Seals) -> RequestState:
    """Ask for papers that are not there or cannot be read."""
    request = await at_step(command, request_id, "return", version=version)
    document = ReportKept(missing=body.missing, text=body.text)
    repository.add_report(command, request, ReportKind.RETURN, document, seals=seals)
    advance(command, request, "return", about={"missing": body.missing})
    return await state(command, request, seals=seals)


async def accept(command: Command, request_id: UUID, *, version: int, seals: Seals) -> RequestState:
    """The papers are complete. Raises ApplicantInAnotherRequest too."""
    request = await at_step(command, request_id, "accept", version=version)
    kept = (await queries.opened(command.connection, [request_id], seals=seals))[request_id]
    if await queries.asked_elsewhere(command.connection, request_id, kept, seals=seals):
        raise ApplicantInAnotherRequest
    advance(command, request, "accept")
    return await state(command, request, seals=seals)


async def record_interview(
    command: Command, request_id: UUID, *, version: int, body: VisitReport, seals: Seals
) -> RequestState:
    """With it the checks begin; where all that are needed stand from before, the home visit is due at once."""
    request = await at_step(command, request_id, "record-interview", version=version)
    _add_visit(command, request, ReportKind.INTERVIEW, body, seals=seals)
    advance(command, request, "record-interview")
    assert request.requirement_id is not None
    requirement = await requirements.requirement(command.connection, request.requirement_id)
    checks = await assessments.await_checks(command, request_id, requirement.checks, on=today(), seals=seals)
    if all(assessments.stands(each, today()) for each in checks):
        advance(command, request, "checks-answered")
    return await state(command, request, seals=seals)


async def record_home_visit(
    command: Command, request_id: UUID, *, version: int, body: VisitReport, seals: Seals
) -> RequestState:
    request = await at_step(command, request_id, "record-home-visit", version=version)
    _add_visit(command, request, ReportKind.HOME_VISIT, body, seals=seals)
    advance(command, request, "record-home-visit")
    return await state(command, request, seals=seals)


async def refer(command: Command, request_id: UUID, *, version: int, seals: Seals) -> RequestState:
    """To the committee, for the first time or after it deferred. No center sees the request from here on."""
    request = await at_step(command, request_id, "refer", version=version)
    request.referred_at = request.referred_at or command.now
    advance(command, request, "refer")
    return await state(command, request, seals=seals)


async def record_order(
    command: Command, request_id: UUID, *, version: int, body: JudgesOrder, seals: Seals
) -> RequestState:
    """What a judge has ordered, where a judge gives the child."""
    request = await at_step(command, request_id, "record-order", version=version)
    _require_past(body.made_on, "/made_on")
    repository.add_report(command, request, ReportKind.ORDER, ReportKept(**body.model_dump()), seals=seals)
    request.referred_at = request.referred_at or command.now
    advance(command, request, "record-order")
    await endings.ended(command, request_id, reason="ordered")
    return await state(command, request, seals=seals)


async def begin_care(
    command: Command, request_id: UUID, *, version: int, body: CareBegun, seals: Seals
) -> RequestState:
    """The working group has given a child into care. Raises RuleNotSet, CareChildTooOld and DateToCome too."""
    request = await at_step(command, request_id, "begin-care", version=version)
    _require_past(body.begun_on, "/begun_on")
    limit = await required(command, CARE_CHILD_UNDER, place=request.jurisdiction, on=body.begun_on)
    if years_between(body.child_birth_date, body.begun_on) >= limit:
        raise CareChildTooOld(limit=limit, errors=[_field("/child_birth_date", CareChildTooOld)])
    said = ReportKept(made_on=body.begun_on, reference=body.reference, text=body.text)
    repository.add_report(command, request, ReportKind.CARE_BEGUN, said, seals=seals)
    advance(command, request, "begin-care")
    await endings.ended(command, request_id, reason="care-begun")
    return await state(command, request, seals=seals)


async def end_care(command: Command, request_id: UUID, *, version: int, body: CareEnded, seals: Seals) -> RequestState:
    """The child went back, was adopted or came of age. Raises DateToCome too."""
    request = await at_step(command, request_id, "end-care", version=version)
    _require_past(body.ended_on, "/ended_on")
    said = ReportKept(made_on=body.ended_on, text=body.text)
    repository.add_report(command, request, ReportKind.CARE_ENDED, said, seals=seals)
    advance(command, request, "end-care", about={"reason": body.reason})
    return await state(command, request, seals=seals)


async def withdraw(command: Command, request_id: UUID, *, version: int, body: Withdrawal, seals: Seals) -> RequestState:
    request = await at_step(command, request_id, "withdraw", version=version)
    repository.add_report(command, request, ReportKind.WITHDRAWAL, ReportKept(text=body.text), seals=seals)
    advance(command, request, "withdraw", about={"reason": body.reason})
    await endings.ended(command, request_id, reason="withdrawn")
    return await state(command, request, seals=seals)


async def move(
    command: Command, request_id: UUID, step: str, *, version: int | None = None, about: Mapping[str, Any] | None = None
) -> AdoptionRequest:
    """Take a step that another feature decides on. Raises NotFound, PreconditionFailed and RequestStepNotAllowed."""
    request = await at_step(command, request_id, step, version=version)
    advance(command, request, step, about=about)
    await command.session.flush()
    if request.status not in OPEN:
        await endings.ended(command, request_id, reason=request.status)
    return request


async def at_step(command: Command, request_id: UUID, step: str, *, version: int | None) -> AdoptionRequest:
    """The request, locked, at a step that is possible. Raises NotFound, PreconditionFailed, RequestStepNotAllowed."""
    request = await _current(command, request_id, version=version)
    if not _possible(STEPS[step], request):
        raise _refused(request)
    return request


async def held(command: Command, request_id: UUID) -> AdoptionRequest:
    """The request, locked, whatever its version. Raises NotFound."""
    return await repository.hold(command, request_id)


def advance(
    command: Command,
    request: AdoptionRequest,
    step: str,
    *,
    to: Status | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write down that a step was taken, and announce where the request stands."""
    request.status, request.status_since = to or STEPS[step].to, command.now
    if request.status == Status.WAITING:
        request.waiting_since = request.waiting_since or command.now
    note(command, request, step, about=about)
    command.publish(events.changed(request))


def note(command: Command, request: AdoptionRequest, step: str, *, about: Mapping[str, Any] | None = None) -> None:
    """The next version of a request, with a line in its history. Codes and ids only: no names, no texts."""
    request.version += 1
    repository.add_step(command, request, step, about or {})


async def state(command: Command, request: AdoptionRequest, *, seals: Seals) -> RequestState:
    """What a step answers with."""
    await command.session.flush()
    everything = await _whole(command, request, seals=seals)
    return RequestState(**await _state(command.connection, everything))


async def read(query: Query, request_id: UUID, *, seals: Seals) -> RequestRead:
    """Raises NotFound."""
    found = await queries.whole(query.connection, request_id, scope=query.scope_range, seals=seals)
    return RequestRead(
        **await _state(query.connection, found),
        process=found.row["process"],
        registered_by=found.row["registered_by"],
        applicants=found.kept.applicants,
        household=found.kept.household,
        wishes=_wishes(found.row),
        documents=found.documents,
        exemptions=found.exemptions,
        checks=found.checks,
        reports=found.reports,
    )


async def eligibility(query: Query, request_id: UUID, *, seals: Seals) -> Eligibility:
    """What the law says of a request today. Raises NotFound."""
    found = await queries.whole(query.connection, request_id, scope=query.scope_range, seals=seals)
    return await examined(query.connection, found)


async def examined(connection: Any, everything: Whole) -> Eligibility:
    """What the law says of it today, by the numbers in force where it was registered."""
    numbers = await rules_at(connection, everything.row["jurisdiction"], names=NUMBERS, on=today())
    return examine(facts(everything, on=today()), on=today(), numbers=numbers)


def facts(everything: Whole, *, on: date) -> Facts:
    """What the conditions look at; an answer that is out of date counts as none, later reports before earlier ones."""
    row, household = everything.row, everything.kept.household
    checks: dict[Check, bool | None] = {}
    for check in everything.checks:
        valid = check.valid_until is None or check.valid_until >= on
        known = {CheckState.PASSED: True, CheckState.FAILED: False}.get(check.state) if valid else None
        checks[check.kind] = known
    seen: dict[Seen, bool] = {}
    for report in everything.reports:
        seen |= report.seen
    return Facts(
        form=Form(row["form"]),
        category=Category(row["category"]),
        relatives=row["relatives"],
        applicants=tuple(
            Person(
                birth_date=each.birth_date,
                sex=each.sex,
                religion=each.religion,
                education=each.education,
                under_guardianship=each.under_guardianship,
            )
            for each in everything.kept.applicants
        ),
        married_on=household.married_on,
        own_children=household.own_children,
        placed_children=household.placed_children,
        child_sex=row["child_sex"],
        child_to_months=row["child_to_months"],
        lives_in_iran=household.lives_in_iran,
        checks=checks,
        seen=seen,
        exemptions=frozenset(each.kind for each in everything.exemptions),
    )


async def _expect(
    command: Command,
    request: AdoptionRequest,
    kind: DeadlineKind,
    *,
    about: str | None = None,
    due_on: date | None = None,
) -> None:
    await deadlines.expect(
        command,
        request_id=request.id,
        jurisdiction=request.jurisdiction,
        kind=kind,
        since=today(),
        due_on=due_on,
        about=about,
    )


async def _whole(command: Command, request: AdoptionRequest, *, seals: Seals) -> Whole:
    return await queries.whole(command.connection, request.id, scope=command.scope_range, seals=seals)


async def _state(connection: Any, everything: Whole) -> dict[str, Any]:
    row = everything.row
    requirement = await requirements.in_force(connection, Form(row["form"]), on=today())
    return {
        **{name: row[name] for name in RequestSummary.model_fields},
        "missing": [] if requirement is None or row["status"] not in OPEN else _missing(everything, requirement),
        "allowed": _allowed(Status(row["status"]), row["process"]),
    }


def _missing(everything: Whole, requirement: RequirementRead) -> list[Missing]:
    kept = everything.kept
    return completeness.missing(kept.applicants, kept.household, everything.documents, requirement, on=today())


async def _current(command: Command, request_id: UUID, *, version: int | None) -> AdoptionRequest:
    request = await repository.hold(command, request_id)
    if version is not None and request.version != version:
        raise PreconditionFailed
    return request


async def _editable(command: Command, request_id: UUID, *, version: int) -> AdoptionRequest:
    request = await _current(command, request_id, version=version)
    if request.status not in EDITABLE:
        raise _refused(request)
    return request


async def _open_still(command: Command, request_id: UUID, *, version: int) -> AdoptionRequest:
    request = await _current(command, request_id, version=version)
    if request.status not in OPEN | {Status.EXPIRED}:
        raise _refused(request)
    return request


def _possible(step: Step, request: AdoptionRequest) -> bool:
    return request.status in step.at and (request.process is None or request.process in step.by)


def _allowed(status: Status, process: str | None) -> list[str]:
    return [
        name for name, step in STEPS.items() if status in step.at and (process is None or Process(process) in step.by)
    ]


def _refused(request: AdoptionRequest) -> RequestStepNotAllowed:
    return RequestStepNotAllowed(present=request.status, allowed=_allowed(Status(request.status), request.process))


def _add_visit(
    command: Command, request: AdoptionRequest, kind: ReportKind, body: VisitReport, *, seals: Seals
) -> None:
    _require_past(body.made_on, "/made_on")
    repository.add_report(command, request, kind, ReportKept(**body.model_dump()), seals=seals)


def _require_fit(category: Category, applicants: Sequence[Applicant]) -> None:
    sexes = sorted(each.sex for each in applicants)
    if sexes != (["female"] if category == Category.SINGLE_WOMAN else ["female", "male"]):
        raise _at("/applicants", ApplicantsMisfit)


def _require_past(day: date | None, pointer: str) -> None:
    if day is not None and day > today():
        raise _at(pointer, DateToCome)


def _columns(wishes: Wishes) -> dict[str, Any]:
    return {
        "child_sex": wishes.sex,
        "child_from_months": wishes.from_months,
        "child_to_months": wishes.to_months,
        "child_health": wishes.health,
        "siblings": wishes.siblings,
    }


def _wishes(row: Mapping[str, Any]) -> Wishes:
    return Wishes(
        sex=row["child_sex"],
        from_months=row["child_from_months"],
        to_months=row["child_to_months"],
        health=row["child_health"],
        siblings=row["siblings"],
    )


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[_field(pointer, problem)])


def _field(pointer: str, problem: type[Problem]) -> FieldError:
    return FieldError(pointer, problem.code, problem.title)
