"""A file as it was at any moment of its past."""

from datetime import datetime, timedelta
from random import Random

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened, person, version_of
from distribution_samples import BIRJAND, applied, know_center, know_rule, planned
from life_event_samples import KINDS, approved, details, recorded
from transfer_samples import moved
from visit_samples import recorded as visited

from shared.chassis.actor import Actor
from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running


async def as_of(client: httpx.AsyncClient, file: Json, at: str) -> httpx.Response:
    return await client.get(f"/v1/case-files/{file['id']}:as-of", params={"at": at})


class Household:
    """A file that is changed at random, with all that was read of it at each version."""

    def __init__(self, random: Random, file: Json, *, changes: httpx.AsyncClient, decides: httpx.AsyncClient,
                 looks: httpx.AsyncClient) -> None:  # fmt: skip
        self.random = random
        self.file = file
        self.changes, self.decides, self.looks = changes, decides, looks
        self.address = f"/v1/case-files/{file['id']}"
        self.seen: list[tuple[Json, Json]] = []

    async def look(self) -> None:
        self.file, unrestricted = [
            (await client.get(self.address)).raise_for_status().json() for client in (self.changes, self.looks)
        ]
        self.seen.append((self.file, unrestricted))

    async def live(self) -> None:
        """Let one thing happen that is possible now."""
        others = self.file["members"][1:]
        possible = [self.changed, self.joined, self.stepped, *[self.member_changed] * 2]
        if others:
            possible += [self.left, self.headed]
        if len(others) > 1:
            possible += [self.happened] * 3
        await self.random.choice(possible)()
        await self.look()

    async def _send(self, method: str, path: str, resource: Json | None = None, **said: object) -> None:
        headers = {} if resource is None else version_of(resource)
        answer = await self.changes.request(method, self.address + path, headers=headers, **said)  # type: ignore[arg-type]
        assert answer.is_success, answer.text

    async def changed(self) -> None:
        fields: list[Json] = [
            {"decile": self.random.randint(1, 10), "insurance": self.random.choice(["rural", "none", None])},
            {"address": f"کوچهٔ {self.random.random()}", "income_sources": self.random.sample(["wage", "rent"], 2)},
            {"latitude": 30 + self.random.random(), "longitude": 59.5, "mobile": None},
            {"payer_category": self.random.choice(["pensioner", None]), "pensioner": self.random.random() < 0.5},
            {
                "tenure": self.random.choice(["owned", "rented"]),
                "area_class": "rural",
                "residence_since": "2020-01-01",
            },
        ]
        await self._send("PATCH", "", self.file, json=self.random.choice(fields))

    async def joined(self) -> None:
        restricted = {"addiction": self.random.random() < 0.5}
        await self._send(
            "POST", "/members", json=person(restricted=restricted, given_name=f"زهرا {self.random.random()}")
        )

    async def member_changed(self) -> None:
        member = self.random.choice(self.file["members"])
        fields: list[Json] = [
            {"restricted": {"prison": self.random.random() < 0.5, "missing": self.random.random() < 0.5}},
            {"identity": None, "occupation": f"کار {self.random.random()}"},
            {"identity": person()["identity"]},
            {"disability_type": "vision", "disability_severity": self.random.choice(["mild", "severe"])},
            {"family_name": f"نام {self.random.random()}", "birth_date": "1980-02-03"},
        ]
        await self._send("PATCH", f"/members/{member['id']}", member, json=self.random.choice(fields))

    async def left(self) -> None:
        member = self.random.choice(self.file["members"][1:])
        await self._send("DELETE", f"/members/{member['id']}", member, params={"reason": "moved-out"})

    async def headed(self) -> None:
        head = self.random.choice(self.file["members"][1:])
        body = {"head": head["id"], "former_head": self.random.choice(["parent", "sibling"])}
        await self._send("POST", ":change-head", self.file, json=body)

    async def stepped(self) -> None:
        if self.file["status"] == "suspended":
            await self._send("POST", ":resume", self.file)
        elif self.file["status"] == "active":
            await self._send("POST", ":suspend", self.file, json={"reason": "not-found"})

    async def happened(self) -> None:
        kind = self.random.choice(KINDS)
        first = {"members": self.file["members"][:3]}
        event = await recorded(self.changes, self.file, kind, details(kind, first), happened_on=today().isoformat())
        if event["status"] == "pending":
            await approved(self.decides, event)


@pytest.mark.parametrize("seed", range(4))
async def test_every_version_reads_as_it_was_read_then(running: Running, client_as: ClientAs, seed: int) -> None:
    await know_center(running, CENTER, BIRJAND)
    await know_rule(running, "maximum", 3)
    county = await client_as("county-officer", "2901")
    file = await opened(
        county, person("head"), person("spouse"), person(), jurisdiction="2901", status="waiting",
        latitude=32.8, longitude=59.2,
    )  # fmt: skip
    household = Household(
        Random(seed), file,
        changes=county,
        decides=await client_as("county-officer", "2901", subject="another"),
        looks=await client_as("auditor", "2901"),
    )  # fmt: skip
    await household.look()
    for _ in range(5):
        await household.live()
    await applied(county, await planned(county, "2901"))
    await household.look()
    assert household.file["jurisdiction"] == CENTER
    await know_center(running, NEIGHBOUR, BIRJAND)
    for _ in range(25):
        await household.live()
    if household.file["status"] == "suspended":
        await household.stepped()
        await household.look()
    managers = [await client_as("center-manager", center) for center in (CENTER, NEIGHBOUR)]
    changes = {"decile": household.file["decile"] or 3, "address": "نشانی تازه", "tenure": "rented"}
    await visited(managers[0], file, changes=changes, file_version=household.file["version"])
    await household.look()
    await moved(*managers, household.file, NEIGHBOUR)
    await household.look()
    assert household.file["jurisdiction"] == NEIGHBOUR
    await county.post(f"{household.address}:close", json={"reason": "empowered"}, headers=version_of(household.file))
    await household.look()

    assert household.file["version"] > 20
    for then, unrestricted in household.seen:
        for client, shown in ((county, then), (household.looks, unrestricted)):
            answer = await as_of(client, file, then["updated_at"])
            assert answer.status_code == 200, answer.text
            assert answer.json() == shown


async def test_between_two_versions_the_earlier_one_held(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, decile=1)
    answer = await worker.patch(f"/v1/case-files/{file['id']}", json={"decile": 2}, headers=version_of(file))
    changed = answer.json()
    just_before = datetime.fromisoformat(changed["updated_at"]) - timedelta(microseconds=1)
    assert (await as_of(worker, file, just_before.isoformat())).json() == file
    assert (await as_of(worker, file, changed["updated_at"])).json() == changed
    before = datetime.fromisoformat(file["created_at"]) - timedelta(microseconds=1)
    assert code_of(await as_of(worker, file, before.isoformat())) == (404, "not-yet-opened")


async def test_a_day_means_its_end(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, decile=1)
    answer = await worker.patch(f"/v1/case-files/{file['id']}", json={"decile": 2}, headers=version_of(file))
    assert (await as_of(worker, file, today().isoformat())).json() == answer.json()
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert code_of(await as_of(worker, file, yesterday)) == (404, "not-yet-opened")


@pytest.mark.parametrize(
    "at", ["", "yesterday", "1700000000", "2026-13-01", "2999-01-01", "9999-12-31", "2999-01-01T00:00:00Z",
           "2026-05-01T10:00:00", "2026-05-01T25:00:00Z"]
)  # fmt: skip
async def test_what_is_no_moment_of_the_past_is_refused(worker: httpx.AsyncClient, at: str) -> None:
    file = await opened(worker)
    answer = await as_of(worker, file, at)
    assert code_of(answer) == (422, "invalid-input")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/query/at"]
    missing = await worker.get(f"/v1/case-files/{file['id']}:as-of")
    assert code_of(missing) == (422, "invalid-input")


async def test_whoever_has_the_file_now_reads_its_past_and_nobody_else(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, running: Running
) -> None:
    file = await opened(worker)
    assert code_of(await as_of(neighbour, file, file["updated_at"])) == (404, "not-found")
    async with running.database.command(Actor.system("casefile")) as command:
        for table, key in (("case_file", "id"), ("member", "case_file_id")):
            await command.connection.execute(
                f"UPDATE {table} SET jurisdiction = $2 WHERE {key} = $1", file["id"], NEIGHBOUR
            )
        await command.connection.execute(
            "UPDATE case_file SET version = 2, updated_at = $2 WHERE id = $1", file["id"], command.now
        )
        await command.connection.execute(
            "INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, changes)"
            """ VALUES ($1, 2, $2, $3, 'x', 'moved', '{"jurisdiction": ["2901003", "2901001"]}')""",
            file["id"], NEIGHBOUR, command.now,
        )  # fmt: skip
    assert code_of(await as_of(worker, file, file["updated_at"])) == (404, "not-found")
    assert (await as_of(neighbour, file, file["updated_at"])).json() == file


async def test_a_head_of_whom_too_little_was_kept_is_not_made_up(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, person("head"), person())
    head, child = (member["id"] for member in file["members"])
    async with running.database.command(Actor.system("casefile")) as command:
        await command.connection.execute("UPDATE case_file SET version = 2 WHERE id = $1", file["id"])
        await command.connection.execute(
            "INSERT INTO case_file_history (case_file_id, version, jurisdiction, at, actor, action, member_id, changes)"
            " VALUES ($1, 2, $2, $3, 'x', 'head-changed', $4, jsonb_build_object('head', jsonb_build_array($5::text)))",
            file["id"], CENTER, command.now, child, head,
        )  # fmt: skip
    answer = await as_of(worker, file, file["updated_at"])
    assert code_of(answer) == (409, "history-incomplete")
    assert answer.json()["before_version"] == 2
