"""What a request lacks, in plain words: pure, without input or output."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from shared.kit.identity import IdType
from svc_adoption.requests.schemas import Applicant, DocumentRead, Household, Missing
from svc_adoption.requirements.schemas import DocumentKind, DocumentNeeded, RequirementRead, Whose

_TOLD: Final[Mapping[str, tuple[str, str]]] = {
    "father_name": ("نام پدر", "Father's name"),
    "religion": ("دین", "Religion"),
    "education": ("تحصیلات", "Education"),
    "mobile": ("تلفن همراه", "Mobile number"),
    "under_guardianship": ("محجور بودن یا نبودن", "Whether under guardianship"),
}
_TOLD_OF_HOUSEHOLD: Final[Mapping[str, tuple[str, str]]] = {
    "own_children": ("شمار فرزندان", "Number of children"),
    "address": ("نشانی", "Address"),
    "housing": ("وضعیت مسکن", "Housing"),
}
_PAPERS: Final[Mapping[DocumentKind, tuple[str, str]]] = {
    DocumentKind.IDENTITY: ("شناسنامه و کارت ملی", "Birth certificate and national card"),
    DocumentKind.MARRIAGE_DEED: ("سند ازدواج", "Marriage deed"),
    DocumentKind.EDUCATION: ("مدرک تحصیلی", "Degree"),
    DocumentKind.JOB: ("گواهی شغل و درآمد", "Proof of job and income"),
    DocumentKind.INSURANCE: ("بیمه", "Insurance"),
    DocumentKind.HOUSING: ("سند یا اجاره‌نامهٔ مسکن", "Deed or lease"),
    DocumentKind.CRIMINAL_RECORD: ("گواهی سوءپیشینه", "Certificate of criminal record"),
    DocumentKind.HEALTH_DECLARATION: ("خوداظهاری سلامت", "Health declaration"),
    DocumentKind.RESIDENCE_PERMIT: ("پروانهٔ اقامت", "Residence permit"),
    DocumentKind.SANA_ACCOUNT: ("حساب ثنا", "Sana account"),
    DocumentKind.OTHER: ("مدرک دیگر", "Another paper"),
}


def missing(
    applicants: Sequence[Applicant],
    household: Household,
    documents: Sequence[DocumentRead],
    requirement: RequirementRead,
    *,
    on: date,
) -> list[Missing]:
    """What is asked for and neither told nor shown, or not valid any more."""
    lacking = [
        Missing(code=name, applicant=number, fa=fa, en=en)
        for number, each in enumerate(applicants)
        for name, (fa, en) in _TOLD.items()
        if getattr(each, name) is None
    ]
    lacking += [
        Missing(code=name, fa=fa, en=en)
        for name, (fa, en) in _TOLD_OF_HOUSEHOLD.items()
        if getattr(household, name) is None
    ]
    if len(applicants) == 2 and household.married_on is None:
        lacking.append(Missing(code="married_on", fa="تاریخ ازدواج", en="Day of marriage"))
    valid = [each for each in documents if each.valid_until is None or each.valid_until >= on]
    shown = {(each.kind, each.applicant) for each in valid}
    for needed in requirement.documents:
        lacking += [_paper(needed.kind, whose) for whose in _lacking_of(needed, applicants, shown)]
    return lacking


def _lacking_of(
    needed: DocumentNeeded, applicants: Sequence[Applicant], shown: set[tuple[DocumentKind, int | None]]
) -> list[int | None]:
    """Of whom a paper is missing; None: of them together."""
    whose: list[int | None]
    match needed.of:
        case Whose.ONE | Whose.COUPLE:
            anybodys = any(kind == needed.kind for kind, _ in shown)
            whose = [] if anybodys or (needed.of == Whose.COUPLE and len(applicants) < 2) else [None]
        case Whose.EACH:
            whose = [number for number, _ in enumerate(applicants) if (needed.kind, number) not in shown]
        case Whose.EACH_FOREIGNER:
            whose = [
                number
                for number, each in enumerate(applicants)
                if each.identity.type != IdType.NATIONAL and (needed.kind, number) not in shown
            ]
    return whose


def _paper(kind: DocumentKind, applicant: int | None) -> Missing:
    fa, en = _PAPERS[kind]
    return Missing(code=kind, applicant=applicant, fa=fa, en=en)
