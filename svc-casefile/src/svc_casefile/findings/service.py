"""The rules of active needs-finding (نیازمندیابی فعال).

found → screened → assessed → supported (level 1, the center) → waiting (level 2, the county) → admitted, with a file;
or referred elsewhere, or not eligible for a reason, against which one appeal goes to the county.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction, Level
from shared.kit.problems import FieldError, PreconditionFailed, Problem, ScopeForbidden
from svc_casefile.centers.queries import rules_in_force
from svc_casefile.findings import events, queries, repository
from svc_casefile.findings.errors import (
    AlreadyFound,
    AppealFinal,
    AppealTooLate,
    CoverageNotChecked,
    CoveredElsewhere,
    FindingStepNotAllowed,
    NotAtACenter,
    OutOfTurn,
    OwnRefusal,
)
from svc_casefile.findings.models import Finding, FindingInquiry
from svc_casefile.findings.schemas import (
    Admission,
    Appeal,
    AppealDeciding,
    AppealDecision,
    AskedBody,
    Assessment,
    CountyDeciding,
    CountyDecision,
    CoverageAnswer,
    FindingCreate,
    FindingRead,
    FindingReferral,
    FindingRefusal,
    FindingStatus,
    InquiryCreate,
    LocalDeciding,
    LocalDecision,
    RefusalReason,
    Screening,
)
from svc_casefile.households import queries as case_files
from svc_casefile.households import repository as case_file_rows
from svc_casefile.households.errors import CenterNotOpen
from svc_casefile.households.schemas import CaseFileCreate
from svc_casefile.households.service import open_case_file
from svc_casefile.members import repository as members
from svc_casefile.timeline.repository import happened

STEPS: Mapping[str, frozenset[FindingStatus]] = {
    "screen": frozenset({FindingStatus.FOUND}),
    "assess": frozenset({FindingStatus.SCREENED}),
    "decide-local": frozenset({FindingStatus.ASSESSED}),
    "decide-county": frozenset({FindingStatus.SUPPORTED}),
    "admit": frozenset({FindingStatus.WAITING}),
    "refuse": frozenset({FindingStatus.FOUND, FindingStatus.SCREENED, FindingStatus.WAITING}),
    "refer": frozenset({FindingStatus.FOUND, FindingStatus.SCREENED, FindingStatus.ASSESSED, FindingStatus.WAITING}),
    "appeal": frozenset({FindingStatus.NOT_ELIGIBLE}),
    "decide-appeal": frozenset({FindingStatus.APPEALED}),
}
"""Operation → the statuses in which it is possible."""
ENDED = frozenset({FindingStatus.ADMITTED, FindingStatus.REFERRED, FindingStatus.NOT_ELIGIBLE})
AFTER_APPEAL: Mapping[FindingStatus, FindingStatus] = {
    FindingStatus.FOUND: FindingStatus.SCREENED,
    FindingStatus.SCREENED: FindingStatus.SCREENED,
    FindingStatus.ASSESSED: FindingStatus.SUPPORTED,
    FindingStatus.SUPPORTED: FindingStatus.WAITING,
    FindingStatus.WAITING: FindingStatus.WAITING,
}
"""Where a refusal was made → where a successful appeal leads: past the decision that it reverses."""
MUST_BE_ASKED = (AskedBody.RELIEF_COMMITTEE, AskedBody.SOCIAL_SECURITY)
"""Nobody is admitted without a valid answer of both: the cross-inquiry of the admission rules."""
APPEAL_DAYS = "finding-appeal-days"
"""The registry's name for the rule on how long after a refusal an appeal is taken. No source gives the number: until
somebody sets it, an appeal is never too late."""
URGENT, ORDINARY = 1, 2


async def record(command: Command, body: FindingCreate) -> FindingRead:
    """Raises ScopeForbidden, NotAtACenter, CenterNotOpen, PersonAlreadyInCaseFile and AlreadyFound."""
    place = body.jurisdiction or command.scope
    if not command.scope.covers(place):
        raise ScopeForbidden
    if place.level != Level.CENTER:
        raise _at("/jurisdiction", NotAtACenter)
    if not await case_files.is_open(command.connection, place):
        raise _at("/jurisdiction", CenterNotOpen)
    if body.identity is not None:
        await members.refuse_taken(command.connection, [("/identity", body.identity)])
        known = await queries.open_with_identity(command.connection, body.identity, scope=command.scope_range)
        if known is not None:
            raise AlreadyFound(finding_id=str(known))
    finding = Finding(
        **body.model_dump(exclude={"jurisdiction", "found_on", "identity"}),
        id=new_id(),
        jurisdiction=place.code,
        version=0,
        status=FindingStatus.FOUND,
        found_on=body.found_on or today(),
        id_type=None if body.identity is None else body.identity.type,
        id_value=None if body.identity is None else body.identity.value,
        recorded_at=command.now,
        recorded_by=command.actor.subject,
    )
    return await _moved(command, finding, "record", to=FindingStatus.FOUND)


async def screen(command: Command, finding_id: UUID, *, version: int, body: Screening) -> FindingRead:
    """Raises NotFound, PreconditionFailed and FindingStepNotAllowed, as every step."""
    finding = await _at_step(command, finding_id, "screen", version=version)
    return await _moved(command, finding, "screen", to=FindingStatus.SCREENED, note=body.note)


async def assess(command: Command, finding_id: UUID, *, version: int, body: Assessment) -> FindingRead:
    finding = await _at_step(command, finding_id, "assess", version=version)
    finding.visited_on, finding.coverage_reason = body.visited_on, body.coverage_reason
    finding.turn = URGENT if body.urgent else ORDINARY
    return await _moved(
        command, finding, "assess", to=FindingStatus.ASSESSED, reason=body.urgent_because, note=body.report
    )


async def decide_locally(command: Command, finding_id: UUID, *, version: int, body: LocalDeciding) -> FindingRead:
    finding = await _at_step(command, finding_id, "decide-local", version=version)
    if body.decision == LocalDecision.REFUSE:
        return await _refused(command, finding, "decide-local", reason=body.reason, note=body.note)
    return await _moved(command, finding, "decide-local", to=FindingStatus.SUPPORTED, note=body.note)


async def decide_at_county(command: Command, finding_id: UUID, *, version: int, body: CountyDeciding) -> FindingRead:
    """Raises as every step; to admit somebody, CoverageNotChecked and CoveredElsewhere."""
    finding = await _at_step(command, finding_id, "decide-county", version=version)
    if body.decision == CountyDecision.REFUSE:
        return await _refused(command, finding, "decide-county", reason=body.reason, note=body.note)
    await _require_no_other_support(command, finding)
    return await _moved(command, finding, "decide-county", to=FindingStatus.WAITING, note=body.note)


async def admit(command: Command, finding_id: UUID, *, version: int, body: Admission) -> FindingRead:
    """Open the household's file, in its turn.

    Raises as every step; OutOfTurn, CoverageNotChecked, CoveredElsewhere, and as opening a file.
    """
    finding = await _at_step(command, finding_id, "admit", version=version)
    await _require_no_other_support(command, finding)
    await repository.one_at_a_time(command, finding.jurisdiction)
    earlier = await queries.before(command.connection, finding)
    if earlier and body.skipping is None:
        raise OutOfTurn(before=len(earlier), next=str(earlier[0]))
    if body.skipping is not None:
        await repository.skip(command, earlier, admitted=finding, reason=body.skipping.reason, note=body.skipping.note)
    said = {name: getattr(body, name) for name in CaseFileCreate.model_fields}
    for name in ("address", "latitude", "longitude", "mobile", "coverage_reason"):
        if name not in body.model_fields_set:
            said[name] = getattr(finding, name)
    file = await open_case_file(command, CaseFileCreate(**said | {"jurisdiction": Jurisdiction(finding.jurisdiction)}))
    finding.case_file_id = file.id
    happened(
        command,
        await case_file_rows.locked(command, file.id),
        kind="finding-admitted",
        ref=finding.id,
        about={"found_on": finding.found_on, "found_by": finding.found_by},
    )
    return await _moved(
        command,
        finding,
        "admit",
        to=FindingStatus.ADMITTED,
        reason=None if body.skipping is None else body.skipping.reason,
    )


async def refuse(command: Command, finding_id: UUID, *, version: int, body: FindingRefusal) -> FindingRead:
    finding = await _at_step(command, finding_id, "refuse", version=version)
    return await _refused(command, finding, "refuse", reason=body.reason, note=body.note)


async def refer(command: Command, finding_id: UUID, *, version: int, body: FindingReferral) -> FindingRead:
    finding = await _at_step(command, finding_id, "refer", version=version)
    return await _moved(command, finding, "refer", to=FindingStatus.REFERRED, reason=body.to, note=body.note)


async def appeal(command: Command, finding_id: UUID, *, version: int, body: Appeal) -> FindingRead:
    """The household objects to its refusal. Raises as every step, AppealFinal and AppealTooLate."""
    finding = await _at_step(command, finding_id, "appeal", version=version)
    if finding.final:
        raise AppealFinal
    rules = await rules_in_force(command.connection, centers=[finding.jurisdiction], names=[APPEAL_DAYS], on=today())
    days = rules[finding.jurisdiction].get(APPEAL_DAYS)
    assert finding.refused_on is not None
    if days is not None and today() > (last := finding.refused_on + timedelta(days=days)):
        raise AppealTooLate(last_day=last.isoformat())
    return await _moved(command, finding, "appeal", to=FindingStatus.APPEALED, note=body.grounds)


async def decide_appeal(command: Command, finding_id: UUID, *, version: int, body: AppealDeciding) -> FindingRead:
    """Raises as every step, OwnRefusal; and where the appeal leads onto the waiting list, CoverageNotChecked and
    CoveredElsewhere."""
    finding = await _at_step(command, finding_id, "decide-appeal", version=version)
    if finding.refused_by == command.actor.subject:
        raise OwnRefusal
    if body.decision == AppealDecision.UPHOLD:
        finding.final = True
        to = FindingStatus.NOT_ELIGIBLE
    else:
        assert finding.refused_from is not None
        to = AFTER_APPEAL[FindingStatus(finding.refused_from)]
        finding.refused_from = finding.refused_on = finding.refused_by = None
        if to == FindingStatus.WAITING:
            await _require_no_other_support(command, finding)
    return await _moved(command, finding, "decide-appeal", to=to, reason=body.decision, note=body.note)


async def inquire(command: Command, finding_id: UUID, body: InquiryCreate) -> FindingRead:
    """Keep what a support body answered. Raises NotFound, and FindingStepNotAllowed once the finding has ended."""
    finding = await repository.locked(command, finding_id)
    if finding.status in ENDED:
        raise _not_allowed(finding)
    await repository.add(
        command,
        FindingInquiry(
            id=new_id(),
            finding_id=finding.id,
            jurisdiction=finding.jurisdiction,
            body=body.body,
            answer=body.answer,
            reference=body.reference,
            asked_on=body.asked_on or today(),
            valid_until=body.valid_until,
            asked_by=command.actor.subject,
            recorded_at=command.now,
        ),
    )
    return await _moved(command, finding, "inquire", to=FindingStatus(finding.status), reason=body.body)


async def _at_step(command: Command, finding_id: UUID, step: str, *, version: int) -> Finding:
    finding = await repository.locked(command, finding_id)
    if finding.version != version:
        raise PreconditionFailed
    if finding.status not in STEPS[step]:
        raise _not_allowed(finding)
    return finding


def _not_allowed(finding: Finding) -> FindingStepNotAllowed:
    allowed = [name for name, possible in STEPS.items() if finding.status in possible]
    return FindingStepNotAllowed(present=finding.status, allowed=allowed)


async def _require_no_other_support(command: Command, finding: Finding) -> None:
    """The last answer of each body counts, as long as it is valid."""
    answers = await queries.last_answers(command.connection, finding.id, on=today())
    covered = sorted(body for body, answer in answers.items() if answer == CoverageAnswer.COVERED)
    if covered:
        raise CoveredElsewhere(bodies=covered)
    missing = [body for body in MUST_BE_ASKED if answers.get(body) != CoverageAnswer.NOT_COVERED]
    if missing:
        raise CoverageNotChecked(bodies=missing, names=", ".join(missing))


async def _refused(
    command: Command, finding: Finding, step: str, *, reason: RefusalReason | None, note: str | None
) -> FindingRead:
    finding.refused_from, finding.refused_on = finding.status, today()
    finding.refused_by = command.actor.subject
    return await _moved(command, finding, step, to=FindingStatus.NOT_ELIGIBLE, reason=reason, note=note)


async def _moved(
    command: Command,
    finding: Finding,
    step: str,
    *,
    to: FindingStatus,
    reason: str | None = None,
    note: str | None = None,
) -> FindingRead:
    """The next version of the finding, with the step that made it and its event."""
    finding.status = to
    finding.version += 1
    await repository.keep(command, finding, step=step, reason=reason, note=note)
    command.publish(events.fact(finding, step=step))
    return await queries.finding(command.connection, finding.id, scope=command.scope_range)


def _at(pointer: str, problem: type[Problem]) -> Problem:
    return problem(errors=[FieldError(pointer=pointer, code=problem.code, message=problem.title)])
