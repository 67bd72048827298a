"""Families of the province who ask for a child, some at each stage of their way, and one placement to the end.

Done by those whose work it is, through the API alone: a worker at a center of each county, the province's office, two
members of the committee. What happened on paper before is entered with its own days. What was done before is found
done: it can be run again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from random import Random

from deploy.local.accounts import Running
from deploy.local.home import Refusal
from shared.contracts.roles import Role
from shared.kit.calendar import today

from .api import Api, Declined, Document
from .households import national_ids
from .names import FAMILIES, YOUNGER_MEN, YOUNGER_WOMEN
from .opening_day import MADE_UP, Protocol, until
from .province import PROVINCE, County
from .report import Adoptions, Center, Report

REQUESTS = "/v1/adoption-requests"
HOST_CHECKS = ("health", "criminal-record", "addiction")
CHECKS = (*HOST_CHECKS, "counselling")
PER_CENTER = 1
FAMILIES_OF = {"childless-couple": 572, "couple-with-children": 69, "single-woman": 13}
"""Of 654 applicants in one province, as announced."""
WISH_FOR_GIRLS, WISH_BELOW_FIVE = 0.8, 0.92
"""The second as announced; the first is made up, since only one city's was announced."""
STAGES = (
    "final", "waiting", "draft", "waiting", "incomplete", "trial", "submitted", "interview", "waiting", "introduced",
    "assessment", "home-visit", "waiting", "matched", "reported", "committee", "waiting", "deferred", "declined",
    "rejected", "waiting", "withdrawn", "revoked", "placed",
)  # fmt: skip
"""Where each request ends up, one after another; `placed` has a child in temporary care. None has expired: that takes
days, and a rule that headquarters has to set."""
WITH_CHILD = frozenset({"final", "trial", "introduced", "matched", "declined", "revoked"})
BEFORE_COMMITTEE = (
    "draft", "incomplete", "submitted", "interview", "assessment", "home-visit", "reported", "committee",
)  # fmt: skip
PIN = "402718"


@dataclass
class Office:
    """Who decides and records for the province."""

    officer: Api
    members: tuple[Api, Api]


def adopt(running: Running, report: Report, protocol: Protocol) -> Adoptions:
    """Raises Refusal when the platform does not do its part."""
    with ExitStack() as open_until_the_end:

        def signed_in(role: Role, scope: str, *, number: int = 1) -> Api:
            return open_until_the_end.enter_context(Api(running, role, scope, number=number))

        office = Office(
            signed_in(Role.ADOPTION_OFFICER, PROVINCE),
            (signed_in(Role.ADOPTION_COMMITTEE, PROVINCE), signed_in(Role.ADOPTION_COMMITTEE, PROVINCE, number=2)),
        )
        ways = [*islice(cycle(STAGES), max(len(STAGES), PER_CENTER * len(report.centers)))]
        if next(office.officer.items(REQUESTS), None) is None:
            workers = at_each_county(report.centers, signed_in)
            children = register_children(office, report, ways.count, protocol)
            walk(office, workers, ways, children, protocol)
        else:
            with protocol.step("درخواست‌های فرزندپذیری", "Ask for children") as doing:
                doing.result = "were asked for already"
        follow_one(office, protocol)
        return count_up(office, report.counties)


def at_each_county(centers: Sequence[Center], signed_in: Callable[..., Api]) -> list[tuple[Center, Api]]:
    """A worker for adoption at the first center of each county."""
    first = {center.county.code: center for center in sorted(centers, key=lambda each: each.code, reverse=True)}
    return [(center, signed_in(Role.ADOPTION_WORKER, center.code)) for center in first.values()]


def register_children(office: Office, report: Report, of: Callable[[str], int], protocol: Protocol) -> list[Document]:
    """Whom Article 8 lets be placed: as many as are placed here, and some who still wait."""
    needed = sum(map(of, WITH_CHILD)) + len(report.counties)
    with protocol.step("کودکان واجد شرایط", "Register children who may be placed", total=needed) as doing:
        random = Random(1392)
        bases = cycle(("orphaned", "parents-unknown", "unclaimed", "judged-unfit"))
        children = []
        for number in range(needed):
            born = today() - timedelta(days=random.randrange(300, 4 * 365))
            body: Document = {
                "jurisdiction": report.counties[number % len(report.counties)].code,
                "sex": "girl",
                "birth_date": born.isoformat(),
                "health": "healthy" if number % 4 else "treatable",
                "basis": next(bases),
                "in_care_since": (born + timedelta(days=20)).isoformat(),
                "evidence": {"reference": MADE_UP, "issued_on": (today() - timedelta(days=30)).isoformat()},
                "given_name": random.choice(YOUNGER_WOMEN),
                "religion": "islam",
            }
            if body["basis"] == "unclaimed":
                born = today() - timedelta(days=1200)
                body |= {"birth_date": born.isoformat(), "in_care_since": (born + timedelta(days=20)).isoformat()}
            for _ in until("the numbers of the adoption law"):
                try:
                    children.append(office.officer.post("/v1/adoption-children", body))
                except Declined as declined:
                    if declined.code != "rule-not-set":
                        raise
                else:
                    break
            doing.advance()
        doing.result = f"{len(children)} children"
    return children


def walk(
    office: Office,
    workers: Sequence[tuple[Center, Api]],
    ways: Sequence[str],
    children: list[Document],
    protocol: Protocol,
) -> None:
    """Each family goes as far as its stage says."""
    with protocol.step("درخواست‌های فرزندپذیری", "Ask for children", total=len(ways)) as doing:
        families, free = made_up(len(ways)), iter(children)
        turns = cycle(workers)
        waiting: list[tuple[str, Document]] = []
        for stage in ways:
            _, worker = next(turns)
            family = next(families)
            if stage == "placed":
                family["form"] = "temporary-care"
            request = examine(office, worker, family, stage)
            if stage in WITH_CHILD:
                waiting.append((stage, request))
            doing.advance()
        for stage, request in waiting:
            place(office, request, next(free), stage)
        doing.result = f"{len(ways)} requests, {len(waiting)} with a child proposed"


def made_up(count: int) -> Iterator[Document]:
    """Families who ask, in the mix that was announced."""
    random = Random(1404)
    identities = national_ids(random, persons=2 * count)
    for _ in range(count):
        category = random.choices([*FAMILIES_OF], weights=[*FAMILIES_OF.values()])[0]
        family = random.choice(FAMILIES)
        married = today() - timedelta(days=random.randrange(7 * 365, 18 * 365))

        def person(sex: str, *, identity: str, family_name: str) -> Document:
            born = today() - timedelta(days=random.randrange(36 * 365, 55 * 365))
            return {
                "identity": {"type": "national", "value": identity},
                "given_name": random.choice(YOUNGER_WOMEN if sex == "female" else YOUNGER_MEN),
                "family_name": family_name,
                "father_name": random.choice(YOUNGER_MEN),
                "birth_date": born.isoformat(),
                "sex": sex,
                "religion": "islam",
                "education": "bachelor",
                "mobile": "09150000000",
                "under_guardianship": False,
            }

        people = [person("female", identity=next(identities), family_name=random.choice(FAMILIES))]
        household: Document = {
            "own_children": 1 if category == "couple-with-children" else 0,
            "lives_in_iran": True,
            "address": MADE_UP,
            "housing": "rented",
        }
        if category != "single-woman":
            people.append(person("male", identity=next(identities), family_name=family))
            household["married_on"] = married.isoformat()
        girl = category == "single-woman" or random.random() < WISH_FOR_GIRLS
        yield {
            "form": "adoption",
            "category": category,
            "applicants": people,
            "household": household,
            "wishes": {
                "sex": "girl" if girl else "any",
                "to_months": 60 if random.random() < WISH_BELOW_FIVE else 144,
                "health": random.choice(("treatable", "any")),
            },
        }


def examine(office: Office, worker: Api, family: Document, stage: str) -> Document:
    """From the draft as far as the stage, at the most until the family waits."""
    officer = office.officer
    request = worker.post(REQUESTS, family)

    def step(who: Api, name: str, body: Document | None = None) -> Document:
        return who.post(f"{REQUESTS}/{request['id']}{name}", body, version=request["version"])

    if stage == "draft":
        return request
    if stage == "incomplete":
        return step(worker, ":submit")
    for paper in request["missing"]:
        body = {"kind": paper["code"], "applicant": paper["applicant"], "number": MADE_UP}
        if paper["code"] == "job":
            body["valid_until"] = (today() + timedelta(days=30)).isoformat()
        request = step(worker, "/documents", body)
    request = step(worker, ":submit")
    if stage == "submitted":
        return request
    if stage == "withdrawn":
        return step(worker, ":withdraw", {"reason": "own-child"})
    request = step(officer, ":accept")
    if stage == "interview":
        return request
    seen = {"observance": True, "fitness": True, "no-disease": True}
    request = step(worker, ":record-interview", {"made_on": _ago(380), "seen": seen, "text": MADE_UP})
    for number, check in enumerate(HOST_CHECKS if stage == "placed" else CHECKS):
        if stage == "assessment" and number > 1:
            return request
        request = step(officer, f"/checks/{check}:ask", {"asked_of": MADE_UP})
        answer = {"passed": True, "answered_on": _ago(370), "reference": MADE_UP}
        request = step(officer, f"/checks/{check}:answer", answer)
    if stage == "home-visit":
        return request
    seen = {"means": True, "ability": True}
    request = step(worker, ":record-home-visit", {"made_on": _ago(360), "seen": seen, "text": MADE_UP})
    if stage == "reported":
        return request
    request = step(officer, ":refer")
    if stage == "committee":
        return request
    outcome = {"deferred": "defer", "rejected": "reject"}.get(stage, "approve")
    said: Document = {"outcome": outcome, "session_on": _ago(350), "minutes": MADE_UP, "reason": MADE_UP}
    if stage == "placed":  # how much older a host family has to be no number says
        said["settles"] = {"age-gap": MADE_UP}
    decided = office.members[0].post(
        f"/v1/adoption-dossiers/{request['id']}/decisions", said, version=request["version"]
    )
    confirmed = office.members[1].post(
        f"/v1/adoption-dossiers/{request['id']}/decisions/{decided['id']}:confirm", version=decided["version"]
    )
    request = dict(confirmed["request"])
    if stage == "placed":
        care = {"begun_on": _ago(300), "child_birth_date": _ago(2000), "reference": MADE_UP}
        return step(officer, ":begin-care", care)
    return request


def place(office: Office, request: Document, child: Document, stage: str) -> None:
    """Propose a child, let two of the committee say yes, and go on as far as the stage."""
    officer, (one, other) = office.officer, office.members
    body = {"child_id": child["id"], "request_id": request["id"], "reason": MADE_UP}
    match = officer.post("/v1/adoption-matches", body)

    def step(who: Api, name: str, body: Document | None = None) -> Document:
        return who.post(f"/v1/adoption-matches/{match['id']}:{name}", body, version=match["version"])

    match = step(one, "decide", {"outcome": "approved", "decided_on": _ago(300), "session": MADE_UP})
    match = step(other, "confirm")
    if stage == "matched":
        return
    match = step(officer, "introduce", {"introduced_on": _ago(295)})
    if stage == "introduced":
        return
    if stage == "declined":
        step(officer, "decline", {"answered_on": _ago(290), "reason": MADE_UP})
        return
    match = step(officer, "accept", {"answered_on": _ago(290)})
    ordered = _ago(40) if stage == "trial" else _ago(285)
    order = {"court": MADE_UP, "number": MADE_UP, "issued_on": ordered}
    placement = officer.post("/v1/adoption-placements", {
        "match_id": match["id"], "order": order, "first_visit_on": _ago(10 if stage == "trial" else 255),
    })  # fmt: skip
    address = f"/v1/adoption-placements/{placement['id']}"
    if stage == "revoked":
        body = {"order": order | {"issued_on": _ago(200)}, "reason": MADE_UP}
        officer.post(f"{address}:revoke", body, version=placement["version"])
    if stage == "final":
        for days in (255, 195, 135):
            visit = {"visited_on": _ago(days), "report": MADE_UP}
            placement = officer.post(f"{address}/visits", visit, version=placement["version"])
        ruling = {"ruling": order | {"issued_on": _ago(60)}}
        officer.post(f"{address}:finalise", ruling, version=placement["version"])


def follow_one(office: Office, protocol: Protocol) -> None:
    """A family without an account sees where it is, and nothing of any other."""
    with protocol.step("پیگیری بی‌حساب کاربری", "Follow one's own request by its code") as doing:
        last = [*office.officer.items("/v1/adoption-queue")][-1]["request_id"]
        code = office.officer.post(f"/v1/adoption-tracking/{last}", {"pin": PIN})["tracking_code"]
        shown = office.officer.anybody("/v1/adoption-tracking:track", {"tracking_code": code, "pin": PIN})
        place = office.officer.get(f"/v1/adoption-queue/{last}")
        band = shown["place"]["band"]
        if not band["first"] <= place["position"] <= (band["last"] or place["position"]):
            raise Refusal(f"A family at place {place['position']} is told {band}.")
        doing.result = f"{place['position']} of {place['waiting']}: told {band['first']} to {band['last']}"


def count_up(office: Office, counties: Sequence[County]) -> Adoptions:
    """In the platform's own words; only lists of ids and states are asked."""
    done = Adoptions()
    known = {county.code for county in counties}
    for each in office.officer.items(REQUESTS):
        if each["jurisdiction"][:4] in known:
            done.counties.setdefault(each["jurisdiction"][:4], Counter())[_stage(each["status"])] += 1
    done.overdue = sum(1 for _ in office.officer.items("/v1/adoption-deadlines", overdue="true"))
    return done


def _stage(status: str) -> str:
    if status in BEFORE_COMMITTEE:
        return "examined"
    return status if status in {"waiting", "matched", "introduced", "trial", "final", "placed"} else "ended or deferred"


def _ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()
