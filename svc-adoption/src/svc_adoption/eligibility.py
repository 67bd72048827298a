"""Who may take a child in: Articles 5 to 7 of the law of 31 Shahrivar 1392, as rules without input or output.

Each finding is about one condition: whether it is met, the article it comes from, and the facts in words for people.
A condition is open (`met` is None) while a fact, a check or a number is still to come; nothing is assumed instead. The
numbers are the dated rules of the registry. For the forms whose conditions no published text confirms, the one finding
is that people have to decide and say why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from shared.kit.calendar import jalali, years_between
from shared.kit.problems import Sentence

MARRIAGE_YEARS: Final = "adoption-marriage-years"
ONE_SPOUSE_OVER: Final = "adoption-one-spouse-over-years"
SINGLE_FROM: Final = "adoption-single-from-years"
CHILDREN_AT_MOST: Final = "adoption-children-at-most"
AGE_GAP: Final = "temporary-care-age-gap-years"
"""Article 28 of the practice note asks for a suitable difference of age, and for no number: open until a person sets
one."""
NUMBERS: Final = (MARRIAGE_YEARS, ONE_SPOUSE_OVER, SINGLE_FROM, CHILDREN_AT_MOST, AGE_GAP)
"""The registry's names for the rules with the numbers of these articles."""


class Form(StrEnum):
    """How a child is cared for by others than the parents: the four forms of the national system."""

    ADOPTION = "adoption"
    GUARDIANSHIP = "guardianship"
    TRUSTEESHIP = "trusteeship"
    TEMPORARY_CARE = "temporary-care"


class Category(StrEnum):
    """Who asks, as Article 5 counts them."""

    CHILDLESS_COUPLE = "childless-couple"
    COUPLE_WITH_CHILDREN = "couple-with-children"
    SINGLE_WOMAN = "single-woman"


class Check(StrEnum):
    """What is examined side by side before the home visit."""

    HEALTH = "health"
    CRIMINAL_RECORD = "criminal-record"
    ADDICTION = "addiction"
    COUNSELLING = "counselling"


class Seen(StrEnum):
    """What those who interview and visit say of the family."""

    OBSERVANCE = "observance"
    FITNESS = "fitness"
    MEANS = "means"
    ABILITY = "ability"
    NO_DISEASE = "no-disease"


class Exemption(StrEnum):
    """What frees from a condition of Article 5, on the word of forensic medicine or of a court."""

    INFERTILITY = "infertility"
    RELATIVES = "relatives"


Religion = Literal["islam", "zoroastrianism", "judaism", "christianity"]
"""The religions of the constitution (Article 6)."""
Education = Literal["none", "below-diploma", "diploma", "bachelor", "above"]
Outcome = Literal["eligible", "not-eligible", "open"]
_SCHOOLED: Final = frozenset({"diploma", "bachelor", "above"})


@dataclass(frozen=True, kw_only=True)
class Person:
    birth_date: date
    sex: Literal["female", "male"]
    religion: str | None = None
    education: str | None = None
    under_guardianship: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the conditions look at, and nothing that names anybody."""

    form: Form
    category: Category
    relatives: bool = False
    applicants: tuple[Person, ...]
    married_on: date | None = None
    own_children: int | None = None
    placed_children: int = 0
    child_sex: Literal["girl", "boy", "any"] = "any"
    child_to_months: int | None = None
    lives_in_iran: bool | None = None
    checks: Mapping[Check, bool | None] = field(default_factory=dict)
    """Check → passed; absent or None while nobody has answered, or the answer is out of date."""
    seen: Mapping[Seen, bool] = field(default_factory=dict)
    exemptions: frozenset[Exemption] = frozenset()


class Finding(BaseModel):
    """Whether one condition is met; `met` is null while it is open."""

    model_config = ConfigDict(frozen=True)

    code: str
    article: str
    met: bool | None
    fa: str
    en: str
    exempted_by: Exemption | None = None


class Eligibility(BaseModel):
    """What the conditions say on a day; `eligible` when each is met."""

    outcome: Outcome
    on: date
    findings: list[Finding]


_NO_PUBLISHED_TEXT: Final = Finding(
    code="decided-by-people",
    article="–",
    met=None,
    fa="شرایط این نوع مراقبت در متن منتشرشده‌ای تأیید نشده است؛ تصمیم‌گیرندگان باید دلیل خود را بنویسند",
    en="No published text confirms the conditions of this form: those who decide have to say why",
)


def examine(facts: Facts, *, on: date, numbers: Mapping[str, int]) -> Eligibility:
    """What stands against a request on that day. `numbers`: the rules in force where it was made, by their names."""
    match facts.form:
        case Form.ADOPTION:
            findings = [*_law(facts, on, numbers)]
        case Form.TEMPORARY_CARE:
            findings = [*_practice_note(facts, on, numbers)]
        case Form.GUARDIANSHIP | Form.TRUSTEESHIP:
            findings = [_NO_PUBLISHED_TEXT]
    answers = {finding.met for finding in findings}
    outcome: Outcome = "not-eligible" if False in answers else "open" if None in answers else "eligible"
    return Eligibility(outcome=outcome, on=on, findings=findings)


def _law(facts: Facts, on: date, numbers: Mapping[str, int]) -> Iterator[Finding]:
    yield from _article_5(facts, on, numbers)
    yield from _article_6(facts)
    yield _article_7(facts, numbers)


def _practice_note(facts: Facts, on: date, numbers: Mapping[str, int]) -> Iterator[Finding]:
    yield _who_asks(facts)
    yield from _article_6(facts)
    yield from _article_28(facts, on, numbers)


def _article_5(facts: Facts, on: date, numbers: Mapping[str, int]) -> Iterator[Finding]:
    yield _who_asks(facts)
    ages = [years_between(each.birth_date, on) for each in facts.applicants]
    if facts.category == Category.SINGLE_WOMAN:
        yield _excepted(_single_from(ages, numbers), facts, Exemption.RELATIVES)
        yield Finding(
            code="girls-only",
            article="5",
            met=facts.child_sex == "girl",
            fa="زنان و دختران بدون شوهر تنها سرپرستی دختر را می‌پذیرند",
            en="A single woman may take in girls only",
        )
        return
    if facts.category == Category.CHILDLESS_COUPLE:
        married = _married_long_enough(facts, on, numbers)
        yield _excepted(married, facts, Exemption.INFERTILITY, Exemption.RELATIVES)
    yield _excepted(_one_spouse_over(facts, ages, on, numbers), facts, Exemption.RELATIVES)


def _who_asks(facts: Facts) -> Finding:
    sexes = sorted(each.sex for each in facts.applicants)
    children = facts.own_children
    match facts.category:
        case Category.SINGLE_WOMAN:
            met: bool | None = sexes == ["female"] and facts.married_on is None
            said = {"fa": "زن یا دختر بدون شوهر", "en": "A woman without a husband"}
        case Category.CHILDLESS_COUPLE:
            met = _all([sexes == ["female", "male"], _known(facts.married_on), _told(children, met=children == 0)])
            said = {"fa": "زن و شوهر بدون فرزند", "en": "Husband and wife without a child"}
        case Category.COUPLE_WITH_CHILDREN:
            met = _all([sexes == ["female", "male"], _known(facts.married_on), _told(children, met=bool(children))])
            said = {"fa": "زن و شوهر دارای فرزند", "en": "Husband and wife with a child"}
    return Finding(code="who-asks", article="5", met=met, fa=said["fa"], en=said["en"])


def _married_long_enough(facts: Facts, on: date, numbers: Mapping[str, int]) -> Finding:
    needed = numbers.get(MARRIAGE_YEARS)
    if needed is None or facts.married_on is None:
        return _open("marriage-years", "5", "مدت ازدواج دانسته نیست", "How long they have been married is not known")
    years, since = years_between(facts.married_on, on), jalali(facts.married_on)
    return Finding(
        code="marriage-years",
        article="5",
        met=years >= needed,
        fa=f"دست‌کم {needed} سال از ازدواج گذشته باشد: {years} سال، از {since}",
        en=f"At least {needed} years since they married: {years}, since {facts.married_on}",
    )


def _one_spouse_over(facts: Facts, ages: list[int], on: date, numbers: Mapping[str, int]) -> Finding:
    over = numbers.get(ONE_SPOUSE_OVER)
    if over is None:
        return _unset("one-spouse-over", "5", ONE_SPOUSE_OVER)
    # over thirty: on the thirtieth birthday one is thirty, and not yet over
    met = any(years_between(each.birth_date, on - timedelta(days=1)) >= over for each in facts.applicants)
    return Finding(
        code="one-spouse-over",
        article="5",
        met=met,
        fa=f"یکی از زوجین باید بیش از {over} سال داشته باشد: {' و '.join(map(str, ages))}",
        en=f"One of the spouses must be over {over}: {' and '.join(map(str, ages))}",
    )


def _single_from(ages: list[int], numbers: Mapping[str, int]) -> Finding:
    needed = numbers.get(SINGLE_FROM)
    if needed is None:
        return _unset("single-from", "5", SINGLE_FROM)
    return Finding(
        code="single-from",
        article="5",
        met=all(age >= needed for age in ages),
        fa=f"دست‌کم {needed} سال داشته باشد: {'، '.join(map(str, ages))}",
        en=f"Must be {needed} or older: {', '.join(map(str, ages))}",
    )


_ARTICLE_6: Final[tuple[tuple[str, Check | Seen, Sentence], ...]] = (
    (
        "observance",
        Seen.OBSERVANCE,
        {"fa": "تقید به انجام واجبات و ترک محرمات", "en": "Keeps the duties of religion"},
    ),
    (
        "no-conviction",
        Check.CRIMINAL_RECORD,
        {"fa": "نداشتن محکومیت جزایی مؤثر", "en": "No effective criminal conviction"},
    ),
    ("means", Seen.MEANS, {"fa": "تمکن مالی", "en": "Has the means"}),
    ("health", Check.HEALTH, {"fa": "سلامت جسمی و روانی", "en": "Is in physical and mental health"}),
    (
        "ability",
        Seen.ABILITY,
        {"fa": "توانایی عملی برای نگهداری و تربیت کودک", "en": "Is able to keep and bring up a child"},
    ),
    (
        "no-addiction",
        Check.ADDICTION,
        {"fa": "نداشتن اعتیاد به مواد مخدر، روان‌گردان و الکل", "en": "No addiction to drugs, psychotropics or alcohol"},
    ),
    ("fitness", Seen.FITNESS, {"fa": "صلاحیت اخلاقی", "en": "Is morally fit"}),
    (
        "no-disease",
        Seen.NO_DISEASE,
        {"fa": "مبتلا نبودن به بیماری واگیر یا صعب‌العلاج", "en": "No contagious or incurable disease"},
    ),
)


def _article_6(facts: Facts) -> Iterator[Finding]:
    for code, source, said in _ARTICLE_6:
        met = facts.checks.get(source) if isinstance(source, Check) else facts.seen.get(source)
        yield Finding(code=code, article="6", met=met, fa=said["fa"], en=said["en"])
    under = [each.under_guardianship for each in facts.applicants]
    yield Finding(
        code="not-under-guardianship",
        article="6",
        met=_all([None if each is None else not each for each in under]),
        fa="محجور نبودن",
        en="Is not under guardianship",
    )
    yield Finding(
        code="religion",
        article="6",
        met=_all([_known(each.religion) for each in facts.applicants]),
        fa="اعتقاد به یکی از ادیان مصرح در قانون اساسی",
        en="Holds one of the religions of the constitution",
    )


def _article_7(facts: Facts, numbers: Mapping[str, int]) -> Finding:
    most = numbers.get(CHILDREN_AT_MOST)
    if most is None:
        return _unset("children-at-most", "7", CHILDREN_AT_MOST)
    return Finding(
        code="children-at-most",
        article="7",
        met=facts.placed_children < most,
        fa=f"بیش از {most} کودک به یک خانواده سپرده نمی‌شود: تاکنون {facts.placed_children}",
        en=f"At most {most} children are placed with one family: {facts.placed_children} so far",
    )


def _article_28(facts: Facts, on: date, numbers: Mapping[str, int]) -> Iterator[Finding]:
    yield Finding(code="residence", article="28", met=facts.lives_in_iran, fa="اقامت در ایران", en="Lives in Iran")
    educations = [each.education for each in facts.applicants]
    met = True if _SCHOOLED & set(educations) else None if None in educations else False
    yield Finding(
        code="diploma",
        article="28",
        met=met,
        fa="دست‌کم یکی از زوجین یا زن بدون شوهر دیپلم داشته باشد",
        en="One of the spouses, or the single woman, has a diploma",
    )
    gap = numbers.get(AGE_GAP)
    if gap is None or facts.child_to_months is None:
        yield _unset("age-gap", "28", AGE_GAP)
        return
    youngest = min(years_between(each.birth_date, on) for each in facts.applicants)
    oldest_child = (facts.child_to_months - 1) // 12
    yield Finding(
        code="age-gap",
        article="28",
        met=youngest - oldest_child >= gap,
        fa=f"اختلاف سن با کودک دست‌کم {gap} سال باشد: {youngest} و {oldest_child}",
        en=f"At least {gap} years older than the child: {youngest} and {oldest_child}",
    )


def _excepted(finding: Finding, facts: Facts, *by: Exemption) -> Finding:
    """Met all the same, where what frees from it is on record."""
    if finding.met:
        return finding
    for exemption in by:
        if exemption in facts.exemptions and (exemption != Exemption.RELATIVES or facts.relatives):
            return finding.model_copy(update={"met": True, "exempted_by": exemption})
    return finding


def _open(code: str, article: str, fa: str, en: str) -> Finding:
    return Finding(code=code, article=article, met=None, fa=fa, en=en)


def _unset(code: str, article: str, rule: str) -> Finding:
    return _open(
        code, article, f"عدد این شرط تعیین نشده است: {rule}", f"The number of this condition is not set: {rule}"
    )


def _all(answers: Iterable[bool | None]) -> bool | None:
    said = {*answers}
    return False if False in said else None if None in said else True


def _known(value: object | None) -> bool | None:
    """True, or open while it is not told."""
    return None if value is None else True


def _told(value: object | None, *, met: bool) -> bool | None:
    return None if value is None else met
