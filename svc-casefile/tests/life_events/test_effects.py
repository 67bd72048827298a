"""What each kind of event does to the file, and that what it replaced is still known."""

import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened, person, pointers
from life_event_samples import (
    APPLIED_AT_ONCE,
    address_of,
    approved,
    decided,
    details,
    members_of,
    parametrised_by_kind,
    read,
    recorded,
)

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER)


@pytest.fixture
async def file(worker: httpx.AsyncClient) -> Json:
    """A head of 36, a spouse and a child."""
    return await opened(
        worker,
        person("head", birth_date="1990-05-01"),
        person("spouse", birth_date="1992-01-01", sex="male"),
        person("child", birth_date="2010-01-01"),
        address="خیابان مدرس",
        postal_code="9717853577",
        area_class="urban",
        mobile="09151234567",
    )


async def took_effect(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json, kind: str, said: Json, **deciding: object
) -> Json:
    event = await recorded(worker, file, kind, said)
    return event if kind in APPLIED_AT_ONCE else await approved(manager, event, **deciding)


@parametrised_by_kind
async def test_an_event_changes_the_file_when_it_is_approved_and_says_which_versions_it_made(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json, kind: str
) -> None:
    event = await recorded(worker, file, kind, details(kind, file), evidence="سند ۱۲", reported_on="2026-05-20")
    assert (event["kind"], event["happened_on"], event["reported_on"]) == (kind, "2026-05-01", "2026-05-20")
    if kind in APPLIED_AT_ONCE:
        assert (event["status"], event["approved_by"]) == ("applied", None)
    else:
        assert (event["status"], event["settled_at"], event["last_version"]) == ("pending", None, None)
        assert await read(worker, file) == file
        event = await approved(manager, event)
        assert (event["status"], event["approved_by"]) == ("applied", f"center-manager@{CENTER}")
    now = await read(worker, file)
    assert event["recorded_by"] == f"social-worker@{CENTER}"
    assert (event["first_version"], event["last_version"]) == (2, now["version"])
    assert (await worker.get(address_of(event))).json() == event
    before = await worker.get(f"/v1/case-files/{file['id']}:as-of", params={"at": file["updated_at"]})
    assert before.json() == file


async def test_a_child_is_born_on_the_day_of_the_event(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    await took_effect(worker, manager, file, "birth", details("birth", file))
    newborn = [each for each in (await read(worker, file))["members"] if each["given_name"] == "آرش"]
    assert [(each["relation"], each["birth_date"]) for each in newborn] == [("child", "2026-05-01")]


async def test_a_member_dies_and_is_no_longer_of_the_household(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    child = file["members"][2]["id"]
    await took_effect(worker, manager, file, "death", {"member_id": child})
    now = await read(worker, file)
    assert (now["status"], now["member_count"], len(now["members"])) == ("active", 2, 2)
    former = (await worker.get(f"/v1/case-files/{file['id']}/members", params={"former": True})).json()["items"]
    assert [(each["id"], each["left_on"], each["left_reason"]) for each in former] == [
        (child, "2026-05-01", "deceased")
    ]


async def test_a_head_who_dies_is_followed_by_the_one_who_is_named(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    head, spouse, child = (member["id"] for member in file["members"])
    event = await took_effect(worker, manager, file, "death", {"member_id": head, "new_head": child})
    now = await read(worker, file)
    assert [(each["id"], each["relation"]) for each in now["members"]] == [(child, "head"), (spouse, "spouse")]
    assert event["last_version"] - event["first_version"] == 1  # the new head, and then the death
    former = await worker.get(f"/v1/case-files/{file['id']}/members/{head}")
    assert (former.json()["relation"], former.json()["left_reason"]) == ("parent", "deceased")


async def test_without_a_name_the_spouse_is_proposed_and_somebody_confirms(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    head, spouse, _ = (member["id"] for member in file["members"])
    event = await recorded(worker, file, "death", {"member_id": head})
    assert event["proposed_head"] == spouse
    unnamed = await decided(manager, event)
    assert code_of(unnamed) == (409, "new-head-needed")
    assert unnamed.json()["proposed"] == spouse
    assert await read(worker, file) == file
    await approved(manager, event, new_head=spouse)
    assert (await read(worker, file))["members"][0]["id"] == spouse


async def test_where_there_is_no_spouse_the_eldest_adult_is_proposed(worker: httpx.AsyncClient) -> None:
    file = await opened(
        worker,
        person("head", birth_date="1960-01-01"),
        person("child", birth_date="2020-01-01"),
        person("child", birth_date="1995-01-01"),
        person("child", birth_date="1990-01-01"),
        person("parent", birth_date=None),
    )
    event = await recorded(worker, file, "death", {"member_id": file["members"][0]["id"]})
    (eldest,) = [each["id"] for each in file["members"] if each["birth_date"] == "1990-01-01"]
    assert event["proposed_head"] == eldest


async def test_the_file_closes_with_the_death_of_the_last(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker, person("head"), person("spouse"))
    head, spouse = (member["id"] for member in file["members"])
    await took_effect(worker, manager, file, "death", {"member_id": spouse})
    assert (await read(worker, file))["status"] == "active"
    event = await took_effect(worker, manager, file, "death", {"member_id": head})
    now = await read(worker, file)
    assert (now["status"], now["status_reason"], now["closed_on"]) == ("closed", "deceased", today().isoformat())
    assert event["last_version"] == now["version"]
    again = await worker.post(f"/v1/case-files/{file['id']}/life-events", json={
        "happened_on": "2026-05-01", "source": "visit", "death": {"member_id": head},
    })  # fmt: skip
    assert code_of(again) == (409, "case-file-closed")


async def test_a_daughter_marries_and_leaves(worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json) -> None:
    child = file["members"][2]["id"]
    await took_effect(worker, manager, file, "marriage", {"member_id": child, "leaves": True})
    left = (await worker.get(f"/v1/case-files/{file['id']}/members/{child}")).json()
    assert (left["marital_status"], left["left_reason"], left["left_on"]) == ("married", "married", "2026-05-01")


async def test_who_marries_may_bring_somebody_into_the_household(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    await took_effect(worker, manager, file, "marriage", details("marriage", file))
    now = await read(worker, file)
    assert now["member_count"] == 4
    assert {each["given_name"] for each in now["members"]} == {"مریم", "آرش"}


async def test_a_divorce_is_of_both(worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json) -> None:
    head, spouse, _ = (member["id"] for member in file["members"])
    said = {"member_id": spouse, "former_spouse": head, "leaves": True}
    await took_effect(worker, manager, file, "divorce", said)
    assert (await members_of(worker, file))[head]["marital_status"] == "divorced"
    left = (await worker.get(f"/v1/case-files/{file['id']}/members/{spouse}")).json()
    assert (left["marital_status"], left["left_reason"]) == ("divorced", "divorced")


async def test_a_move_replaces_all_that_was_known_of_the_old_home(worker: httpx.AsyncClient, file: Json) -> None:
    home = {"address": "خیابان معلم ۵", "latitude": 32.88, "longitude": 59.2, "accuracy_m": 12}
    event = await recorded(worker, file, "move", {"home": home})
    now = await read(worker, file)
    assert {name: now[name] for name in home} == home
    assert (now["postal_code"], now["residence_since"]) == (None, "2026-05-01")
    assert (now["area_class"], now["mobile"]) == ("urban", "+989151234567")
    (entry, _) = (await worker.get(f"/v1/case-files/{file['id']}/history")).json()["items"]
    assert (entry["version"], entry["changes"]["postal_code"]) == (event["last_version"], ["9717853577", None])


async def test_one_member_moves_out(worker: httpx.AsyncClient, file: Json) -> None:
    child = file["members"][2]["id"]
    await recorded(worker, file, "move", {"member_id": child})
    left = (await worker.get(f"/v1/case-files/{file['id']}/members/{child}")).json()
    assert (left["left_reason"], (await read(worker, file))["address"]) == ("moved-out", file["address"])


async def test_a_disability_comes_changes_and_ends(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json
) -> None:
    child = file["members"][2]["id"]
    for kind, severity in (("hearing", "mild"), ("hearing", "severe"), (None, None)):
        said = {"member_id": child, "disability_type": kind, "disability_severity": severity}
        await took_effect(worker, manager, file, "disability", said)
        member = (await members_of(worker, file))[child]
        assert (member["disability_type"], member["disability_severity"]) == (kind, severity)


async def test_school_and_job(worker: httpx.AsyncClient, manager: httpx.AsyncClient, file: Json) -> None:
    child = file["members"][2]["id"]
    dropped = await recorded(worker, file, "school", {"member_id": child, "change": "dropped-out"})
    assert (dropped["status"], dropped["last_version"]) == ("applied", None)  # nothing in the file says otherwise
    await took_effect(worker, manager, file, "job", {"member_id": child, "change": "started", "occupation": "نجار",
                                                     "insurance": "social-security"})  # fmt: skip
    member = (await members_of(worker, file))[child]
    assert (member["occupation"], member["insurance"]) == ("نجار", "social-security")
    await took_effect(worker, manager, file, "job", {"member_id": child, "change": "ended"})
    member = (await members_of(worker, file))[child]
    assert (member["occupation"], member["insurance"]) == (None, "social-security")


async def test_a_head_in_prison_may_be_followed_and_other_restricted_facts_stay(
    worker: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    file = await opened(worker, person("head", restricted={"addiction": True}), person("spouse"))
    head, spouse = (member["id"] for member in file["members"])
    said = {"member_id": head, "change": "imprisoned", "new_head": spouse}
    await took_effect(worker, manager, file, "prison", said)
    members = await members_of(worker, file)
    assert members[head]["restricted"] == {"addiction": True, "prison": True, "missing": False}
    assert (members[spouse]["relation"], members[head]["relation"]) == ("head", "spouse")
    await took_effect(worker, manager, file, "prison", {"member_id": head, "change": "released"})
    assert (await members_of(worker, file))[head]["restricted"]["prison"] is False


async def test_what_is_not_possible_in_this_household_is_refused_when_it_is_recorded(
    worker: httpx.AsyncClient, file: Json
) -> None:
    head, spouse, child = (member["id"] for member in file["members"])
    stranger = (await opened(worker))["members"][0]
    alone = await opened(worker)
    for there, kind, said, code, pointer in (
        (file, "death", {"member_id": stranger["id"]}, "not-a-member", "/death/member_id"),
        (file, "death", {"member_id": head, "new_head": stranger["id"]}, "not-a-member", "/death/new_head"),
        (file, "death", {"member_id": head, "new_head": head}, "not-a-member", "/death/new_head"),
        (file, "death", {"member_id": child, "new_head": spouse}, "head-stays", "/death/new_head"),
        (file, "divorce", {"member_id": head, "former_spouse": stranger["id"]}, "not-a-member",
         "/divorce/former_spouse"),
        (alone, "move", {"member_id": alone["members"][0]["id"]}, "last-member", "/move/member_id"),
    ):  # fmt: skip
        answer = await worker.post(
            f"/v1/case-files/{there['id']}/life-events",
            json={"happened_on": "2026-05-01", "source": "visit", kind: said},
        )
        assert (answer.status_code, answer.json()["code"], pointers(answer)) == (422, code, [pointer])
    before_birth = await worker.post(
        f"/v1/case-files/{file['id']}/life-events",
        json={"happened_on": "2009-12-31", "source": "visit", "death": {"member_id": child}},
    )
    assert code_of(before_birth) == (422, "happened-before-birth")


async def test_a_newborn_with_somebodys_identity_is_refused(worker: httpx.AsyncClient, file: Json) -> None:
    taken = file["members"][1]["identity"]
    answer = await worker.post(
        f"/v1/case-files/{file['id']}/life-events",
        json={
            "happened_on": "2026-05-01",
            "source": "civil-registry",
            "birth": {"child": person(identity=taken, birth_date=None)},
        },
    )
    assert code_of(answer) == (409, "person-already-in-case-file")
    assert pointers(answer) == ["/birth/child/identity"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"death": {"member_id": "01900000-0000-7000-8000-000000000000"}, "move": {"home": {"address": "الف"}}},
        {"move": {}},
        {"move": {"home": {"address": "الف", "latitude": 32.1}}},
        {"move": {"home": {"address": "الف"}, "jurisdiction": "2901001"}},
        {"birth": {"child": {"relation": "head", "given_name": "الف", "family_name": "ب"}}},
        {"birth": {"child": {"relation": "child", "given_name": "الف", "family_name": "ب", "restricted": {}}}},
        {"school": {"member_id": "01900000-0000-7000-8000-000000000000", "change": "expelled"}},
        {"move": {"home": {"address": "الف"}}, "happened_on": "2999-01-01"},
        {"move": {"home": {"address": "الف"}}, "reported_on": "2026-04-30"},
        {"move": {"home": {"address": "الف"}}, "source": "rumour"},
    ],
)
async def test_what_makes_no_sense_is_refused(worker: httpx.AsyncClient, file: Json, body: Json) -> None:
    said = {"happened_on": "2026-05-01", "source": "visit"} | body
    answer = await worker.post(f"/v1/case-files/{file['id']}/life-events", json=said)
    assert code_of(answer) == (422, "invalid-input")
    assert (await worker.get(f"/v1/case-files/{file['id']}/life-events")).json()["items"] == []
