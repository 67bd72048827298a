"""An autumn of vision screening on the children of opening day, done by those whose work it is, through the API alone.

The children are well or ill in the shares that were published, and what they read from the chart follows from that.
What the tests decide, who is referred and what became of them is the platform's. What was done before is found done:
it can be run again.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from itertools import count
from random import Random
from uuid import NAMESPACE_URL, uuid5

from deploy.local.accounts import Running, account_for
from deploy.local.home import Refusal
from shared.contracts.roles import Role
from shared.kit.calendar import TEHRAN, jalali_year, now, today
from shared.kit.jurisdiction import Jurisdiction

from .api import Api, Declined, Document
from .names import FAMILIES, YOUNGER_MEN, YOUNGER_WOMEN
from .opening_day import EVENTS_SECONDS, MADE_UP, Protocol, until
from .province import PROVINCE
from .report import Autumn, Center, Report

PROGRAMME, INSTRUMENT = "vision", "e-chart"
CAMPAIGN = "پویش پاییزهٔ پیشگیری از تنبلی چشم (نمایشی)"
BEGAN, LASTS = timedelta(days=45), timedelta(days=90)
"""How long ago the season began, and how long it is: so there is something of every stage, whenever it is run."""
FROM_YEARS, TO_YEARS = 3, 7
"""Who is three at the beginning and not yet seven at the end."""
WHO_COME = 30
"""Children of the neighbourhood who are in no file, at each base."""

PREVALENCE = {"refractive-error": 0.0382, "amblyopia": 0.0125, "strabismus": 0.0039}
COME_BY_THEMSELVES = 0.61
"""Of the referred. Both: Khandekar et al., Indian J Ophthalmol 2009;57:437."""
FOUND, RIGHT = 0.89, 0.51
"""Of the ill so many are referred, and of the referred so many are ill: ijp.mums.ac.ir/article_6168."""
EXAMINED = 0.84
"""Of the age group: 1402, as announced."""

ILL = {disorder: share * FOUND for disorder, share in PREVALENCE.items()}
FALSE_ALARMS = sum(ILL.values()) * (1 / RIGHT - 1)
DOUBTS = 0.02
"""Made up: who fails the first test and passes the second."""
EYES: Mapping[str, Document] = {
    "well": {"right": "10/10", "left": "9/10"},
    "doubt": {"right": "6/10", "left": "6/10"},
    "false-alarm": {"right": "9/10", "left": "7/10"},
    "refractive-error": {"right": "4/10", "left": "5/10"},
    "amblyopia": {"right": "10/10", "left": "4/10"},
    "strabismus": {"right": "9/10", "left": "9/10", "strabismus": "seen"},
}
"""What is read from the chart, and seen by torch."""
SEEN = {"false-alarm": FALSE_ALARMS, "doubt": DOUBTS, **ILL}
SEEN["well"] = 1 - sum(SEEN.values())
PRESENT = {"examined": EXAMINED, "absent": 0.15, "refused": 0.01}
FATES = {"comes": COME_BY_THEMSELVES, "reminded": 0.11, "won-back": 0.08, "lost": 0.14, "awaited": 0.06}
"""Of the referred. But for the first, made up."""
TREATMENTS = {"refractive-error": "glasses", "amblyopia": "patching", "strabismus": "surgery"}
TREATED = {"treated": 0.9, "waits": 0.1}
DUE_DAYS = 14
AID_BELOW_YEARS, GLASSES_RIALS = 6, 9_000_000
"""Below this age glasses are paid on invoice, as announced. The amount is made up."""


@dataclass
class Base:
    """A center's base, and who works there."""

    center: Center
    manager: Api
    screener: Api
    since: date
    """From when on the screener is posted."""
    id: str = ""


def screen(running: Running, report: Report, protocol: Protocol) -> Autumn:
    """Raises Refusal when the platform does not do its part."""
    with ExitStack() as open_until_the_end:

        def signed_in(role: Role, scope: str, *, number: int = 1) -> Api:
            return open_until_the_end.enter_context(Api(running, role, scope, number=number))

        province = signed_in(Role.PROVINCE_OFFICER, PROVINCE)
        first, second = (signed_in(Role.HEADQUARTERS, "IR", number=number) for number in (1, 2))
        sign_off_the_day(first, second, protocol)
        campaign = open_campaign(province, protocol)
        bases = open_bases(province, campaign, report.centers, signed_in, protocol)
        know_children(province, campaign, report, protocol)
        welcome(bases, campaign, protocol)
        test(bases, campaign, protocol)
        test_again(bases, campaign, protocol)
        clinics = open_clinics(province, report, signed_in, protocol)
        done = Autumn(campaign)
        look_after(province, bases, clinics, campaign, protocol)
        count_up(province, campaign, done, protocol)
    return done


def sign_off_the_day(first: Api, second: Api, protocol: Protocol) -> None:
    """How long a family has was never published: two of headquarters set it here, with a figure made up for the day."""
    with protocol.step("مهلت نمایشی مراجعه", "Sign off a made-up time to the optometrist") as doing:
        version = first.get(f"/v1/screening-programmes/{PROGRAMME}")["protocol"]
        rule = next(each for each in version["rules"] if each["kind"] == "referral-due")
        if rule["standing"] != "proposed":
            doing.result = f"{rule['figures']['days']} days were signed off already"
            return
        address = f"/v1/screening-programmes/{PROGRAMME}/protocols/{version['number']}/rules/{rule['code']}"
        version = first.put(address, {"figures": {"days": DUE_DAYS}, "source": MADE_UP}, version=version["version"])
        second.post(f"{address}:sign-off", version=version["version"])
        doing.result = f"{DUE_DAYS} days, made up"


def open_campaign(province: Api, protocol: Protocol) -> Document:
    with protocol.step("گشایش پویش", "Open the campaign") as doing:
        season = {"programme": PROGRAMME, "covering": PROVINCE, "on": today().isoformat(), "status": "open"}
        known = [each for each in province.items("/v1/screening-campaigns", **season) if each["name_fa"] == CAMPAIGN]
        if known:
            campaign, word = known[0], "open already"
        else:
            opens_on = today() - BEGAN
            closes_on = opens_on + LASTS
            planned = province.post("/v1/screening-campaigns", {
                "programme": PROGRAMME, "jurisdiction": PROVINCE, "name_fa": CAMPAIGN,
                "born_from": _years_before(closes_on, TO_YEARS).isoformat(),
                "born_to": _years_before(opens_on, FROM_YEARS).isoformat(),
                "opens_on": opens_on.isoformat(), "closes_on": closes_on.isoformat(),
            })  # fmt: skip
            address = f"/v1/screening-campaigns/{planned['id']}:open"
            campaign, word = province.post(address, version=planned["version"]), "open"
        doing.result = f"born {campaign['born_from_jalali']} to {campaign['born_to_jalali']}: {word}"
    return campaign


def open_bases(
    province: Api, campaign: Document, centers: Sequence[Center], signed_in: Callable[..., Api], protocol: Protocol
) -> list[Base]:
    """The province posts a screener to each center and permits them; the manager opens a base."""
    with protocol.step(
        "پایگاه و غربالگر در هر مرکز", "A base and a screener at each center", total=len(centers)
    ) as doing:
        ordered = sorted(centers, key=lambda each: each.code)
        posted = {each.code: post_screener(province, each.code, campaign) for each in ordered}
        bases = []
        for center in ordered:
            base = Base(
                center,
                manager=signed_in(Role.CENTER_MANAGER, center.code),
                screener=signed_in(Role.SCREENER, center.code),
                since=posted[center.code],
            )
            permit(province, base, campaign)
            known = next(base.manager.items("/v1/screening-bases", campaign_id=campaign["id"]), None)
            base.id = (known or base.manager.post("/v1/screening-bases", {
                "name_fa": f"پایگاه بینایی {center.name_fa}", "kind": "fixed", "programmes": [PROGRAMME],
                "campaign_id": campaign["id"], "opens_on": campaign["opens_on"],
            }))["id"]  # fmt: skip
            bases.append(base)
            doing.advance()
        doing.result = f"{len(bases)} bases, {len(bases)} screeners"
    return bases


def post_screener(province: Api, center: str, campaign: Document) -> date:
    """From when on; since the season began, unless somebody posted them before."""
    account = account_for(Role.SCREENER, Jurisdiction(center))
    wanted = {"person": account, "role": Role.SCREENER, "jurisdiction": center}
    known = next(province.items("/v1/postings", active_on=today().isoformat(), **wanted), None)
    posting = known or province.post("/v1/postings", wanted | {"valid_from": campaign["opens_on"]})
    return max(date.fromisoformat(posting["valid_from"]), date.fromisoformat(campaign["opens_on"]))


def permit(province: Api, base: Base, campaign: Document) -> None:
    person = base.screener.subject
    permits = province.items("/v1/screener-permits", person=person, programme=PROGRAMME)
    if any(each["valid_today"] for each in permits):
        return
    wanted = {
        "person": person, "center": base.center.code, "programme": PROGRAMME, "certificate": MADE_UP,
        "valid_from": campaign["opens_on"], "valid_to": (today() + timedelta(days=365)).isoformat(),
    }  # fmt: skip
    for _ in until("the postings of screeners"):
        try:
            province.post("/v1/screener-permits", wanted)
        except Declined as declined:
            if declined.code != "screener-not-posted":
                raise
        else:
            return


def know_children(province: Api, campaign: Document, report: Report, protocol: Protocol) -> None:
    """Screening knows the children of households from casefile's events alone, and many came with opening day."""
    cohort = campaign["born_from"], campaign["born_to"]
    with protocol.step("شناختن کودکان پرونده‌ها", "Know the children of the files") as doing:
        expected = sum(
            cohort[0] <= born <= cohort[1] for center in report.centers for home in center.homes for born in home.born
        )
        known, deadline = -1, time.monotonic() + EVENTS_SECONDS
        while known < expected:
            if (found := sum(each["eligible"] for each in _due(province, campaign))) > known:
                known, deadline = found, time.monotonic() + EVENTS_SECONDS
            elif time.monotonic() > deadline:
                raise Refusal(f"Screening knows {known} of {expected} children: do events flow?")
            else:
                time.sleep(0.5)
        doing.result = f"{expected:,} of {FROM_YEARS} to {TO_YEARS - 1} years, by the events of their files"


def welcome(bases: Sequence[Base], campaign: Document, protocol: Protocol) -> None:
    """Others of the neighbourhood come as well, with no file and no number: they are registered on the spot."""
    with protocol.step("کودکان بی‌پرونده", "Register who is in no file", total=len(bases)) as doing:
        oldest, youngest = (date.fromisoformat(campaign[name]) for name in ("born_from", "born_to"))
        new = 0
        for base in bases:
            random = Random(base.center.code)
            ids = [str(uuid5(NAMESPACE_URL, f"{base.id}/{number}")) for number in range(WHO_COME)]
            there = base.screener.status(f"/v1/screening-people/{ids[-1]}") == 200
            for child in () if there else ids:
                girl = random.random() < 0.5
                born = oldest + timedelta(days=random.randrange((youngest - oldest).days + 1))
                base.screener.post("/v1/screening-people", {
                    "id": child, "birth_date": born.isoformat(), "sex": "female" if girl else "male",
                    "given_name": random.choice(YOUNGER_WOMEN if girl else YOUNGER_MEN),
                    "family_name": random.choice(FAMILIES),
                })  # fmt: skip
                new += 1
            doing.advance()
        doing.result = f"{new:,} on the spot" if new else "were registered already"


def test(bases: Sequence[Base], campaign: Document, protocol: Protocol) -> None:
    """Each screener goes through the due list of the base without a connection, and sends it all at once."""
    with protocol.step("آزمون نخست، بی‌اینترنت", "Test them, without a connection", total=len(bases)) as doing:
        attendances, sights, outcomes = dealt(PRESENT), dealt(SEEN), Counter[str]()
        for base in bases:
            children = _due_at(base, "never")
            moments = _mornings(base.since, len(children))
            encounters = []
            for child, made_at in zip(children, moments, strict=True):
                # whoever comes by themselves is there
                attendance = next(attendances) if child["case_file_number"] else "examined"
                eyes = EYES[next(sights)] if attendance == "examined" else None
                encounters.append(_encounter(base, campaign, child["id"], "first", made_at, attendance, eyes))
            outcomes += _sent_twice(base, encounters)
            doing.advance()
        done = outcomes.total()
        doing.result = (
            f"{done:,} tests sent (each batch twice): {dict(outcomes.most_common())}" if done else "were tested"
        )


def test_again(bases: Sequence[Base], campaign: Document, protocol: Protocol) -> None:
    """Who failed is tested a second time: only then is anybody referred."""
    with protocol.step("آزمون مجدد", "Test again who failed", total=len(bases)) as doing:
        outcomes = Counter[str]()
        for base in bases:
            encounters = []
            for child in _due_at(base, "repeat"):
                failed = base.screener.get(f"/v1/screening-encounters/{child['last_encounter_id']}")
                eyes = _read(failed["result"])
                if eyes == EYES["doubt"]:
                    eyes = EYES["well"]
                made_at = min(datetime.fromisoformat(failed["made_at"]) + timedelta(days=2), now())
                again = _encounter(base, campaign, child["id"], "repeat", made_at, "examined", eyes)
                encounters.append(again | {"repeat_of": failed["id"]})
            outcomes += _sent_twice(base, encounters)
            doing.advance()
        doing.result = f"{outcomes.total():,} repeated: {_said(outcomes)}" if outcomes else "were tested again already"


def _encounter(
    base: Base,
    campaign: Document,
    child: str,
    stage: str,
    made_at: datetime,
    attendance: str,
    eyes: Document | None,
) -> Document:
    examined: Document = {} if eyes is None else {"instrument": INSTRUMENT, "result": {
        "shape": "eyes", "right": {"acuity": eyes["right"]}, "left": {"acuity": eyes["left"]},
        "strabismus": eyes.get("strabismus", "not-seen"),
    }}  # fmt: skip
    return examined | {
        "id": str(uuid5(NAMESPACE_URL, f"{campaign['id']}/{child}/{stage}")), "person_id": child,
        "programme": PROGRAMME, "stage": stage, "base_id": base.id, "made_at": made_at.isoformat(),
        "attendance": attendance,
    }  # fmt: skip


def _read(result: Document) -> Document:
    """What was read from the chart, as EYES says it."""
    eyes = {side: result[side]["acuity"] for side in ("right", "left")}
    return eyes | ({"strabismus": "seen"} if result["strabismus"] == "seen" else {})


def _sent_twice(base: Base, encounters: list[Document]) -> Counter[str]:
    """As a device does that does not know whether its first try arrived. By what was decided."""
    if not encounters:
        return Counter()
    first, again = (base.screener.post("/v1/screening-encounters:batch", {"encounters": encounters}) for _ in range(2))
    if refused := [each for each in first["items"] if each["outcome"] == "refused"]:
        raise Refusal(f"A test of {base.screener.subject} was refused: {refused[0]['errors'][0]['en']}.")
    if again["unchanged"] != len(encounters):
        raise Refusal(f"A batch of {base.screener.subject} that was sent twice counted twice.")
    return Counter(each["decision"] for each in first["items"] if each["decision"])


def open_clinics(province: Api, report: Report, signed_in: Callable[..., Api], protocol: Protocol) -> dict[str, Api]:
    """An optometrist in each county, whose system reports what came of a referral; by the county's code."""
    counties = {center.county.code: center.county for center in report.centers}
    with protocol.step("بینایی‌سنج در هر شهرستان", "An optometrist in each county", total=len(counties)) as doing:
        systems, new = {}, 0
        # the first connected system of the province is left to whoever tries the API by hand
        for number, county in enumerate(counties.values(), start=2):
            system = systems[county.code] = signed_in(Role.INTEGRATION_CLIENT, PROVINCE, number=number)
            name = f"بینایی‌سنجی {county.name_fa}"
            known = province.items("/v1/referral-clinics", jurisdiction=county.code, kind="optometrist")
            if name not in {each["name_fa"] for each in known}:
                province.post("/v1/referral-clinics", {
                    "jurisdiction": county.code, "kind": "optometrist", "name_fa": name, "client": system.subject,
                })  # fmt: skip
                new += 1
            doing.advance()
        doing.result = f"{new} clinics" if new else "were there already"
    return systems


def look_after(
    province: Api, bases: Sequence[Base], clinics: Mapping[str, Api], campaign: Document, protocol: Protocol
) -> None:
    """Most go by themselves; the centers remind the others, give some up, and win some of those back."""
    referrals = sorted(
        province.items("/v1/screening-referrals", campaign_id=campaign["id"]), key=lambda each: str(each["id"])
    )
    managers = {base.center.code: base.manager for base in bases}
    with protocol.step("پیگیری ارجاع‌ها", "Close the loop of the referred", total=len(referrals)) as doing:
        fates = zip(dealt(FATES), dealt(TREATED), range(len(referrals)), referrals, strict=False)
        for fate, treated, place, referral in fates:
            manager = managers.get(referral["center"])
            if manager is not None:
                seen = follow(referral, fate, manager, clinics[referral["center"][:4]], after_days=3 + place % 9)
                if seen is not None:
                    diagnose(seen, clinics[referral["center"][:4]], treat=treated == "treated", number=place)
            doing.advance()
        _other_clinics_see_nothing(clinics)
        doing.result = f"{len(referrals)} referrals"


def follow(referral: Document, fate: str, manager: Api, clinic: Api, *, after_days: int) -> Document | None:
    """What the center and the family do; the referral as the clinic sees it, if anybody came."""
    awaited = referral["status"] in {"issued", "reminded", "no-show"}
    if awaited and fate in {"reminded", "won-back", "lost"}:
        referral = _step(manager, referral, "remind", {"by": "telephone"})
    if awaited and fate in {"won-back", "lost"}:
        referral = _step(manager, referral, "lose", {"reason": "unreachable"})
    if fate in {"lost", "awaited"}:
        return None
    if referral["status"] in {"issued", "reminded", "lost"}:
        on = min(date.fromisoformat(referral["issued_on"]) + timedelta(days=after_days), today())
        slip = {"token": referral["token"], "attended_on": on.isoformat()}
        return clinic.post("/v1/referrals-received:attend", slip)
    return clinic.get(f"/v1/referrals-received/{referral['id']}")


def diagnose(seen: Document, clinic: Api, *, treat: bool, number: int) -> None:
    """What the clinic finds follows from why the child was referred, and is treated."""
    address = f"/v1/referrals-received/{seen['id']}"
    if seen["status"] == "attended":
        finding = {"diagnosis": _disorder(seen), "diagnosed_on": seen["attended_on"]}
        seen = clinic.post(f"{address}:diagnose", finding, version=seen["version"])
    if seen["status"] == "diagnosed" and treat:
        begun = {"treatment": TREATMENTS.get(seen["diagnosis"], "other")}
        seen = clinic.post(f"{address}:treat", begun, version=seen["version"])
        young = date.fromisoformat(seen["birth_date"]) > _years_before(today(), AID_BELOW_YEARS)
        if seen["treatment"] == "glasses" and young:
            invoice = {"aid": "glasses", "invoice_number": f"{jalali_year(today())}/{number}"}
            clinic.post(f"{address}:claim-aid", invoice | {"invoice_rials": GLASSES_RIALS}, version=seen["version"])


def _disorder(seen: Document) -> str:
    match seen["reason"], seen["found"].get("eyes"):
        case "strabismus-seen", _:
            return "strabismus"
        case "below-cut-off", [_, _]:
            return "refractive-error"
        case "below-cut-off", _:
            return "amblyopia"
        case _:
            return "no-disorder"


def _step(api: Api, referral: Document, name: str, body: Document) -> Document:
    """The county is told of who is late while this goes on: what was changed meanwhile is read again."""
    address = f"/v1/screening-referrals/{referral['id']}"
    try:
        return api.post(f"{address}:{name}", body, version=referral["version"])
    except Declined as declined:
        if declined.code != "precondition-failed":
            raise
        return api.post(f"{address}:{name}", body, version=api.get(address)["version"])


def _other_clinics_see_nothing(clinics: Mapping[str, Api]) -> None:
    listed = {county: next(clinic.items("/v1/referrals-received"), None) for county, clinic in clinics.items()}
    for county, referral in listed.items():
        for other, clinic in clinics.items():
            if referral is not None and other != county:
                status = clinic.status(f"/v1/referrals-received/{referral['id']}")
                if status != 404:
                    raise Refusal(f"The clinic of {other} got {status} for a referral of the clinic of {county}.")
                break


def count_up(province: Api, campaign: Document, done: Autumn, protocol: Protocol) -> None:
    """The figures are the platform's own."""
    with protocol.step("پوشش و چرخه‌های بسته", "Coverage, yield and closed loops") as doing:
        asked = {"programme": PROGRAMME, "by": "county", "campaign_id": campaign["id"]}
        for item in province.get("/v1/screening-coverage", **asked)["items"]:
            done.counties[item["jurisdiction"]] = Counter(
                {name: value for name, value in item.items() if isinstance(value, int)}
            )
        for item in province.get("/v1/referral-loops", **asked)["items"]:
            of_county = done.counties[item["jurisdiction"]]
            of_county.update({name: item[name] for name in ("awaited", "lost", "won_back", "loops_closed")})
        total = done.total
        done.disorders = Counter(
            each["diagnosis"]
            for each in province.items("/v1/screening-referrals", campaign_id=campaign["id"])
            if each["diagnosis"] not in {None, "no-disorder"}
        )
        if done.disorders.total() != total["confirmed"]:
            raise Refusal(f"{total['confirmed']} disorders are counted, {done.disorders.total()} are in the referrals.")
        doing.result = (
            f"{total['examined']:,} examined, {total['referred']} referred ({done.share('referred', 'examined'):.1%}),"
            f" {total['loops_closed']} loops closed ({done.share('loops_closed', 'referred'):.0%})"
        )


def dealt(shares: Mapping[str, float]) -> Iterator[str]:
    """For ever one after the other, each as often as is its share: of the first n, as near to it as can be."""
    given = Counter[str]()
    for turn in count(1):
        due = max(shares, key=lambda each: shares[each] * turn - given[each])
        given[due] += 1
        yield due


def _said(outcomes: Counter[str]) -> str:
    return ", ".join(f"{number:,} {outcome}" for outcome, number in outcomes.most_common())


def _due(province: Api, campaign: Document) -> list[Document]:
    summary = province.get("/v1/screening-due-list:summary", programme=PROGRAMME, campaign_id=campaign["id"])
    items: list[Document] = summary["items"]
    return items


def _due_at(base: Base, kind: str) -> list[Document]:
    return list(base.screener.items(f"/v1/screening-bases/{base.id}/due-list", programme=PROGRAMME, kind=kind))


def _mornings(since: date, number: int) -> Iterator[datetime]:
    """So many moments, spread over the mornings from that day until yesterday; now, when there was none."""
    days = (today() - since).days
    for each in range(number):
        day = since + timedelta(days=each * days // number)
        morning = datetime.combine(day, clock(8 + each % 5, each * 7 % 60), TEHRAN)
        yield morning if days else now()


def _years_before(day: date, years: int) -> date:
    return date(day.year - years, day.month, min(day.day, 28))
