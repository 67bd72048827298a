"""Referrals: looked after by the center, reported on by clinics, counted by loops that are closed."""

from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import Response

from shared.chassis.http import Command, IfMatch, Page, Query, Router, tagged
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, PreconditionFailed, PreconditionRequired, ScopeForbidden
from svc_screening.clinics.errors import ClinicUnknown
from svc_screening.referrals import queries, service
from svc_screening.referrals.errors import (
    OpenReferralThere,
    ReferralDayImpossible,
    ReferralStepNotAllowed,
    ReferralTokenUnknown,
    TooYoungToClose,
)
from svc_screening.referrals.schemas import (
    AidClaim,
    Appointment,
    ClinicReferral,
    ClinicReferralFilters,
    ClinicVisit,
    Closing,
    Finding,
    FollowUp,
    LoopFilters,
    LoopReport,
    Loss,
    ReferralFilters,
    ReferralRead,
    ReferralSummary,
    Reminder,
    TreatmentBegun,
    VisitWithSlip,
)

router = Router(prefix="/v1/screening-referrals", tags=["Screening referrals"])
of_clinics = Router(prefix="/v1/referrals-received", tags=["Screening referrals"])
loops = Router(prefix="/v1/referral-loops", tags=["Screening figures"])

_STEP = [NotFound, PreconditionRequired, PreconditionFailed, ReferralStepNotAllowed]
_SEEN = [*_STEP, ReferralDayImpossible, OpenReferralThere]


@router.get("", permission=Permission.SCREENING_READ, personal=True, problems=[ScopeForbidden])
async def list_screening_referrals(
    query: Query, filters: Annotated[ReferralFilters, fastapi.Query()]
) -> Page[ReferralSummary]:
    """Those of the people in the scope now, wherever they were referred; the soonest due first."""
    return await queries.list_referrals(query, filters)


@router.get("/{referral_id}", permission=Permission.SCREENING_READ, personal=True, problems=[NotFound])
async def read_screening_referral(referral_id: UUID, query: Query, response: Response) -> ReferralRead:
    """A referral with what happened to it, and the token of its slip."""
    return tagged(response, await queries.referral(query.connection, referral_id, scope=query.scope_range))


@router.post("/{referral_id}:remind", permission=Permission.REFERRAL_WRITE, problems=[*_STEP, OpenReferralThere])
async def remind_of_screening_referral(
    referral_id: UUID, body: Reminder, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Say that the family was reminded; one that was given up is looked for again."""
    return tagged(response, await service.remind(command, referral_id, version=version, body=body))


@router.post("/{referral_id}:appoint", permission=Permission.REFERRAL_WRITE, problems=[*_SEEN, ClinicUnknown])
async def appoint_screening_referral(
    referral_id: UUID, body: Appointment, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Say to which clinic the family goes, and by which day."""
    return tagged(response, await service.appoint(command, referral_id, version=version, body=body))


@router.post("/{referral_id}:miss", permission=Permission.REFERRAL_WRITE, problems=_STEP)
async def miss_screening_referral(
    referral_id: UUID, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Nobody came."""
    await service.miss(command, referral_id, version=version)
    return await _shown(command, referral_id, response)


@router.post("/{referral_id}:attend", permission=Permission.REFERRAL_WRITE, problems=_SEEN)
async def attend_screening_referral(
    referral_id: UUID, body: ClinicVisit, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """The person was seen, as the family or a clinic without a system says."""
    await service.attend(command, referral_id, version=version, body=body)
    return await _shown(command, referral_id, response)


@router.post("/{referral_id}:diagnose", permission=Permission.REFERRAL_WRITE, problems=_SEEN)
async def diagnose_screening_referral(
    referral_id: UUID, body: Finding, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """What was found, as it is written on the slip that came back. No disorder closes the referral."""
    await service.diagnose(command, referral_id, version=version, body=body)
    return await _shown(command, referral_id, response)


@router.post("/{referral_id}:treat", permission=Permission.REFERRAL_WRITE, problems=[*_STEP, ReferralDayImpossible])
async def treat_screening_referral(
    referral_id: UUID, body: TreatmentBegun, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Treatment has begun, or another one."""
    await service.treat(command, referral_id, version=version, body=body)
    return await _shown(command, referral_id, response)


@router.post("/{referral_id}:claim-aid", permission=Permission.REFERRAL_WRITE, problems=_STEP)
async def claim_aid_for_screening_referral(
    referral_id: UUID, body: AidClaim, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Hand in the invoice of what the family paid."""
    await service.claim_aid(command, referral_id, version=version, body=body)
    return await _shown(command, referral_id, response)


@router.post("/{referral_id}:follow-up", permission=Permission.REFERRAL_WRITE, problems=[*_STEP, ReferralDayImpossible])
async def follow_up_screening_referral(
    referral_id: UUID, body: FollowUp, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """The person was seen again."""
    await service.follow_up(command, referral_id, version=version, body=body)
    return await _shown(command, referral_id, response)


@router.post("/{referral_id}:lose", permission=Permission.REFERRAL_WRITE, problems=_STEP)
async def lose_screening_referral(
    referral_id: UUID, body: Loss, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Give up; the person may still come, and is won back then."""
    return tagged(response, await service.lose(command, referral_id, version=version, body=body))


@router.post("/{referral_id}:close", permission=Permission.REFERRAL_WRITE, problems=[*_STEP, TooYoungToClose])
async def close_screening_referral(
    referral_id: UUID, body: Closing, version: IfMatch, command: Command, response: Response
) -> ReferralRead:
    """Nothing is left to do."""
    return tagged(response, await service.close(command, referral_id, version=version, body=body))


async def _shown(command: Command, referral_id: UUID, response: Response) -> ReferralRead:
    return tagged(response, await queries.referral(command.connection, referral_id, scope=command.scope_range))


@of_clinics.get("", permission=Permission.REFERRAL_REPORT, personal=True)
async def list_clinic_referrals(
    query: Query, filters: Annotated[ClinicReferralFilters, fastapi.Query()]
) -> Page[ClinicReferral]:
    """The referrals of the clinics for which the client reports, the latest first, and no others."""
    return await queries.list_clinic_referrals(query, filters)


@of_clinics.get("/{referral_id}", permission=Permission.REFERRAL_REPORT, personal=True, problems=[NotFound])
async def read_clinic_referral(referral_id: UUID, query: Query, response: Response) -> ClinicReferral:
    found = await queries.clinic_referral(
        query.connection, referral_id, client=query.actor.subject, scope=query.scope_range
    )
    return tagged(response, found)


@of_clinics.post(
    ":attend",
    permission=Permission.REFERRAL_REPORT,
    problems=[
        ReferralTokenUnknown,
        ClinicUnknown,
        ReferralStepNotAllowed,
        ReferralDayImpossible,
        OpenReferralThere,
    ],
)
async def attend_with_slip(body: VisitWithSlip, command: Command, response: Response) -> ClinicReferral:
    """A family came with its slip: the referral is the clinic's from now on."""
    return tagged(response, await service.attend_with_slip(command, body))


@of_clinics.post("/{referral_id}:miss", permission=Permission.REFERRAL_REPORT, problems=_STEP)
async def miss_clinic_referral(
    referral_id: UUID, version: IfMatch, command: Command, response: Response
) -> ClinicReferral:
    """Whoever was to come did not."""
    await service.miss(command, referral_id, version=version, client=command.actor.subject)
    return await _reported(command, referral_id, response)


@of_clinics.post("/{referral_id}:diagnose", permission=Permission.REFERRAL_REPORT, problems=_SEEN)
async def diagnose_clinic_referral(
    referral_id: UUID, body: Finding, version: IfMatch, command: Command, response: Response
) -> ClinicReferral:
    """What was found. No disorder closes the referral."""
    await service.diagnose(command, referral_id, version=version, body=body, client=command.actor.subject)
    return await _reported(command, referral_id, response)


@of_clinics.post(
    "/{referral_id}:treat", permission=Permission.REFERRAL_REPORT, problems=[*_STEP, ReferralDayImpossible]
)
async def treat_clinic_referral(
    referral_id: UUID, body: TreatmentBegun, version: IfMatch, command: Command, response: Response
) -> ClinicReferral:
    """Treatment has begun, or another one."""
    await service.treat(command, referral_id, version=version, body=body, client=command.actor.subject)
    return await _reported(command, referral_id, response)


@of_clinics.post("/{referral_id}:claim-aid", permission=Permission.REFERRAL_REPORT, problems=_STEP)
async def claim_aid_for_clinic_referral(
    referral_id: UUID, body: AidClaim, version: IfMatch, command: Command, response: Response
) -> ClinicReferral:
    """Hand in the invoice of what the family paid."""
    await service.claim_aid(command, referral_id, version=version, body=body, client=command.actor.subject)
    return await _reported(command, referral_id, response)


@of_clinics.post(
    "/{referral_id}:follow-up", permission=Permission.REFERRAL_REPORT, problems=[*_STEP, ReferralDayImpossible]
)
async def follow_up_clinic_referral(
    referral_id: UUID, body: FollowUp, version: IfMatch, command: Command, response: Response
) -> ClinicReferral:
    """The person was seen again."""
    await service.follow_up(command, referral_id, version=version, body=body, client=command.actor.subject)
    return await _reported(command, referral_id, response)


async def _reported(command: Command, referral_id: UUID, response: Response) -> ClinicReferral:
    found = await queries.clinic_referral(
        command.connection, referral_id, client=command.actor.subject, scope=command.scope_range
    )
    return tagged(response, found)


@loops.get("", permission=Permission.COVERAGE_READ, problems=[ScopeForbidden])
async def read_referral_loops(query: Query, asked: Annotated[LoopFilters, fastapi.Query()]) -> LoopReport:
    """How many of the referred were seen, and how many loops are closed, by place and programme."""
    return await queries.loops(query, asked)
