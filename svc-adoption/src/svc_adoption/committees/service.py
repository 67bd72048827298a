"""The rules of the committee: it decides on facts, by two of its members, and never past the law."""

import re
from collections.abc import Mapping
from uuid import UUID

from shared.chassis.database import Command, Query
from shared.chassis.sealing import Seals
from shared.kit.calendar import today, years_between
from shared.kit.ids import new_id
from shared.kit.problems import FieldError, NotFound, PreconditionFailed
from svc_adoption import endings, sealed
from svc_adoption.committees import queries, repository
from svc_adoption.committees.errors import (
    ConditionsOpen,
    DecisionAwaited,
    DecisionStepNotAllowed,
    NotEligible,
    SecondMemberNeeded,
)
from svc_adoption.committees.models import Decision, DecisionState, Outcome
from svc_adoption.committees.schemas import (
    TABLE,
    DecisionCreate,
    DecisionKept,
    DecisionStep,
    Dossier,
    DossierApplicant,
    DossierCheck,
    DossierReport,
    Objection,
)
from svc_adoption.priority import Facts
from svc_adoption.queue import service as queue
from svc_adoption.requests import queries as request_queries
from svc_adoption.requests import service as requests
from svc_adoption.requests.errors import DateToCome
from svc_adoption.requests.models import AdoptionRequest, Status
from svc_adoption.requests.schemas import Kept, Wishes

STEPS: Mapping[str, frozenset[DecisionState]] = {
    "confirm": frozenset({DecisionState.PROPOSED}),
    "object": frozenset({DecisionState.PROPOSED}),
}
"""Operation → the states of a decision in which it is possible."""
BLACK = "▇▇▇"


async def dossier(query: Query, request_id: UUID, *, seals: Seals) -> Dossier:
    """What the committee is told of a request that is before it. Raises NotFound."""
    found = await request_queries.whole(query.connection, request_id, scope=query.scope_range, seals=seals)
    if found.row["status"] != Status.COMMITTEE:
        raise NotFound
    row, household, day = found.row, found.kept.household, today()
    return Dossier(
        **{name: row[name] for name in ("id", "version", "form", "category", "status", "status_since", "relatives")},
        applicants=[
            DossierApplicant(
                age=years_between(each.birth_date, day),
                sex=each.sex,
                religion=each.religion,
                education=each.education,
                occupation=each.occupation,
            )
            for each in found.kept.applicants
        ],
        married_years=None if household.married_on is None else years_between(household.married_on, day),
        own_children=household.own_children,
        placed_children=household.placed_children,
        housing=household.housing,
        monthly_income_rials=household.monthly_income_rials,
        wishes=Wishes(
            sex=row["child_sex"],
            from_months=row["child_from_months"],
            to_months=row["child_to_months"],
            health=row["child_health"],
            siblings=row["siblings"],
        ),
        checks=[DossierCheck(**each.model_dump(include=set(DossierCheck.model_fields))) for each in found.checks],
        exemptions=[each.kind for each in found.exemptions],
        reports=[
            DossierReport(kind=each.kind, made_on=each.made_on, seen=each.seen, text=blackened(each.text, found.kept))
            for each in found.reports
        ],
        eligibility=await requests.examined(query.connection, found),
        decisions=await queries.decisions(query.connection, request_id, seals=seals),
    )


def blackened(text: str | None, kept: Kept) -> str | None:
    """A report without the names and numbers of whom it is about."""
    if text is None:
        return None
    words = {
        word
        for each in kept.applicants
        for said in (each.given_name, each.family_name, each.father_name, each.identity.value, each.mobile)
        if said is not None
        for word in (said, *said.split())
        if len(word) > 1
    }
    # the longest first, so that a whole name goes before its parts
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", BLACK, text)


async def propose(
    command: Command, request_id: UUID, *, version: int, body: DecisionCreate, seals: Seals
) -> DecisionStep:
    """Say what the committee decided; another member has to confirm it.

    Raises NotFound, PreconditionFailed, RequestStepNotAllowed, DecisionAwaited, DateToCome, and NotEligible and
    ConditionsOpen for an approval that the law does not bear.
    """
    request = await requests.at_step(command, request_id, body.outcome, version=version)
    if await repository.awaited(command, request_id) is not None:
        raise DecisionAwaited
    if body.session_on > today():
        raise DateToCome(errors=[FieldError("/session_on", DateToCome.code, DateToCome.title)])
    if body.outcome == Outcome.APPROVE:
        await _require_law(command, request, settles=body.settles, seals=seals)
    decision = Decision(
        id=new_id(),
        request_id=request_id,
        version=1,
        outcome=body.outcome,
        state=DecisionState.PROPOSED,
        session_on=body.session_on,
        proposed_at=command.now,
        proposed_by=command.actor.subject,
        key_id="",
        sealed=b"",
    )
    document = DecisionKept(minutes=body.minutes, reason=body.reason, settles=body.settles)
    repository.keep(decision, document, seals=seals)
    command.session.add(decision)
    requests.note(command, request, "decision-proposed", about={"decision_id": str(decision.id)})
    return await _step(command, request, decision, seals=seals)


async def confirm(command: Command, request_id: UUID, decision_id: UUID, *, version: int, seals: Seals) -> DecisionStep:
    """The decision takes effect; whether the law bears it is asked again.

    Raises NotFound, PreconditionFailed, RequestStepNotAllowed, DecisionStepNotAllowed, SecondMemberNeeded, NotEligible
    and ConditionsOpen.
    """
    request, decision = await _at_step(command, request_id, decision_id, "confirm", version=version)
    request = await requests.at_step(command, request_id, decision.outcome, version=None)
    if decision.outcome == Outcome.APPROVE:
        kept = sealed.opened(TABLE, decision.model_dump(), DecisionKept, seals=seals)
        await _require_law(command, request, settles=kept.settles, seals=seals)
    _answer(command, decision, DecisionState.CONFIRMED)
    requests.advance(command, request, decision.outcome, about={"decision_id": str(decision.id)})
    if request.status == Status.WAITING:
        await _enter_queue(command, request, seals=seals)
    elif request.status == Status.REJECTED:
        await endings.ended(command, request_id, reason="rejected")
    return await _step(command, request, decision, seals=seals)


async def object_to(
    command: Command, request_id: UUID, decision_id: UUID, *, version: int, body: Objection, seals: Seals
) -> DecisionStep:
    """The decision falls; the request stays before the committee.

    Raises NotFound, PreconditionFailed, DecisionStepNotAllowed and SecondMemberNeeded.
    """
    request, decision = await _at_step(command, request_id, decision_id, "object", version=version)
    kept = sealed.opened(TABLE, decision.model_dump(), DecisionKept, seals=seals)
    repository.keep(decision, kept.model_copy(update={"objection": body.reason}), seals=seals)
    _answer(command, decision, DecisionState.OBJECTED)
    requests.note(command, request, "decision-objected", about={"decision_id": str(decision.id)})
    return await _step(command, request, decision, seals=seals)


async def _at_step(
    command: Command, request_id: UUID, decision_id: UUID, step: str, *, version: int
) -> tuple[AdoptionRequest, Decision]:
    request = await requests.held(command, request_id)
    decision = await repository.decision_of(command, request_id, decision_id)
    if decision.version != version:
        raise PreconditionFailed
    if decision.state not in STEPS[step]:
        raise DecisionStepNotAllowed(
            present=decision.state, allowed=[name for name, states in STEPS.items() if decision.state in states]
        )
    if decision.proposed_by == command.actor.subject:
        raise SecondMemberNeeded
    return request, decision


async def _require_law(command: Command, request: AdoptionRequest, *, settles: Mapping[str, str], seals: Seals) -> None:
    found = await request_queries.whole(command.connection, request.id, scope=command.scope_range, seals=seals)
    findings = (await requests.examined(command.connection, found)).findings
    against = [each.code for each in findings if each.met is False]
    if against:
        raise NotEligible(conditions=against, names=", ".join(against))
    unsettled = [each.code for each in findings if each.met is None and each.code not in settles]
    if unsettled:
        raise ConditionsOpen(conditions=unsettled, names=", ".join(unsettled))


async def _enter_queue(command: Command, request: AdoptionRequest, *, seals: Seals) -> None:
    kept = (await request_queries.opened(command.connection, [request.id], seals=seals))[request.id]
    religions = {each.religion for each in kept.applicants}
    placed = kept.household.placed_children
    await queue.enter(
        command,
        request_id=request.id,
        jurisdiction=request.jurisdiction,
        form=request.form,
        facts=Facts(
            couple=len(kept.applicants) > 1,
            children=(kept.household.own_children or 0) + placed,
            placed=placed,
            born=tuple(each.birth_date for each in kept.applicants),
            religion=religions.pop() if len(religions) == 1 else None,
        ),
        seals=seals,
        reason="approved",
    )


def _answer(command: Command, decision: Decision, state: DecisionState) -> None:
    decision.state, decision.version = state, decision.version + 1
    decision.answered_at, decision.answered_by = command.now, command.actor.subject


async def _step(command: Command, request: AdoptionRequest, decision: Decision, *, seals: Seals) -> DecisionStep:
    return DecisionStep(
        request=await requests.state(command, request, seals=seals),
        **decision.model_dump(include={"id", "version", "outcome", "state"}),
    )
