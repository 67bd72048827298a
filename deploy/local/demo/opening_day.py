"""Opening day, as a province officer would do it: with nothing but the API, and able to go on where it was left."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.progress import Progress, TaskID

from deploy.local.accounts import Running
from deploy.local.home import Refusal
from shared.contracts.roles import Role

from .api import Api, Document
from .households import LEGACY_SOURCE, CenterSite, Handover
from .province import COUNTIES, OPENING_DAY, PROVINCE
from .report import Center, Home, OnMap, Report, Step
from .settlements import Point

EVENTS_SECONDS = 30.0
"""How long an event may take to whom it concerns: it takes milliseconds."""
MADE_UP = "نمایشی و ساختگی — made up for the demonstration"
"""What a figure says of its source that nobody has published."""
ARRIVALS = ("pl.casefile.case-file.moved.", "pl.casefile.case-file.opened.")


@dataclass
class Protocol:
    """What was done and how long it took, shown while it happens."""

    progress: Progress
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name_fa: str, name_en: str, *, total: float | None = None) -> Iterator["Doing"]:
        task = self.progress.add_task(name_en, total=total, result="")
        doing = Doing(self.progress, task)
        began = time.perf_counter()
        yield doing
        self.progress.update(task, completed=total or 1, total=total or 1, result=doing.result)
        self.steps.append(Step(name_fa, name_en, time.perf_counter() - began, doing.result))


@dataclass
class Doing:
    progress: Progress
    task: TaskID
    result: str = ""

    def advance(self, by: float = 1) -> None:
        self.progress.advance(self.task, by)

    def reached(self, completed: float) -> None:
        self.progress.update(self.task, completed=completed)


def until(what: str) -> Iterator[None]:
    """Turns of waiting for what events bring; raises Refusal when it takes too long."""
    deadline = time.monotonic() + EVENTS_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(0.2)
    raise Refusal(f"Nothing is known of {what} after {EVENTS_SECONDS:.0f} seconds: do events flow?")


def open_province(running: Running, prepare: Callable[[], Handover], protocol: Protocol) -> Report:
    """Raises Refusal when the platform does not do its part."""
    with protocol.step("ساختن داده‌های ورودی", "Make up the households") as doing:
        handover = prepare()
        persons = sum(len(each["members"]) for each in handover.case_files)
        doing.result = f"{len(handover.case_files):,} files, {persons:,} persons"
    with protocol.step("ورود کارشناس استان", "Sign in as a province officer") as doing:
        officer = Api(running, Role.PROVINCE_OFFICER, PROVINCE)
        doing.result = f"scope {PROVINCE}"
    with officer:
        codes = plan_centers(officer, handover.centers, protocol)
        open_centers(officer, codes, protocol)
        import_files(officer, handover, protocol)
        distribute(officer, centers=len(codes), protocol=protocol)
        report = read_back(officer, protocol)
    sign_in_staff(running, report, protocol)
    hear_events(running, report, protocol)
    return report


def plan_centers(officer: Api, sites: Sequence[CenterSite], protocol: Protocol) -> dict[CenterSite, str]:
    """The code of each center; those that are there already keep theirs."""
    with protocol.step("ثبت مرکزها", "Plan the centers") as doing:
        found = known_centers(officer)
        missing = [site for site in sites if site.name_fa not in found]
        if missing:
            officer.post("/v1/centers:plan", {"centers": [_planned(site) for site in missing]})
            found = known_centers(officer)
        doing.result = _done(len(missing), len(sites) - len(missing), "planned", "were there")
    return {site: found[site.name_fa]["code"] for site in sites}


def open_centers(officer: Api, codes: dict[CenterSite, str], protocol: Protocol) -> None:
    with protocol.step("آماده‌سازی مرکزها", "Make the centers ready", total=len(codes)) as doing:
        status = {center["code"]: center["status"] for center in known_centers(officer).values()}
        planned = [code for code in codes.values() if status[code] == "planned"]
        for code in planned:
            officer.post(f"/v1/centers/{code}:ready")
            doing.advance()
        doing.result = _done(len(planned), len(codes) - len(planned), "made ready", "were")
    with protocol.step("گشایش همهٔ مرکزها", "Open them all, in one operation") as doing:
        ready = [code for code in codes.values() if status[code] in {"planned", "ready"}]
        if ready:
            officer.post("/v1/centers:open", {"codes": ready, "opened_on": OPENING_DAY.isoformat()})
        doing.result = _done(len(ready), len(codes) - len(ready), "opened", "were open")


def import_files(officer: Api, handover: Handover, protocol: Protocol) -> None:
    total = len(handover.case_files)
    with protocol.step("دریافت پرونده‌ها", "Import the household files", total=total) as doing:
        job = officer.upload("/v1/case-files:import", handover.ndjson(), source=LEGACY_SOURCE)
        while job["status"] in {"receiving", "processing"}:
            doing.reached(_dealt_with(job))
            time.sleep(0.1)
            job = officer.get(f"/v1/imports/{job['id']}")
        if job["status"] != "done" or _dealt_with(job) != total:
            raise Refusal(f"The import ended {job['status']}, with {_dealt_with(job):,} of {total:,} lines.")
        if job["refused"]:
            error = next(officer.items(f"/v1/imports/{job['id']}/errors"))
            raise Refusal(
                f"{job['refused']:,} lines were refused; the first is line {error['line']} {error['pointer']}:"
                f" {error['message']['en']}."
            )
        doing.result = _done(job["landed"], job["unchanged"], "landed", "were there")


def distribute(officer: Api, *, centers: int, protocol: Protocol) -> None:
    """Plan, read the plan, apply it."""
    with protocol.step("طرح توزیع", "Plan the distribution") as doing:
        waiting = officer.get("/v1/case-files:summary")["by_status"].get("waiting", {"files": 0})["files"]
        plan = plan_once_centers_are_known(officer, centers=centers) if waiting else None
        if plan is None:
            before = next(officer.items("/v1/distributions", status="applied"), None)
            doing.result = "no file waits" + (f": {before['placed']:,} were placed before" if before else "")
            return
        doing.result = f"{plan['placed']:,} placed, {plan['unplaced']:,} not, {plan['total_metres'] / 1000:,.0f} km"
    with protocol.step("خواندن طرح", "Read the plan") as doing:
        loads = list(officer.items(f"/v1/distributions/{plan['id']}/centers"))
        short = [load["center"] for load in loads if load["shortfall"]]
        least, most = min(load["load_after"] for load in loads), max(load["load_after"] for load in loads)
        doing.result = f"{len(loads)} centers with {least} to {most} files" + (
            f"; below the minimum: {', '.join(short)}" if short else ""
        )
    with protocol.step("اجرای طرح", "Apply it, all at once") as doing:
        verb = "apply" if plan["placed"] else "drop"
        decided = officer.post(f"/v1/distributions/{plan['id']}:{verb}", version=plan["version"])
        doing.result = f"{decided['status']}: {decided['placed']:,} files have their center"


def plan_once_centers_are_known(officer: Api, *, centers: int) -> Document:
    """Casefile knows centers from registry's events alone; a plan that came before them is dropped."""
    deadline = time.monotonic() + EVENTS_SECONDS
    while True:
        plan = officer.post("/v1/distributions", {"jurisdiction": PROVINCE, "on": OPENING_DAY.isoformat()})
        known = sum(1 for _ in officer.items(f"/v1/distributions/{plan['id']}/centers"))
        if known >= centers:
            return plan
        officer.post(f"/v1/distributions/{plan['id']}:drop", version=plan["version"])
        if time.monotonic() > deadline:
            raise Refusal(f"Casefile has heard of {known} of {centers} open centers: do events flow?")
        time.sleep(0.2)


def read_back(officer: Api, protocol: Protocol) -> Report:
    """The report is made from what the platform says now, not from what was sent."""
    with protocol.step("خواندن نتیجه", "Read everything back") as doing:
        counties = {county.code: county for county in COUNTIES}
        centers = {
            each["code"]: Center(
                each["code"],
                each["name_fa"],
                each["name_en"] or each["code"],
                counties[each["county"]],
                Point(each["latitude"], each["longitude"]),
            )
            for each in known_centers(officer).values()
            if each["status"] in {"open", "suspended"}
        }
        rivals = {code: [each for each in centers.values() if each.county.code == code] for code in counties}
        waiting: Counter[str] = Counter()
        for line in officer.lines("/v1/case-files:export"):
            file = json.loads(line)
            if file["status"] == "closed":
                continue
            if file["jurisdiction"] in counties:
                waiting[file["jurisdiction"]] += 1
            else:
                center = centers[file["jurisdiction"]]
                center.homes.append(_home(file, center, rivals[center.county.code]))
        report = Report(COUNTIES, list(centers.values()), dict(waiting), protocol.steps)
        total, said = report.province, officer.get("/v1/case-files:summary")
        if (total.files + total.waiting) != said["files"]:
            raise Refusal(f"The export has {total.files + total.waiting:,} files, the summary {said['files']:,}.")
        doing.result = f"{said['files']:,} files, {said['persons']:,} persons"
    return report


def sign_in_staff(running: Running, report: Report, protocol: Protocol) -> None:
    """The manager of each center: sees the files of the center, and of the next one not even that they exist."""
    with protocol.step("ورود مسئولان مرکزها", "Sign in each center's manager", total=len(report.centers)) as doing:
        foreign: str | None = None
        for center in [*report.centers, report.centers[0]]:
            with Api(running, Role.CENTER_MANAGER, center.code) as manager:
                seen = manager.get("/v1/case-files:summary")["files"]
                if seen != center.load:
                    raise Refusal(f"The manager of {center.code} sees {seen} files instead of {center.load}.")
                if foreign is not None and (status := manager.status(f"/v1/case-files/{foreign}")) != 404:
                    raise Refusal(f"The manager of {center.code} got {status} for a file of another center.")
                foreign = next((each["id"] for each in manager.get("/v1/case-files", limit=1)["items"]), foreign)
            doing.advance()
        doing.result = f"{len(report.centers)} see their own files only"


def hear_events(running: Running, report: Report, protocol: Protocol) -> None:
    """What a center's own program hears from the beginning on: each of its files, and nothing of anybody else's."""
    center = min(report.centers, key=lambda each: each.load)
    with (
        protocol.step("رویدادهای یک مرکز", "Hear the events of one center", total=center.load) as doing,
        Api(running, Role.CENTER_MANAGER, center.code) as manager,
    ):
        came: set[str] = set()
        for event in manager.events(after="casefile.0", within=EVENTS_SECONDS):
            if event["jurisdiction"] != center.code:
                raise Refusal(f"The manager of {center.code} heard an event of {event['jurisdiction']}.")
            if event["type"].startswith(ARRIVALS) and event["subject"] not in came:
                came.add(event["subject"])
                doing.advance()
                if len(came) >= center.load:
                    break
        doing.result = f"{center.name_en}: {len(came)} files came to it"


def known_centers(officer: Api) -> dict[str, Document]:
    """The province's centers by Persian name."""
    return {center["name_fa"]: center for center in officer.items("/v1/centers", jurisdiction=PROVINCE)}


def _planned(site: CenterSite) -> Document:
    return {
        "county": site.county.code,
        "name_fa": site.name_fa,
        "name_en": site.name_en,
        "area_class": site.settlement.area_class,
        "latitude": site.point.latitude,
        "longitude": site.point.longitude,
        "licence_reference": f"1399/{site.county.code}/{site.number}",
        "address": f"{site.county.name_fa}، {site.settlement.name_fa}",
        "address_since": OPENING_DAY.isoformat(),
    }


def _home(file: Document, center: Center, rivals: Sequence[Center]) -> Home:
    born = tuple(member["birth_date"] for member in file["members"] if member["birth_date"])
    if file["latitude"] is None:
        return Home(file["member_count"], born=born)
    point = Point(file["latitude"], file["longitude"])
    metres = point.metres_to(center.point)
    nearer = sum(point.metres_to(each.point) < metres for each in rivals if each is not center)
    return Home(file["member_count"], OnMap(point, metres, nearer + 1), born)


def _dealt_with(job: Document) -> int:
    return int(job["landed"] + job["unchanged"] + job["refused"])


def _done(new: int, old: int, new_word: str, old_word: str) -> str:
    parts = [f"{new:,} {new_word}"] if new or not old else []
    return ", ".join([*parts, f"{old:,} {old_word} already"] if old else parts)
