"""From an inquiry to what is announced of it, and to what another body is asked."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.licensing import (
    AskedPerson,
    AskedPlace,
    InquiryAnsweredV1,
    InquiryAskedV1,
    InquiryOpenedV1,
    InquiryOverdueV1,
    InquiryState,
)
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing.applications.models import Application
from svc_licensing.inquiries.models import Inquiry, Stage
from svc_licensing.rules import About


def _fact(kind: type[InquiryState], inquiry: Inquiry, **more: Any) -> Any:
    return kind(
        jurisdiction=Jurisdiction.from_code(inquiry.jurisdiction),
        inquiry_id=inquiry.id,
        application_id=inquiry.application_id,
        version=inquiry.version,
        system=inquiry.system,
        asked_on=inquiry.asked_at.date(),
        due_on=inquiry.due_on,
        **more,
    )


def opened(inquiry: Inquiry) -> InquiryOpenedV1:
    fact: InquiryOpenedV1 = _fact(InquiryOpenedV1, inquiry)
    return fact


def answered(inquiry: Inquiry) -> InquiryAnsweredV1:
    state = None if inquiry.stage == Stage.VETTING else inquiry.state
    fact: InquiryAnsweredV1 = _fact(InquiryAnsweredV1, inquiry, state=state)
    return fact


def overdue(inquiry: Inquiry) -> InquiryOverdueV1:
    fact: InquiryOverdueV1 = _fact(InquiryOverdueV1, inquiry)
    return fact


def asked(inquiry: Inquiry, application: Application, person: Mapping[str, Any] | None) -> InquiryAskedV1:
    """Of whom it is asked about, no more than the other body needs to know them by."""
    premises = inquiry.about == About.PREMISES and application.address is not None
    assert inquiry.sent_at is not None
    return InquiryAskedV1(
        jurisdiction=Jurisdiction.from_code(inquiry.jurisdiction),
        inquiry_id=inquiry.id,
        system=inquiry.system,
        legal_purpose=inquiry.legal_purpose,
        asked_at=inquiry.sent_at,
        due_on=inquiry.due_on,
        person=None if person is None else AskedPerson(**person),
        institution_id=application.institution_id if person is None else None,
        place=AskedPlace(address=application.address, postal_code=application.postal_code) if premises else None,
    )
