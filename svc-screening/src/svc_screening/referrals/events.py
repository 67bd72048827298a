"""From a referral to what is announced of it: ids and states."""

from typing import Any, TypeVar
from uuid import UUID

from shared.contracts.screening import DisorderConfirmedV1, ReferralState
from shared.kit.jurisdiction import Jurisdiction
from svc_screening.referrals.models import Referral

S = TypeVar("S", bound=ReferralState)


def fact(kind: type[S], referral: Referral, *, counts_as: UUID, place: str, **more: Any) -> S:
    """`place` is the center that is responsible for the person now."""
    return kind(
        jurisdiction=Jurisdiction.from_code(place),
        referral_id=referral.id,
        version=referral.version,
        person_id=referral.person_id,
        counts_as=counts_as,
        encounter_id=referral.encounter_id,
        programme=referral.programme_code,
        programme_year=referral.programme_year,
        campaign_id=referral.campaign_id,
        refers_to=referral.refers_to,
        status=referral.status,
        issued_on=referral.issued_on,
        due_on=referral.due_on,
        **more,
    )


def confirmed(referral: Referral, *, counts_as: UUID, place: str, sensitive: bool) -> DisorderConfirmedV1:
    assert referral.diagnosed_on is not None
    return DisorderConfirmedV1(
        jurisdiction=Jurisdiction.from_code(place),
        referral_id=referral.id,
        person_id=referral.person_id,
        counts_as=counts_as,
        programme=referral.programme_code,
        programme_year=referral.programme_year,
        campaign_id=referral.campaign_id,
        disorder=None if sensitive else referral.diagnosis,
        confirmed_on=referral.diagnosed_on,
    )
