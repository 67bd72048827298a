"""A month of field work after opening day, done by those whose work it is, and with nothing but the API.

What was done before is found done: it can be run again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from math import ceil
from uuid import NAMESPACE_URL, uuid5

from deploy.local.accounts import Running
from deploy.local.home import Refusal
from shared.contracts.roles import Role
from shared.kit.calendar import JalaliMonth, now, today

from .api import Api, Document
from .opening_day import MADE_UP, Protocol, until
from .province import PROVINCE
from .report import Center, FieldWork, Report

VISITS = 30
"""Of each worker: what one brings back from a few days without a connection."""
CARE, HOME_VISIT = "S06", "S03"
TARIFFS: Mapping[str, Mapping[str, int]] = {
    CARE: {"urban": 900_000, "rural": 1_100_000, "hard-to-reach": 1_500_000},
    HOME_VISIT: {"urban": 400_000, "rural": 600_000, "hard-to-reach": 1_000_000},
}
"""Rials. No amount was ever published: these are made up, and their source says so."""
RULES = {
    "settlement-care-rule": (1, "rule"),
    "settlement-care-service": (int(CARE[1:]), "service"),
    "settlement-visit-service": (int(HOME_VISIT[1:]), "service"),
}


@dataclass
class Team:
    """The people of a center."""

    center: Center
    manager: Api
    workers: list[Api] = field(default_factory=list)


def field_work(running: Running, report: Report, protocol: Protocol) -> FieldWork:
    """Raises Refusal when the platform does not do its part."""
    month = JalaliMonth.from_date(today())
    done = FieldWork(month=str(month))
    with ExitStack() as open_until_the_end:

        def signed_in(role: Role, scope: str, *, number: int = 1) -> Api:
            return open_until_the_end.enter_context(Api(running, role, scope, number=number))

        teams = post_workers(report.centers, signed_in, protocol)
        assign(teams, protocol)
        visit(teams, month, done, protocol)
        here, there = _two_largest(teams)
        office = signed_in(Role.COUNTY_OFFICER, here[0].center.county.code)
        serve(here[0], protocol)
        bury(here[0], protocol)
        move(here[0], office, there, signed_in(Role.COUNTY_OFFICER, there[0].center.county.code), protocol)
        first, second = (signed_in(Role.HEADQUARTERS, "IR", number=number) for number in (1, 2))
        sign_off_tariffs(first, second, month, protocol)
        settle(signed_in(Role.PROVINCE_OFFICER, PROVINCE), office, here[0], month, protocol, done)
    return done


def post_workers(centers: Sequence[Center], signed_in: Callable[..., Api], protocol: Protocol) -> list[Team]:
    """As many social workers as the rule in force asks for the files of each center."""
    with protocol.step("گماردن مددکاران", "Post the social workers", total=len(centers)) as doing:
        teams = []
        for center in sorted(centers, key=lambda each: each.code):
            team = Team(center, signed_in(Role.CENTER_MANAGER, center.code))
            rules = team.manager.get("/v1/parameters:in-force", jurisdiction=center.code)["items"]
            most = next(rule["value"] for rule in rules if rule["name"] == "files-per-worker")
            for number in range(1, ceil(center.load / most) + 1):
                team.workers.append(signed_in(Role.SOCIAL_WORKER, center.code, number=number))
            teams.append(team)
            doing.advance()
        doing.result = f"{sum(len(team.workers) for team in teams)} workers in {len(teams)} centers"
    return teams


def assign(teams: Sequence[Team], protocol: Protocol) -> None:
    """Each manager has a fair proposal made, by place and load, and applies it."""
    with protocol.step("سپردن پرونده‌ها به مددکاران", "Give each file its worker", total=len(teams)) as doing:
        placed = 0
        for team in teams:
            plan = _plan_once_workers_are_known(team)
            verb = "apply" if plan["placed"] else "drop"
            team.manager.post(f"/v1/assignment-plans/{plan['id']}:{verb}", version=plan["version"])
            placed += plan["placed"]
            doing.advance()
        doing.result = f"{placed:,} files given" if placed else "every file had its worker"


def _plan_once_workers_are_known(team: Team) -> Document:
    """Casefile knows postings from registry's events alone."""
    turns = until("the postings of social workers")
    while True:
        next(turns)
        made = team.manager.post("/v1/assignment-plans", {"center": team.center.code})
        if len(made["workers"]) >= len(team.workers):
            return made
        team.manager.post(f"/v1/assignment-plans/{made['id']}:drop", version=made["version"])


def visit(teams: Sequence[Team], month: JalaliMonth, done: FieldWork, protocol: Protocol) -> None:
    """Every worker goes through the first files of the work list without a connection, and sends it all at once."""
    total = sum(len(team.workers) for team in teams)
    with protocol.step("بازدید از منزل، بی‌اینترنت", "Visit homes, without a connection", total=total) as doing:
        outcomes: Counter[str] = Counter()
        for team in teams:
            county = done.counties.setdefault(team.center.county.code, Counter())
            came = team.manager.get("/v1/case-files", status="active", limit=1)["items"][0]["status_since"]
            for worker in team.workers:
                files = list(worker.items("/v1/visits:due", worker="me"))
                visits = [
                    each for place, file in enumerate(files[:VISITS]) for each in _visits(file, place, month, came)
                ]
                if not any(file["visited_on"] for file in files):
                    answer = worker.post("/v1/visits:batch", {"visits": visits})
                    outcomes.update(item["outcome"] for item in answer["items"])
                    again = worker.post("/v1/visits:batch", {"visits": visits})
                    if again["recorded"]:
                        raise Refusal(f"A batch of {worker.subject} that was sent twice counted twice.")
                after = list(worker.items("/v1/visits:due", worker="me"))
                county["visited"] += sum(file["visited_on"] is not None for file in after)
                county["files"] += len(after)
                county["to look for"] += sum(file["look_for_since"] is not None for file in after)
                doing.advance()
        if outcomes.keys() - {"recorded", "unchanged"}:
            raise Refusal(f"Visits of the batches came to {dict(outcomes)}.")
        visited = sum(county["visited"] for county in done.counties.values())
        doing.result = f"{outcomes['recorded']:,} visits sent (each batch twice); {visited:,} households met so far"


def _visits(file: Document, place: int, month: JalaliMonth, came: str) -> Iterator[Document]:
    """One visit since the files came, or two in vain: every twelfth household is not at home, and is gone to again."""
    begin = datetime.fromisoformat(came)
    span = now() - begin
    in_vain = place % 12 == 11
    for attempt in range(1 + in_vain):
        seen: Document = {"outcome": "not-at-home"} if in_vain else {
            "outcome": "met", "met_other": "سرپرست خانوار", "findings": "خانوار در نشانی پرونده زندگی می‌کند.",
        }  # fmt: skip
        if file["latitude"] is not None:
            seen |= {"latitude": file["latitude"], "longitude": file["longitude"], "accuracy_m": 20}
        yield seen | {
            "id": str(uuid5(NAMESPACE_URL, f"{file['case_file_id']}/{month}/{attempt}")),
            "case_file_id": file["case_file_id"],
            "visited_at": (begin + span * (place * 2 + attempt + 1) / (2 * VISITS + 2)).isoformat(),
            "planned": True,
        }


def serve(team: Team, protocol: Protocol) -> None:
    """A household asks for an introduction letter, gets it, and follows it with a code and no account."""
    with protocol.step("درخواست خدمت تا تحویل", "Deliver a service, followed by its code") as doing:
        worker, file = team.workers[0], _file_of(team.workers[0], sort="number")
        address = f"/v1/case-files/{file['id']}/service-requests"
        known = worker.get(address, limit=1)["items"]
        if known:
            doing.result = f"{known[0]['tracking_code']} was {known[0]['status']} already"
            return
        request = worker.post(address, {"service_code": "S05", "pin": "402718", "description": "معرفی‌نامهٔ درمان"})
        for verb in ("accept", "start", "deliver"):
            request = worker.post(f"/v1/service-requests/{request['id']}:{verb}", {}, version=request["version"])
        tracked = worker.anybody("/v1/service-requests:track",
                                 {"tracking_code": request["tracking_code"], "pin": "402718"})  # fmt: skip
        doing.result = f"{request['tracking_code']}: {tracked['status']}"


def bury(team: Team, protocol: Protocol) -> None:
    """The head of a household died: the worker reports it, the manager approves it, another member becomes the head."""
    with protocol.step("ثبت یک فوت", "Record a death") as doing:
        worker = team.workers[0]
        file = worker.get(f"/v1/case-files/{_file_of(worker, sort='number', members=3)['id']}")
        address = f"/v1/case-files/{file['id']}/life-events"
        known = worker.get(address, kind="death", limit=1)["items"]
        if known:
            doing.result = f"file {file['number']}: {known[0]['status']} already"
            return
        head = next(member for member in file["members"] if member["relation"] == "head")
        event = worker.post(address, {
            "happened_on": (today() - timedelta(days=3)).isoformat(), "source": "visit",
            "evidence": "گواهی فوت", "death": {"member_id": head["id"]},
        })  # fmt: skip
        approved = team.manager.post(f"{address}/{event['id']}:approve",
                                     {"new_head": event["proposed_head"]}, version=event["version"])  # fmt: skip
        after = worker.get(f"/v1/case-files/{file['id']}")
        doing.result = (
            f"file {file['number']}: {file['member_count']} persons became {after['member_count']},"
            f" and have another head ({approved['status']})"
        )


def move(team: Team, origin: Api, there: Sequence[Team], destination: Api, protocol: Protocol) -> None:
    """A household moved to another county: that office asks nobody to go anywhere, and nobody is without a center."""
    with protocol.step("جابه‌جایی به شهرستان دیگر", "Move a household to another county") as doing:
        before = next(team.manager.items("/v1/transfers", side="origin", status="effective"), None)
        if before is not None:
            doing.result = f"file {before['number']} went to {before['destination']['code']} already"
            return
        file = _file_of(team.workers[0], sort="-number")
        transfer = team.workers[0].post(
            "/v1/transfers", {"case_file_id": file["id"], "destination": there[0].center.county.code}
        )
        address = f"/v1/transfers/{transfer['id']}"
        transfer = origin.post(f"{address}:confirm", {"carry_over": True}, version=transfer["version"])
        center = min(there, key=lambda each: each.center.load).center.code
        worker = min(destination.items("/v1/workers", center=center), key=lambda each: each["files"])["worker"]
        accepted = {"center": center, "worker": worker}
        transfer = destination.post(f"{address}:accept", accepted, version=transfer["version"])
        for _ in until("the transfer"):
            transfer = team.manager.get(address)
            if transfer["status"] == "effective":
                break
        seen = {code: api.status(f"/v1/case-files/{file['id']}")
                for code, api in ((team.center.code, team.manager), (center, destination))}  # fmt: skip
        if seen != {team.center.code: 404, center: 200}:
            raise Refusal(f"After the transfer of {file['number']} its file is answered with {seen}.")
        doing.result = f"file {file['number']}: {team.center.code} → {center}, at {transfer['effective_at']}"


def sign_off_tariffs(first: Api, second: Api, month: JalaliMonth, protocol: Protocol) -> None:
    """What nobody has published is data that people set: here two of headquarters, with figures made up for the day."""
    with protocol.step("تعرفهٔ نمایشی", "Sign off made-up tariffs") as doing:
        known = {(each["service_code"], each["area_class"]) for each in first.items("/v1/tariffs", status="signed-off")}
        wanted = [
            {"service_code": service, "area_class": area, "jurisdiction": PROVINCE, "amount_rials": rials,
             "valid_from": month.first_day.isoformat()}
            for service, areas in TARIFFS.items() for area, rials in areas.items() if (service, area) not in known
        ]  # fmt: skip
        for tariff in wanted:
            drafted = first.post("/v1/tariffs", tariff)
            second.post(f"/v1/tariffs/{drafted['id']}:sign-off")
        in_force = {rule["name"] for rule in first.get("/v1/parameters:in-force", jurisdiction=PROVINCE)["items"]}
        for name in RULES.keys() - in_force:
            value, unit = RULES[name]
            first.post("/v1/parameters", {"name": name, "jurisdiction": "IR", "value": value, "unit": unit,
                                          "valid_from": month.first_day.isoformat(), "source": MADE_UP})  # fmt: skip
        doing.result = f"{len(wanted)} amounts in rials, made up" if wanted else "were there already"


def settle(province: Api, county: Api, team: Team, month: JalaliMonth, protocol: Protocol, done: FieldWork) -> None:
    """The month so far: drafted for the province, and for one center closed, approved and paid."""
    with protocol.step("صورت‌حساب ماه", "Settle the month so far") as doing:
        for _ in until("the tariffs"):
            drafted = province.post("/v1/settlements", {"month": str(month), "jurisdiction": PROVINCE})["items"]
            if not any(_unpriced(province, statement) for statement in drafted):
                break
        for each in drafted:
            done.rials[each["jurisdiction"][:4]] += each["total_rials"]
        done.settled = {each["jurisdiction"]: each for each in drafted}
        doing.result = f"{sum(done.rials.values()):,} rials for {len(drafted)} centers"
    with protocol.step("بستن، تأیید و پرداخت یک مرکز", "Close, approve and pay one center") as doing:
        statement = done.settled[team.center.code]
        if statement["status"] != "draft":
            doing.result = f"{team.center.code} is {statement['status']} already"
            return
        address = f"/v1/settlements/{statement['id']}"
        statement = team.manager.post(f"{address}:close", version=statement["version"])
        statement = county.post(f"{address}:approve", version=statement["version"])
        payment = {"paid_on": today().isoformat(), "reference": f"DEMO-{month}"}
        statement = province.post(f"{address}:pay", payment, version=statement["version"])
        doing.result = f"{team.center.code}: {statement['total_rials']:,} rials, {statement['status']}"


def _unpriced(province: Api, statement: Document) -> bool:
    """Whether care or a visit waits for a tariff or a rule that is still on its way; deliveries have none here."""
    address = f"/v1/settlements/{statement['id']}/lines"
    asked = product(("care", "visit"), ("no-tariff", "no-rule"))
    return any(province.get(address, kind=kind, reason=reason, limit=1)["items"] for kind, reason in asked)


def _two_largest(teams: Sequence[Team]) -> tuple[list[Team], list[Team]]:
    """The teams of the two counties with most centers."""
    counties: dict[str, list[Team]] = {}
    for team in teams:
        counties.setdefault(team.center.county.code, []).append(team)
    first, second, *_ = sorted(counties.values(), key=len, reverse=True)
    return first, second


def _file_of(worker: Api, *, sort: str, members: int = 1) -> Document:
    """The first active file of a worker with that many members."""
    files = worker.items("/v1/case-files", status="active", assigned_worker=worker.subject, sort=sort)
    return next(file for file in files if file["member_count"] >= members)
