"""The licences of the centers: each founder's way from the first paper to the licence, through the API alone.

The founders are made up; what the papers, the bodies that are asked and the commission make of them is the platform's.
A stand-in answers for the bodies, over NATS as they would. Each application goes on from where it is, so that it can be
run again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random

from deploy.local.accounts import Running
from deploy.local.home import Home, Refusal
from deploy.local.national_bodies import answering
from shared.contracts.roles import Role
from shared.kit.calendar import months_later, today

from .api import Api, Document
from .names import FAMILIES, YOUNGER_WOMEN
from .opening_day import MADE_UP, Protocol, until
from .province import PROVINCE
from .report import Center, Licences, Report

CLAUSE = 4
AGREEMENT, ACTIVITY = "agreement-in-principle", "activity"
ACTIVITY_MONTHS, AGREEMENT_MONTHS = 36, 3
RENEWALS_DUE = 3
MONTHS_LEFT = 2
"""Of the licences that are to be renewed: renewal opens three months before the end."""
OVER = frozenset({"approved", "refused", "withdrawn", "lapsed"})
WAY: Sequence[str] = (
    "registered",
    "submitted",
    "accepted",
    "needed",
    "inquiring",
    "sent-on",
    "vetting",
    "reviewed",
    "tabled",
)
"""The statuses on the way to a decision. Each is gone through for all before the next, so that nobody waits for answers
that come meanwhile."""


@dataclass
class Office:
    """Who has a part in licences: the county of an application, and the province."""

    signed_in: Callable[..., Api]
    deputy: Api
    member: Api
    secretary: Api
    sessions: list[Document] = field(default_factory=list)

    def county(self, code: str, *, number: int = 1) -> Api:
        return self.signed_in(Role.LICENSING_OFFICER, code, number=number)

    @property
    def session(self) -> Document:
        """One for all of today, called when the first application is ready."""
        if not self.sessions:
            seats = [
                {"person": self.member.subject, "capacity": "legal-expert"},
                {"person": self.deputy.subject, "capacity": "specialised-deputy"},
            ]
            called = self.secretary.post("/v1/commission-sessions", {"held_on": today().isoformat(), "seats": seats})
            present = {"present": [seat["person"] for seat in seats]}
            path = f"/v1/commission-sessions/{called['id']}:open"
            self.sessions.append(self.secretary.post(path, present, version=called["version"]))
        return self.sessions[0]


@dataclass
class Case:
    """An application on its way, at a center."""

    center: Center
    application: Document
    needed: bool = True

    @property
    def status(self) -> str:
        return str(self.application["status"])


def license_centers(running: Running, home: Home, report: Report, protocol: Protocol) -> Licences:
    """Raises Refusal when the platform does not do its part."""
    centers = sorted(report.centers, key=lambda center: center.code)
    with offices(running) as office, answering(running, home) as bodies:
        sign_off(office, protocol)
        two_who_do_not_come_through(office, centers[0], protocol)
        agree(office, centers, protocol)
        issue(office, centers, protocol)
        _close(office)
        return _read_back(office, report, protocol, answered=bodies.answered)


@contextmanager
def offices(running: Running) -> Iterator[Office]:
    """Everybody signed in as they are needed, until the end of the block."""
    with ExitStack() as open_until_the_end:
        known: dict[tuple[Role, str, int], Api] = {}

        def signed_in(role: Role, scope: str, *, number: int = 1) -> Api:
            who = role, scope, number
            if who not in known:
                known[who] = open_until_the_end.enter_context(Api(running, role, scope, number=number))
            return known[who]

        yield Office(
            signed_in,
            deputy=signed_in(Role.SPECIALISED_DEPUTY, PROVINCE),
            member=signed_in(Role.COMMISSION_MEMBER, PROVINCE),
            secretary=signed_in(Role.COMMISSION_SECRETARY, PROVINCE),
        )


def sign_off(office: Office, protocol: Protocol) -> None:
    """How long an activity licence holds was published for kindergartens alone: two of headquarters vouch for it."""
    first, second = (office.signed_in(Role.HEADQUARTERS, "IR", number=number) for number in (1, 2))
    with protocol.step("تأیید مدت پروانهٔ فعالیت", "Sign off how long a licence holds") as doing:
        asked = first.items("/v1/licence-requirements", licence=ACTIVITY, clause=CLAUSE, kind="validity")
        rules = list(asked)
        if any(rule["standing"] != "proposed" for rule in rules):
            doing.result = f"{ACTIVITY_MONTHS} months hold already"
            return
        rule = rules[0]
        second.post(f"/v1/licence-requirements/{rule['id']}:sign-off", version=rule["version"])
        doing.result = f"{rule['figures']['months']} months, for clauses {rule['clause_from']}–{rule['clause_to']}"


def two_who_do_not_come_through(office: Office, center: Center, protocol: Protocol) -> None:
    """One founder is refused, because the quarter has a center; another lets the agreement lapse."""
    with protocol.step("دو بنیان‌گذار دیگر", "Two other founders") as doing:
        manager = office.signed_in(Role.CENTER_MANAGER, center.code)
        done = {each["status"] for each in _of_other_founders(manager)}
        cases = []
        if "refused" not in done:
            cases.append(Case(center, _register(manager, _found(manager, center, "refused")), needed=False))
        if "approved" not in done:
            cases.append(Case(center, _register(manager, _found(manager, center, "lapsed"))))
        go_the_way(office, cases)
        for case in cases:
            if case.status == "approved":
                _issue(office, case, valid_from=months_later(today(), -AGREEMENT_MONTHS - 1))
        outcomes = Counter(case.status for case in cases)
        doing.result = f"{outcomes['refused']} refused, {outcomes['approved']} did not begin in time"


def agree(office: Office, centers: Sequence[Center], protocol: Protocol) -> None:
    with protocol.step("موافقت‌های اصولی", "Agree in principle", total=len(centers)) as doing:
        cases = []
        for center in centers:
            if not _licences(office, center):
                manager = office.signed_in(Role.CENTER_MANAGER, center.code)
                application = _on_its_way(manager, center, AGREEMENT)
                cases.append(Case(center, application or _register(manager, _found(manager, center), center=center)))
        go_the_way(office, cases)
        for case in cases:
            _issue(office, case)
            doing.advance()
        doing.result = f"{len(cases)} agreements" if cases else "all had one"


def issue(office: Office, centers: Sequence[Center], protocol: Protocol) -> None:
    """Three began long ago, and are to be renewed soon."""
    with protocol.step("پروانه‌های فعالیت", "Issue activity licences", total=len(centers)) as doing:
        cases = []
        for center in centers:
            held = _licences(office, center)
            if ACTIVITY not in held:
                manager = office.signed_in(Role.CENTER_MANAGER, center.code)
                application = _on_its_way(manager, center, ACTIVITY)
                founder = {"id": held[AGREEMENT]["holder_id"]}
                cases.append(Case(center, application or _register(manager, founder, ACTIVITY, center=center)))
        go_the_way(office, cases)
        for case in cases:
            old = case.center in centers[:RENEWALS_DUE]
            began = months_later(today(), MONTHS_LEFT - ACTIVITY_MONTHS)
            _issue(office, case, valid_from=began if old else None)
            doing.advance()
        doing.result = f"{len(cases)} licences" if cases else "all had one"


def go_the_way(office: Office, cases: Sequence[Case]) -> None:
    """Everybody takes their step, until all are decided."""
    for status in WAY:
        for case in cases:
            if case.status == status:
                _step(office, case)
    left = [case for case in cases if case.status not in OVER]
    if left:
        raise Refusal(f"An application of {left[0].center.code} is {left[0].status}, and does not go on.")


def _step(office: Office, case: Case) -> None:
    county = office.county(case.center.county.code)
    match case.status:
        case "registered":
            manager = office.signed_in(Role.CENTER_MANAGER, case.center.code)
            for paper in case.application["missing"]:
                seen = {
                    "code": paper["code"],
                    "person_id": paper["person_id"],
                    "reference": f"پوشهٔ {case.application['number']}",
                }
                _take(manager, case, "documents", seen, joined="/")
            _take(manager, case, "submit")
        case "submitted":
            _take(county, case, "accept")
        case "accepted" if case.application["licence"] == AGREEMENT:
            reason = "محله مرکزی ندارد" if case.needed else "محله مرکز دارد"
            _take(office.deputy, case, "state-need", {"needed": case.needed, "reason": f"{reason} ({MADE_UP})"})
        case "accepted" | "needed":
            _take(county, case, "open-inquiries")
        case "inquiring":
            _wait_for_answers(county, office.county(case.center.county.code, number=2), case)
            _take(county, case, "send-on")
        case "sent-on":
            _take(office.secretary, case, "refer")
        case "vetting":
            _wait_for_answers(office.secretary, office.secretary, case)
            _take(office.secretary, case, "review", {"opinion": "recommended", "reason": MADE_UP})
        case "reviewed":
            _take(office.secretary, case, "table", {"session_id": office.session["id"]})
        case "tabled":
            for voter in (office.member, office.deputy):
                _take(voter, case, "vote", {"vote": "for"})
            _take(office.secretary, case, "decide", {"decision": "approved", "reason": MADE_UP})


def _wait_for_answers(reader: Api, second: Api, case: Case) -> None:
    """What is asked by events is answered by the stand-in; where no system is, two officers have seen a paper."""
    turns = until("the answers of the national bodies")
    while True:
        case.application = reader.get(f"/v1/licence-applications/{case.application['id']}")
        waiting = [each for each in case.application["inquiries"] if not each["settled"]]
        if not waiting:
            return
        for each in waiting:
            if each["system"] == "site-specialist" and each["state"] == "asked":
                path = f"/v1/licensing-inquiries/{each['id']}"
                paper = {"result": "ok", "reference": f"صورت‌جلسهٔ بازدید {case.application['number']}"}
                given = reader.post(f"{path}:give-evidence", paper, version=each["version"])
                second.post(f"{path}:confirm-evidence", version=given["version"])
        next(turns)


def _take(who: Api, case: Case, step: str, body: Document | None = None, *, joined: str = ":") -> None:
    path = f"/v1/licence-applications/{case.application['id']}{joined}{step}"
    case.application = who.post(path, body, version=case.application["version"])


def _found(manager: Api, center: Center, tale: str = "") -> Document:
    """A founder and the center's technical manager, both made up; always the same ones of a center."""
    chance = Random(f"{center.code}{tale}")
    people = [
        {
            "role": role,
            "identity": {"type": "national", "value": _national_id(chance)},
            "given_name": chance.choice(YOUNGER_WOMEN),
            "family_name": chance.choice(FAMILIES),
            "birth_date": f"{chance.randint(1975, 1992)}-{chance.randint(1, 12):02}-15",
            "sex": "female",
            "qualifications": [{"degree": "bachelor", "field": "مددکاری اجتماعی"}],
        }
        for role in ("founder", "technical-manager")
    ]
    return manager.post("/v1/institutions", {"kind": "natural", "people": people})


def _register(manager: Api, founder: Document, licence: str = AGREEMENT, *, center: Center | None = None) -> Document:
    said: Document = {
        "licence": licence,
        "clause": CLAUSE,
        "founder_id": founder["id"],
        "activity_scope": "خدمات سطح یک بهزیستی در محدودهٔ مرکز",
    }
    if center is not None:
        said |= {"center": center.code, "address": f"{center.county.name_fa}، {center.name_fa}"}
    return manager.post("/v1/licence-applications", said)


def _on_its_way(manager: Api, center: Center, licence: str) -> Document | None:
    """What an earlier run has begun, or brought to a decision on which nothing was issued."""
    for each in manager.items("/v1/licence-applications"):
        about_it = (each["center"], each["licence"], each["act"]) == (center.code, licence, "issue")
        if about_it and each["status"] not in OVER - {"approved"}:
            return manager.get(f"/v1/licence-applications/{each['id']}")
    return None


def _of_other_founders(manager: Api) -> list[Document]:
    """Applications that are about no center of ours."""
    return [each for each in manager.items("/v1/licence-applications") if each["center"] is None]


def _licences(office: Office, center: Center) -> Mapping[str, Document]:
    """The licences that a center has or has used, by their kind."""
    found = office.secretary.items("/v1/licences", center=center.code)
    return {each["kind"]: each for each in found if each["status"] in {"in-force", "used"}}


def _issue(office: Office, case: Case, *, valid_from: date | None = None) -> None:
    body: Document = {"application_id": case.application["id"]}
    if valid_from is not None:
        body["valid_from"] = valid_from.isoformat()
    office.secretary.post("/v1/licences", body)


def _close(office: Office) -> None:
    for session in office.sessions:
        path = f"/v1/commission-sessions/{session['id']}"
        now = office.secretary.get(path)
        minutes = {"number": f"demo/{today():%Y%m%d}", "text": f"درخواست‌های روز بررسی شد ({MADE_UP})"}
        office.secretary.post(f"{path}:close", minutes, version=now["version"])


def _read_back(office: Office, report: Report, protocol: Protocol, *, answered: int) -> Licences:
    """The platform's own figures; what lapsed is announced by itself, a moment after its day is over."""
    with protocol.step("خواندن پروانه‌ها", "Read the licences back, and verify one without an account") as doing:
        turns = until("the agreement that lapsed")
        while next(office.secretary.items("/v1/licences", status="expired"), None) is None:
            next(turns)
        found = Licences()
        for each in office.secretary.items("/v1/licences"):
            if each["kind"] == ACTIVITY or each["status"] == "expired":
                found.counties.setdefault(str(each["jurisdiction"])[:4], Counter())[each["status"]] += 1
        for each in office.secretary.items("/v1/licences", renewal="due"):
            found.counties[str(each["jurisdiction"])[:4]]["due"] += 1
            found.due.append((each["number"], each["holder_name"], each["valid_to"]))
        for each in office.secretary.items("/v1/licence-applications"):
            if each["status"] == "refused":
                found.counties.setdefault(str(each["jurisdiction"])[:4], Counter())["refused"] += 1
        held = found.total["in-force"]
        if held != len(report.centers):
            raise Refusal(f"{held} activity licences are in force, for {len(report.centers)} centers.")
        number = found.due[0][0]
        said = office.secretary.get(f"/v1/licence-verifications/{number}")
        if not said["valid"]:
            raise Refusal(f"Licence {number} is not valid to who verifies it.")
        doing.result = f"{held} in force, {len(found.due)} to be renewed; {answered} answers came over NATS"
        return found


def _national_id(chance: Random) -> str:
    digits = f"{chance.randint(100_000_000, 799_999_999)}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)
