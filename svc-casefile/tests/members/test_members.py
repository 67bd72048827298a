"""Members of a household: who joins, changes and leaves, and that a person is in one open household only."""

import asyncio

import httpx
from casefile_samples import NEIGHBOUR, Json, code_of, household, opened, person, pointers, version_of

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running


def _members(file: Json) -> str:
    return f"/v1/case-files/{file['id']}/members"


async def test_a_person_joins(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker)
    born = person("grandchild", identity=None, birth_date="2026-11-01")
    answer = await worker.post(_members(file), json=born)
    assert answer.status_code == 201, answer.text
    assert (await worker.get(answer.headers["Location"])).json() == answer.json()
    after = (await worker.get(f"/v1/case-files/{file['id']}")).json()
    assert (after["member_count"], after["version"]) == (2, 2)
    assert after["members"][1] == answer.json()
    (_, event) = await running.events(count=2)
    assert (event.data["changed"], event.data["member_count"], len(event.data["members"])) == (["members"], 2, 2)


async def test_a_member_changes(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child", identity=None))
    child = file["members"][1]
    answer = await worker.patch(
        f"{_members(file)}/{child['id']}",
        json={"identity": person()["identity"], "family_name": "كريمي", "restricted": {"missing": True}},
        headers=version_of(child),
    )
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["version"], answer.headers["ETag"]) == (2, '"2"')
    assert changed["restricted"] == {"addiction": False, "prison": False, "missing": True}
    entry = (await worker.get(f"/v1/case-files/{file['id']}/history")).json()["items"][0]
    assert (entry["action"], entry["member_id"]) == ("member-changed", child["id"])
    assert entry["changes"]["family_name"] == ["احمدی", "کریمی"]
    found = await worker.post("/v1/case-files:search", json={"name": "کریمی"})
    assert [hit["matched"]["id"] for hit in found.json()["items"]] == [child["id"]]


async def test_a_member_leaves_and_stays_known(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child"))
    child = file["members"][1]
    answer = await worker.delete(f"{_members(file)}/{child['id']}?reason=married", headers=version_of(child))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["left_on"], answer.json()["left_reason"]) == (today().isoformat(), "married")
    present = (await worker.get(_members(file))).json()["items"]
    former = (await worker.get(f"{_members(file)}?former=true")).json()["items"]
    assert ([each["relation"] for each in present], [each["id"] for each in former]) == (["head"], [child["id"]])
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json()["member_count"] == 1
    again = await worker.delete(f"{_members(file)}/{child['id']}?reason=married", headers=version_of(answer.json()))
    assert code_of(again) == (404, "not-found")
    # and the person can begin a household of their own
    await opened(worker, person("head", identity=child["identity"]))


async def test_there_is_always_one_head(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("spouse"))
    head, spouse = file["members"]
    refused = await worker.delete(f"{_members(file)}/{head['id']}?reason=deceased", headers=version_of(head))
    assert code_of(refused) == (409, "head-is-needed")
    refused = await worker.patch(
        f"{_members(file)}/{head['id']}", json={"relation": "parent"}, headers=version_of(head)
    )
    assert code_of(refused) == (409, "head-is-needed")
    refused = await worker.patch(
        f"{_members(file)}/{spouse['id']}", json={"relation": "head"}, headers=version_of(spouse)
    )
    assert code_of(refused) == (409, "one-head-only")
    assert code_of(await worker.post(_members(file), json=person("head"))) == (409, "one-head-only")
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


async def test_versions_are_the_members_own(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child"), person("child"))
    _, first, second = file["members"]
    for member in (first, second):
        address = f"{_members(file)}/{member['id']}"
        answer = await worker.patch(address, json={"education": "primary"}, headers=version_of(member))
        assert answer.status_code == 200, answer.text
        stale = await worker.patch(address, json={"education": "diploma"}, headers=version_of(member))
        assert code_of(stale) == (412, "precondition-failed")
        missing = await worker.patch(address, json={"education": "diploma"})
        assert code_of(missing) == (428, "precondition-required")


async def test_bad_members_are_refused(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child"))
    child = file["members"][1]
    address = f"{_members(file)}/{child['id']}"
    for body, code, pointer in (
        ({"given_name": None}, "invalid-input", ["/given_name"]),
        ({"relation": None}, "invalid-input", ["/relation"]),
        ({"given_name": "\u200c \u0640"}, "invalid-input", ["/given_name"]),
        ({"identity": {"type": "passport", "value": "پاس"}}, "invalid-input", ["/identity/value"]),
        ({"identity": {"type": "national"}}, "invalid-input", ["/identity/value"]),
        ({"birth_date": "1869-12-31"}, "invalid-input", ["/birth_date"]),
        ({"restricted": {"rich": True}}, "invalid-input", ["/restricted/rich"]),
        ({"case_file_id": file["id"]}, "invalid-input", ["/case_file_id"]),
        ({"disability_severity": "mild"}, "severity-without-disability", []),
    ):
        answer = await worker.patch(address, json=body, headers=version_of(child))
        assert (code_of(answer), pointers(answer)) == ((422, code), pointer)
    for query in ("", "?reason=bored", "?reason=deceased&left_on=2999-01-01", "?reason=deceased&why=1"):
        answer = await worker.delete(address + query, headers=version_of(child))
        assert answer.status_code == 422
    assert (await worker.get(address)).json() == child


async def test_a_household_has_an_end(worker: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), *(person(identity=None) for _ in range(39)))
    assert code_of(await worker.post(_members(file), json=person())) == (409, "household-full")


# a person is in one open household only


async def test_a_person_of_the_same_center_is_named(worker: httpx.AsyncClient) -> None:
    known = await opened(worker, person("head"), person("child"))
    twin = person("spouse", identity=known["members"][1]["identity"])
    answer = await worker.post("/v1/case-files", json=household(person("head"), twin))
    assert code_of(answer) == (409, "person-already-in-case-file")
    assert pointers(answer) == ["/members/1/identity"]
    assert answer.json()["case_files"] == [
        {"pointer": "/members/1/identity", "id": known["id"], "number": known["number"]}
    ]
    assert (await worker.get("/v1/case-files:summary")).json()["files"] == 1


async def test_of_a_person_elsewhere_nothing_is_told(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient, client_as: ClientAs
) -> None:
    known = await opened(neighbour, person("head"), address="خیابان طالقانی")
    answer = await worker.post(
        "/v1/case-files", json=household(person("head", identity=known["members"][0]["identity"]))
    )
    assert code_of(answer) == (409, "person-already-in-case-file")
    assert pointers(answer) == ["/members/0/identity"]
    assert answer.json()["case_files"] == []
    for secret in (known["id"], known["number"], NEIGHBOUR, "طالقانی", known["members"][0]["identity"]["value"]):
        assert secret not in answer.text
    # for the county, both centers are its own
    officer = await client_as("county-officer", "2901")
    answer = await officer.post(
        "/v1/case-files", json=household(person("head", identity=known["members"][0]["identity"]))
    )
    assert [each["number"] for each in answer.json()["case_files"]] == [known["number"]]


async def test_joining_and_being_recognised_obey_the_same_rule(
    worker: httpx.AsyncClient, neighbour: httpx.AsyncClient
) -> None:
    taken = (await opened(neighbour))["members"][0]["identity"]
    file = await opened(worker, person("head"), person("child", identity=None))
    joining = await worker.post(_members(file), json=person(identity=taken))
    child = file["members"][1]
    recognised = await worker.patch(
        f"{_members(file)}/{child['id']}", json={"identity": taken}, headers=version_of(child)
    )
    for answer in (joining, recognised):
        assert code_of(answer) == (409, "person-already-in-case-file")
        assert (pointers(answer), answer.json()["case_files"]) == (["/identity"], [])
    assert (await worker.get(f"/v1/case-files/{file['id']}")).json() == file


async def test_a_closed_file_lets_its_persons_go(worker: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
    file = await opened(worker, person("head"), person("child"))
    closed = await worker.post(
        f"/v1/case-files/{file['id']}:close", json={"reason": "ineligible"}, headers=version_of(file)
    )
    assert closed.json()["member_count"] == 2
    await opened(neighbour, person("head", identity=file["members"][1]["identity"]))


async def test_a_temporary_id_is_nobodys_alone(worker: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
    agreed = {"type": "temporary", "value": "T-0001"}
    await opened(worker, person("head", identity=agreed))
    await opened(neighbour, person("head", identity=agreed))


async def test_of_many_at_once_one_gets_the_person(worker: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
    wanted = person("head")
    answers = await asyncio.gather(
        *(client.post("/v1/case-files", json=household(wanted)) for client in (worker, neighbour) * 4)
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    files = [await opened(worker, person("head")) for _ in range(4)]
    wanted = person()
    answers = await asyncio.gather(*(worker.post(_members(file), json=wanted) for file in files))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {code_of(each)[1] for each in answers if each.status_code == 409} == {"person-already-in-case-file"}
