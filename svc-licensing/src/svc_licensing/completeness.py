"""What an application lacks, in plain words: pure, without input or output."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from svc_licensing.rules import Act, Kind, LicenceKind, Person, Required, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an application."""

    licence: LicenceKind
    act: Act
    manager: UUID | None
    address: str | None
    field_of_work: str | None
    capital_rials: int | None


@dataclass(frozen=True, slots=True)
class Lack:
    code: str
    person_id: UUID | None
    fa: str
    en: str


_AT_A_PLACE: Final = {(LicenceKind.ACTIVITY, Act.ISSUE), (LicenceKind.ACTIVITY, Act.MOVE)}
"""What cannot be decided without knowing where."""


def lacks(
    application: Known,
    rules: Rules,
    people: Sequence[Person],
    papers: Collection[tuple[str, UUID | None]],
    *,
    on: date,
) -> list[Lack]:
    """Papers that were not seen, and what else is missing. `papers`: code and whose, of those that still hold."""
    found: list[Lack] = []
    if (application.licence, application.act) in _AT_A_PLACE and application.address is None:
        found.append(Lack("address", None, "نشانی محل نوشته نشده است", "The address of the premises is missing"))
    for required in rules.required(Kind.DOCUMENT, people, manager=application.manager, on=on):
        whose = None if required.person is None else required.person.id
        if (required.rule.code, whose) not in papers:
            found.append(_paper(required))
    found += _capital(application, rules)
    return found


def _paper(required: Required) -> Lack:
    rule, person = required.rule, required.person
    if person is None:
        return Lack(rule.code, None, f"{rule.name_fa} نرسیده است", f"{rule.name_en}: not there yet")
    return Lack(
        rule.code,
        person.id,
        f"{rule.name_fa} از {person.name} نرسیده است",
        f"{rule.name_en} of {person.name}: not there yet",
    )


def _capital(application: Known, rules: Rules) -> list[Lack]:
    rule = rules.one(Kind.CAPITAL, "capital")
    if rule is None:
        return []
    if application.field_of_work is None:
        return [Lack("field-of-work", None, "گسترهٔ فعالیت نوشته نشده است", "The field of work is missing")]
    least = rule.figures[application.field_of_work]
    if (application.capital_rials or 0) >= least:
        return []
    return [
        Lack("capital", None, f"سرمایه دست‌کم {least:,} ریال باشد", f"The capital has to be {least:,} rials or more")
    ]
