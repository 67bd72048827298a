"""What a certificate says, and how it becomes a page: in Persian, from right to left, with a code that leads to the
verification.

A page is set by Typst from `certificate.typ`, with the Vazirmatn that lies beside it and no other font. It is PDF/A-2a:
the text can be searched, copied and read aloud, and still be opened in fifty years.
"""

import csv
import io
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.kit.calendar import jalali
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing.certificates.errors import NothingToCertify
from svc_licensing.licences.models import Status
from svc_licensing.licences.schemas import LicenceRead
from svc_licensing.rules import LicenceKind

if TYPE_CHECKING:  # most processes never make a certificate, and do without 40 MB
    import typst

FOLDER: Final = Path(str(files("svc_licensing.certificates")))
POSITIVE_LIFE: Final = 4
"""The clause of the welfare service centers, where the technical manager is called the center's."""
TITLES: Final = {
    LicenceKind.AGREEMENT: "موافقت اصولی",
    LicenceKind.ESTABLISHMENT: "پروانهٔ تأسیس",
    LicenceKind.ACTIVITY: "پروانهٔ فعالیت",
    LicenceKind.TECHNICAL_MANAGER: "پروانهٔ مسئول فنی",
}
CLAUSES: Final = (
    "مهدهای کودک",
    "نگهداری شبانه‌روزی کودکان بی‌سرپرست و خیابانی",
    "خانهٔ سلامت دختران و زنان",
    "مجتمع‌ها و مراکز خدمات بهزیستی",
    "کلینیک و اورژانس مددکاری اجتماعی",
    "مراکز خدمات مشاورهٔ اجتماعی",
    "مراکز توانبخشی معلولین",
    "مراکز حرفه‌آموزی معلولین",
    "مراکز توانبخشی و نگهداری سالمندان",
    "مراکز توانبخشی و درمان بیماران روانی مزمن",
    "مراکز مشاورهٔ ژنتیک",
    "مراکز درمان و بازتوانی معتادین",
    "انجمن‌ها و مؤسسات غیردولتی و خیریه",
)
"""The thirteen kinds of Article 26, in its order."""
VERIFY: Final = "این پروانه تا زمانی معتبر است که نشانی زیر آن را معتبر نشان دهد؛ کد کنار آن را با گوشی بخوانید."
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def page(licence: LicenceRead, *, center_name: str | None, verification_address: str) -> bytes:
    """The certificate as PDF; takes some 50 ms of a processor, outside the interpreter's lock.

    Raises NothingToCertify.
    """
    import typst

    if licence.status != Status.IN_FORCE:
        raise NothingToCertify
    said = json.dumps(words(licence, center_name=center_name, verification_address=verification_address))
    return typst.compile(
        FOLDER / "certificate.typ",
        root=FOLDER,
        font_paths=_fonts(),
        sys_inputs={"licence": said},
        format="pdf",
        pdf_standards=["a-2a"],
    )


def words(licence: LicenceRead, *, center_name: str | None, verification_address: str) -> dict[str, Any]:
    """What stands on the page, in its order."""
    address = f"{verification_address}{licence.number}"
    title = TITLES[licence.kind]
    manager = "مسئول مرکز" if licence.clause == POSITIVE_LIFE else "مسئول فنی"
    if licence.kind == LicenceKind.TECHNICAL_MANAGER:
        title = f"پروانهٔ {manager}"
    lines = [
        ("شماره", _persian(licence.number)),
        ("دارنده", licence.holder_name),
        ("شناسهٔ ملی", None if licence.institution_id is None else _persian(licence.institution_id)),
        ("محل", _place(licence.jurisdiction)),
        ("مرکز", None if licence.center is None else _center(center_name, str(licence.center))),
        ("نشانی", None if licence.address is None else _persian(licence.address)),
        (manager, licence.manager_name),
        ("دامنهٔ کار", None if licence.scope is None else _persian(licence.scope)),
        ("معتبر از", _persian(jalali(licence.valid_from))),
        ("تا پایان", _persian(jalali(licence.valid_to))),
    ]
    return {
        "state": "جمهوری اسلامی ایران",
        "issuer": "سازمان بهزیستی کشور، کمیسیون مادهٔ ۲۶",
        "title": title,
        "number": licence.number,
        "date": {name: getattr(licence.valid_from, name) for name in ("year", "month", "day")},
        "clause": _persian(f"بند {licence.clause} مادهٔ 26: {CLAUSES[licence.clause - 1]}"),
        "lines": [(name, value) for name, value in lines if value is not None],
        "conditions-title": "شرط‌ها",
        "conditions": [_persian(each) for each in licence.conditions],
        "how-to-verify": VERIFY,
        "address": address,
        "code": _code(address),
    }


def _center(name: str | None, code: str) -> str:
    return _persian(code if name is None else f"{name} (کد {code})")


def _place(jurisdiction: Jurisdiction) -> str:
    """Province and county in which it was applied for."""
    kinds = (("استان", jurisdiction.province), ("شهرستان", jurisdiction.county))
    names = _divisions()
    return "، ".join(f"{kind} {names.get(place.code, _persian(place.code))}" for kind, place in kinds if place)


@cache
def _divisions() -> Mapping[str, str]:
    """Names by division code, as registry has them."""
    with (FOLDER / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name_fa"] for row in csv.DictReader(file)}


def _persian(text: str) -> str:
    return text.translate(_PERSIAN_DIGITS)


def _code(address: str) -> str:
    import segno

    drawn = io.BytesIO()
    # a quarter may be damaged: it hangs on a wall for years
    segno.make_qr(address, error="q").save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER / "fonts"])
