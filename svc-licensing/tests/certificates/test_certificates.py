"""The page on the wall."""

from datetime import UTC, date, datetime

import httpx
from licence_samples import CENTER, HOLDER, LICENCES, code_of, decided, founder, issued, take

from shared.contracts.registry import CenterOpenedV1
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_licensing.certificates.service import words
from svc_licensing.licences.models import Status
from svc_licensing.licences.schemas import LicenceRead
from svc_licensing.rules import LicenceKind


async def test_it_is_a_pdf_for_what_is_in_force(running: Running, secretary: httpx.AsyncClient) -> None:
    await running.publish(
        CenterOpenedV1(
            jurisdiction=Jurisdiction(CENTER),
            code=CENTER,
            version=1,
            name_fa="مرکز",
            status="open",
            area_class="urban",
            latitude=32.87,
            longitude=59.22,
        )
    )
    licence = await issued(secretary, await decided(running, await founder(running)))
    answer = await secretary.get(f"{LICENCES}/{licence['id']}/certificate")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f"{licence['number']}.pdf" in answer.headers["Content-Disposition"]
    assert answer.content.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in answer.content or b"pdfaid" in answer.content, "an archive can keep it"
    licence = await take(secretary, licence, "revoke", reason="نبود مددکار", decision="1405/12/3")
    assert code_of(await secretary.get(f"{LICENCES}/{licence['id']}/certificate")) == (409, "nothing-to-certify")


def test_what_it_says() -> None:
    licence = LicenceRead(
        id=new_id(),
        version=1,
        number="29-1405-00017",
        kind=LicenceKind.TECHNICAL_MANAGER,
        clause=4,
        jurisdiction=Jurisdiction(CENTER),
        holder_id=new_id(),
        holder_name=HOLDER,
        institution_id=None,
        center=Jurisdiction(CENTER),
        valid_from=date(2026, 11, 22),
        valid_to=date(2029, 11, 20),
        renewal_opens_on=None,
        status=Status.IN_FORCE,
        status_since=datetime.now(UTC),
        application_id=new_id(),
        agreement_id=None,
        address="#set text(red)",
        manager_name="زهرا احمدی",
        scope=None,
        conditions=["هر 6 ماه"],
        extended=False,
        status_reason=None,
        issued_at=datetime.now(UTC),
        issued_by="secretary",
        steps=[],
    )
    page = words(licence, center_name="مرکز", verification_address="https://licences.test/")
    assert page["title"] == "پروانهٔ مسئول مرکز", "so it is called in clause 4"
    assert page["address"] == "https://licences.test/29-1405-00017"
    assert page["code"].startswith("<svg")
    lines = dict(page["lines"])
    assert lines["شماره"] == "۲۹-۱۴۰۵-۰۰۰۱۷"
    assert lines["محل"] == "استان خراسان جنوبی، شهرستان بیرجند"
    assert lines["مرکز"] == "مرکز (کد ۲۹۰۱۰۰۳)"
    assert (lines["معتبر از"], lines["تا پایان"]) == ("۱۴۰۵/۰۹/۰۱", "۱۴۰۸/۰۸/۳۰")
    assert "شناسهٔ ملی" not in lines, "a natural person has none"
    assert page["conditions"] == ["هر ۶ ماه"]
