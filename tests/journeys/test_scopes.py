"""Files that are opened, changed, distributed and closed in any order: each scope sees what is its own at every step.

A model in memory says for each file the one place that is responsible for it. After every step each scope is asked over
HTTP and has to show exactly the files that the model gives it; in the end whoever followed the events has to know the
same. The steps are random, and for a seed always the same.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import httpx
import pytest
from joserfc.jwk import OKPKey

from shared.chassis.actor import Actor
from shared.chassis.service import Service
from shared.contracts.registry import CenterOpenedV1, CenterSuspendedV1
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Cluster, Running
from tests.samples import OPENING_DAY, Everything, Json, eventually, household, know_centers, running

SEEDS, STEPS = range(3), 60
FILES_PER_CENTER = 5
"""So few that centers fill up."""

PROVINCE, STRANGER = Jurisdiction("29"), Jurisdiction("09")
COUNTIES = [Jurisdiction("2901"), Jurisdiction("2902")]
CENTERS = [Jurisdiction(code) for code in ("2901001", "2901002", "2902001")]
PLACES = [*COUNTIES, *CENTERS]
SCOPES = [Jurisdiction("IR"), PROVINCE, *PLACES, Jurisdiction("2903"), STRANGER]


@dataclass
class File:
    id: str
    version: int
    status: str
    places: list[Jurisdiction]
    """Where it has been, in order; the last one is responsible."""

    @property
    def place(self) -> Jurisdiction:
        return self.places[-1]


@dataclass
class Plan:
    id: str
    place: Jurisdiction
    version: int
    status: str
    goes_to: Mapping[str, Jurisdiction]
    """File → center, of those that were placed."""
    seen: Mapping[str, int]
    """File → its version when the plan was made."""


class Journey:
    """People at work on the files of a province, and what they must see of it."""

    def __init__(self, casefile: Running, clients: Mapping[Jurisdiction, httpx.AsyncClient], random: Random) -> None:
        self.casefile = casefile
        self.clients = clients
        self.random = random
        self.files: dict[str, File] = {}
        self.plans: list[Plan] = []
        self.open = dict.fromkeys(CENTERS, True)
        self.heard = dict.fromkeys(CENTERS, 1)
        """How often each center was announced, which is its version."""
        self.done: Counter[str] = Counter()
        """What was asked and how it ended."""

    async def ask(
        self, scope: Jurisdiction, method: str, path: str, body: Json | None = None, *, version: int | None = None
    ) -> httpx.Response:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.clients[scope].request(method, path, json=body, headers=headers)

    def somebody(self, place: Jurisdiction) -> Jurisdiction:
        """A scope to act in: four times of five one that covers the place."""
        covering = [scope for scope in SCOPES if scope.covers(place)]
        return self.random.choice(covering if self.random.random() < 0.8 else SCOPES)

    def ended(self, step: str, answer: httpx.Response) -> str:
        """How a step ended, in a word: the code of the problem, or `done`."""
        word = "done" if answer.is_success else str(answer.json()["code"])
        self.done[f"{step}: {word}"] += 1
        return word

    # what people do

    async def open_a_file(self) -> None:
        place = self.random.choice([*COUNTIES * 3, *CENTERS])
        scope, draft = self.somebody(place), self.random.random() < 0.2
        body = household(jurisdiction=str(place)) | ({"status": "draft"} if draft else {})
        answer = await self.ask(scope, "POST", "/v1/case-files", body)
        expected = (
            "scope-forbidden"
            if not scope.covers(place)
            else "center-not-open"
            if not self.open.get(place, True)
            else "done"
        )
        assert self.ended("open", answer) == expected
        if answer.is_success:
            file = answer.json()
            status = "draft" if draft else "active" if place in CENTERS else "waiting"
            assert (file["jurisdiction"], file["status"]) == (str(place), status)
            self.files[file["id"]] = File(file["id"], file["version"], status, [place])

    async def take_a_step(self) -> None:
        file = self.random.choice([*self.files.values()])
        scope, step = self.somebody(file.place), self.random.choice([*STEPS_OF_A_FILE])
        body = {"suspend": {"reason": "not-found"}, "close": {"reason": "empowered"}}.get(step)
        answer = await self.ask(scope, "POST", f"/v1/case-files/{file.id}:{step}", body, version=file.version)
        sources, reached = STEPS_OF_A_FILE[step]
        expected = (
            "not-found"
            if not scope.covers(file.place)
            else "step-not-allowed"
            if file.status not in sources
            else "active-only-at-center"
            if reached == "active" and file.place not in CENTERS
            else "done"
        )
        assert self.ended(step, answer) == expected
        if answer.is_success:
            file.status, file.version = reached, file.version + 1
            assert answer.json()["version"] == file.version

    async def change_a_file(self) -> None:
        file = self.random.choice([*self.files.values()])
        scope, stale = self.somebody(file.place), self.random.random() < 0.3
        body = {"decile": self.random.randint(1, 10)}
        answer = await self.ask(scope, "PATCH", f"/v1/case-files/{file.id}", body, version=file.version - stale)
        expected = (
            "not-found"
            if not scope.covers(file.place)
            else "precondition-failed"
            if stale
            else "case-file-closed"
            if file.status == "closed"
            else "done"
        )
        assert self.ended("change", answer) == expected
        if answer.is_success:
            assert answer.json()["jurisdiction"] == str(file.place)
            assert answer.json()["version"] in {file.version, file.version + 1}  # the same decile changes nothing
            file.version = answer.json()["version"]

    async def plan_a_distribution(self) -> None:
        place = self.random.choice([PROVINCE, *COUNTIES])
        scope = self.somebody(place)
        body = {"jurisdiction": str(place), "on": OPENING_DAY}
        answer = await self.ask(scope, "POST", "/v1/distributions", body)
        assert self.ended("plan", answer) == ("done" if scope.covers(place) else "scope-forbidden")
        if not answer.is_success:
            return
        plan = answer.json()
        waiting = {file.id for file in self.files.values() if file.status == "waiting" and _waits_in(file, place)}
        assert plan["files"] == len(waiting)
        placements = (await self.ask(scope, "GET", f"/v1/distributions/{plan['id']}/placements?limit=200")).json()
        assert {each["case_file_id"] for each in placements["items"]} == waiting
        goes_to = {each["case_file_id"]: Jurisdiction(each["center"]) for each in placements["items"] if each["center"]}
        for center, gain in Counter(goes_to.values()).items():
            assert self.open[center]
            assert self.load(center) + gain <= FILES_PER_CENTER
        assert all(self.files[file].place.covers(center) for file, center in goes_to.items())
        seen = {file: self.files[file].version for file in goes_to}
        self.plans.append(Plan(plan["id"], place, plan["version"], "planned", goes_to, seen))

    async def decide_on_a_plan(self) -> None:
        plan = self.random.choice(self.plans[-2:])
        scope, verb = self.somebody(plan.place), self.random.choice(["apply"] * 5 + ["drop"])
        answer = await self.ask(scope, "POST", f"/v1/distributions/{plan.id}:{verb}", version=plan.version)
        expected = (
            "not-found"
            if not scope.covers(plan.place)
            else "distribution-decided"
            if plan.status != "planned"
            else "distribution-outdated"
            if verb == "apply" and self.outrun(plan)
            else "done"
        )
        assert self.ended(verb, answer) == expected
        if answer.is_success:
            plan.version, plan.status = answer.json()["version"], answer.json()["status"]
            for file_id, center in plan.goes_to.items() if verb == "apply" else ():
                file = self.files[file_id]
                file.status, file.version = "active", file.version + 1
                file.places.append(center)

    async def hear_of_a_center(self) -> None:
        """That it is suspended, or open again."""
        center = self.random.choice(CENTERS)
        self.open[center], self.heard[center] = not self.open[center], self.heard[center] + 1
        fact = CenterOpenedV1 if self.open[center] else CenterSuspendedV1
        event = fact(
            code=str(center),
            jurisdiction=center,
            version=self.heard[center],
            status="open" if self.open[center] else "suspended",
            name_fa="مرکز",
            area_class="urban",
            latitude=32.87,
            longitude=59.22,
        )
        await self.casefile.publish(event)

        async def known() -> bool:
            async with self.casefile.database.query(Actor.system("casefile")) as query:
                version = await query.fetchval("SELECT version FROM center WHERE code = $1", event.code)
                return bool(version == event.version)

        await eventually(known)

    # what the model knows

    def load(self, center: Jurisdiction) -> int:
        loading = {"waiting", "active", "suspended"}
        return sum(file.place == center and file.status in loading for file in self.files.values())

    def outrun(self, plan: Plan) -> bool:
        gains = Counter(plan.goes_to.values())
        files = (self.files[file] for file in plan.goes_to)
        return any(
            not self.open[center] or self.load(center) + gain > FILES_PER_CENTER for center, gain in gains.items()
        ) or any((file.version, file.status) != (plan.seen[file.id], "waiting") for file in files)

    # what has to hold

    async def each_scope_sees_its_own(self) -> None:
        for scope in SCOPES:
            page = (await self.ask(scope, "GET", "/v1/case-files?limit=200")).json()
            shown = {each["id"]: (each["jurisdiction"], each["status"], each["version"]) for each in page["items"]}
            own = [file for file in self.files.values() if scope.covers(file.place)]
            assert shown == {file.id: (str(file.place), file.status, file.version) for file in own}, scope

    async def everybody_asks_for_a_file(self) -> None:
        file = self.random.choice([*self.files.values()])
        for scope in SCOPES:
            answers = [
                await self.ask(scope, "GET", f"/v1/case-files/{file.id}{path}") for path in ("", "/members", "/history")
            ]
            assert {answer.status_code for answer in answers} == {200 if scope.covers(file.place) else 404}, scope
            if answers[-1].is_success:
                places = [Jurisdiction(each["jurisdiction"]) for each in reversed(answers[-1].json()["items"])]
                assert list(dict.fromkeys(places)) == file.places
            own = [each for each in self.files.values() if scope.covers(each.place) and each.status != "closed"]
            counts = (await self.ask(scope, "GET", "/v1/case-files:summary")).json()
            assert (counts["files"], counts["persons"]) == (len(own), 2 * len(own)), scope

    async def persons_are_where_their_file_is(self) -> None:
        async with self.casefile.database.query(Actor.system("casefile")) as query:
            apart = await query.fetchval(
                "SELECT count(*) FROM member JOIN case_file ON case_file.id = member.case_file_id"
                " WHERE member.jurisdiction <> case_file.jurisdiction"
            )
        assert apart == 0

    async def events_tell_the_same(self) -> None:
        """Whoever follows the events has at every instant one place for each file, and in the end the right one."""
        async with self.casefile.database.query(Actor.system("casefile")) as query:
            count = await query.fetchval("SELECT count(*) FROM outbox WHERE type LIKE 'pl.casefile.case-file.%'")
        places: dict[str, list[Jurisdiction]] = {}
        left: dict[str, Jurisdiction] = {}
        for event in await self.casefile.events(count=count, type="pl.casefile.case-file"):
            fact, file, place = event.type.split(".")[3], event.data["case_file_id"], event.jurisdiction
            match fact:
                case "opened":
                    assert file not in places
                    places[file] = [place]
                case "left":
                    assert places[file][-1] == place
                    left[file] = Jurisdiction(event.data["destination"])
                case "moved":
                    assert places[file][-1] == Jurisdiction(event.data["previous_jurisdiction"])
                    assert left.pop(file) == place
                    places[file].append(place)
                case _:
                    assert places[file][-1] == place
        assert places == {file.id: file.places for file in self.files.values()}
        assert not left


STEPS_OF_A_FILE: Mapping[str, tuple[Sequence[str], str]] = {
    "submit": (["draft"], "waiting"),
    "activate": (["draft", "waiting"], "active"),
    "suspend": (["active"], "suspended"),
    "resume": (["suspended"], "active"),
    "close": (["draft", "waiting", "active", "suspended"], "closed"),
}


def _waits_in(file: File, place: Jurisdiction) -> bool:
    return file.place in COUNTIES and place.covers(file.place)


@pytest.fixture
async def casefile(services: Mapping[str, Service], cluster: Cluster, actor_key: OKPKey) -> AsyncIterator[Running]:
    async with running(services["casefile"], cluster=cluster, key=actor_key) as served:
        await know_centers(served, *map(str, CENTERS), maximum=FILES_PER_CENTER)
        yield served


@pytest.mark.parametrize("seed", SEEDS)
async def test_each_scope_sees_its_own_at_every_step(casefile: Running, actor_key: OKPKey, seed: int) -> None:
    clients = {}
    for scope in SCOPES:
        clients[scope] = await casefile.client()
        clients[scope].auth = Everything(str(scope), audience="casefile", key=actor_key)
    journey = Journey(casefile, clients, Random(seed))
    for _ in range(6):
        await journey.open_a_file()
    weights: Mapping[Callable[[], Awaitable[None]], int] = {
        journey.open_a_file: 9,
        journey.take_a_step: 4,
        journey.change_a_file: 2,
        journey.plan_a_distribution: 3,
        journey.decide_on_a_plan: 4,
        journey.hear_of_a_center: 1,
        journey.everybody_asks_for_a_file: 2,
    }
    while not journey.plans:
        await journey.plan_a_distribution()
    for _ in range(STEPS):
        (step,) = journey.random.choices([*weights], [*weights.values()])
        await step()
        await journey.each_scope_sees_its_own()
    await journey.persons_are_where_their_file_is()
    await journey.events_tell_the_same()
    moved = sum(len(file.places) > 1 for file in journey.files.values())
    assert moved >= 3, f"the steps of this seed prove little: {journey.done}"
