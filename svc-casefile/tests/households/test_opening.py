"""Opening a file: where it lands, what it is then, and what is refused."""

import asyncio

import httpx
from casefile_samples import CENTER, NEIGHBOUR, SUSPENDED_CENTER, code_of, household, opened, person, pointers

from shared.kit.calendar import today
from shared.testing.plugin import ClientAs, Running


async def test_at_a_center_a_file_is_active_and_the_centers(worker: httpx.AsyncClient) -> None:
    answer = await worker.post("/v1/case-files", json=household(person("head"), person("spouse"), person("child")))
    assert answer.status_code == 201
    file = answer.json()
    assert (file["jurisdiction"], file["status"], file["member_count"]) == (CENTER, "active", 3)
    assert file["opened_on"] == today().isoformat()
    assert (file["version"], answer.headers["ETag"]) == (1, '"1"')
    assert [member["relation"] for member in file["members"]] == ["head", "spouse", "child"]


async def test_what_is_answered_is_what_is_read(worker: httpx.AsyncClient) -> None:
    everything = {
        "address": "بیرجند، خیابان مدرس",
        "postal_code": "9717853577",
        "latitude": 32.86,
        "longitude": 59.21,
        "accuracy_m": 15,
        "area_class": "nomadic",
        "tenure": "rented",
        "residence_since": "2015-03-21",
        "mobile": "0915 123 4567",
        "landline": "05632224455",
        "income_sources": ["pension", "farming"],
        "decile": 2,
        "insurance": "health",
        "support_bodies": ["cash-subsidy"],
        "coverage_reason": "female-headed",
        "pensioner": True,
        "payer_category": "pensioner",
        "opened_on": "2020-01-01",
        "assigned_worker": "social-worker@2901003",
        "legacy_source": "armaghan",
        "legacy_number": "A-17",
    }
    head = person(
        "head",
        father_name="حسن",
        marital_status="widowed",
        education="primary",
        occupation="خیاط",
        insurance="rural",
        illness="دیابت",
        disability_type="vision",
        disability_severity="severe",
        guardian="برادر",
        restricted={"addiction": True, "prison": False, "missing": False},
    )
    answer = await worker.post("/v1/case-files", json=household(head, person(), **everything))
    assert answer.status_code == 201, answer.text
    read = await worker.get(answer.headers["Location"])
    assert read.json() == answer.json()
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert read.json().items() >= (everything | {"mobile": "+989151234567", "landline": "+985632224455"}).items()
    assert read.json()["members"][0].items() >= head.items()


async def test_names_and_digits_are_kept_in_one_form(worker: httpx.AsyncClient) -> None:
    head = person("head", given_name=" علي ", family_name="كريمي", identity={"type": "national", "value": "۰۴۹۹۳۷۰۸۹۹"})
    (member,) = (await opened(worker, head))["members"]
    assert (member["given_name"], member["family_name"]) == ("علی", "کریمی")
    assert member["identity"]["value"] == "0499370899"


async def test_with_a_county_a_file_waits(county: httpx.AsyncClient) -> None:
    file = await opened(county)
    assert (file["jurisdiction"], file["status"]) == ("2901", "waiting")


async def test_a_county_officer_may_open_for_a_center_of_the_county(county: httpx.AsyncClient) -> None:
    file = await opened(county, jurisdiction=NEIGHBOUR, status="draft")
    assert (file["jurisdiction"], file["status"]) == (NEIGHBOUR, "draft")


async def test_numbers_follow_each_other_and_differ(worker: httpx.AsyncClient, neighbour: httpx.AsyncClient) -> None:
    numbers = [(await opened(client))["number"] for client in (worker, neighbour, worker)]
    assert numbers == sorted(set(numbers))
    assert all(len(number) == 8 for number in numbers)


async def test_not_outside_the_scope(worker: httpx.AsyncClient) -> None:
    for place in (NEIGHBOUR, "2902", "29", "IR"):
        answer = await worker.post("/v1/case-files", json=household(jurisdiction=place))
        assert code_of(answer) == (403, "scope-forbidden")


REFUSED = [
    ({"jurisdiction": SUSPENDED_CENTER}, "center-not-open", "/jurisdiction"),
    ({"jurisdiction": "2901777"}, "center-not-open", "/jurisdiction"),
    ({"status": "active"}, "active-only-at-center", "/status"),
    ({"status": "closed"}, "invalid-input", "/status"),
    ({"jurisdiction": "290"}, "invalid-input", "/jurisdiction"),
    ({"latitude": 32.1}, "invalid-input", ""),
    ({"latitude": 52.1, "longitude": 53.4}, "invalid-input", "/latitude"),
    ({"decile": 11}, "invalid-input", "/decile"),
    ({"postal_code": "123"}, "invalid-input", "/postal_code"),
    ({"mobile": "05632224455"}, "invalid-input", "/mobile"),
    ({"opened_on": "2999-01-01"}, "invalid-input", "/opened_on"),
    ({"residence_since": "0001-01-01"}, "invalid-input", "/residence_since"),
    ({"accuracy_m": 10**30}, "invalid-input", "/accuracy_m"),
    ({"assigned_worker": "a\u0000b"}, "invalid-input", "/assigned_worker"),
    ({"legacy_number": "1"}, "invalid-input", ""),
    ({"members": []}, "invalid-input", "/members"),
    ({"members": [person("child")]}, "invalid-input", "/members"),
    ({"members": [person("head"), person("head")]}, "invalid-input", "/members"),
    ({"members": [person("head"), person("child", colour="red")]}, "invalid-input", "/members/1/colour"),
    (
        {"members": [person("head", identity={"type": "national", "value": "0012345678"})]},
        "invalid-input",
        "/members/0/identity/value",
    ),
    ({"members": [person("head", disability_severity="mild")]}, "invalid-input", "/members/0"),
    ({"number": "00000001"}, "invalid-input", "/number"),
]


async def test_refused_with_a_pointer(county: httpx.AsyncClient) -> None:
    for body, code, pointer in REFUSED:
        answer = await county.post("/v1/case-files", json=household() | body)
        assert (code_of(answer), pointers(answer)) == ((422, code), [pointer]), body
        in_persian = await county.post("/v1/case-files", json=household() | body, headers={"Accept-Language": "fa"})
        assert in_persian.json()["title"] != answer.json()["title"]
    assert (await county.get("/v1/case-files:summary")).json()["files"] == 0


async def test_a_province_is_no_place_for_a_file(running: Running, client_as: ClientAs) -> None:
    # no role writes for a whole province today; the rule holds for whoever will
    nationwide = await client_as("social-worker", "29")
    answer = await nationwide.post("/v1/case-files", json=household())
    assert code_of(answer) == (422, "not-a-place-for-files")


async def test_the_same_person_twice_in_one_household(worker: httpx.AsyncClient) -> None:
    head = person("head")
    answer = await worker.post("/v1/case-files", json=household(head, head | {"relation": "child"}))
    assert code_of(answer) == (422, "invalid-input")
    assert pointers(answer) == ["/members"]


async def test_persons_without_papers_are_admitted(worker: httpx.AsyncClient) -> None:
    file = await opened(
        worker,
        person("head", identity={"type": "foreigner_unique", "value": "140012345678"}),
        person(identity={"type": "temporary", "value": "T-0001"}),
        person(identity=None),
        person(identity=None),
    )
    kinds = [member["identity"] and member["identity"]["type"] for member in file["members"]]
    assert kinds == ["foreigner_unique", "temporary", None, None]


async def test_the_reference_of_an_older_system_counts_once_in_a_province(
    county: httpx.AsyncClient, client_as: ClientAs
) -> None:
    reference = {"legacy_source": "armaghan", "legacy_number": "17"}
    await opened(county, **reference)
    again = await county.post("/v1/case-files", json=household(**reference))
    assert code_of(again) == (409, "legacy-reference-taken")
    neighbours = await (await client_as("county-officer", "2902")).post("/v1/case-files", json=household(**reference))
    assert code_of(neighbours) == (409, "legacy-reference-taken")
    await opened(await client_as("county-officer", "3001"), **reference)
    await opened(county, **reference | {"legacy_source": "another"})


async def test_opening_is_announced_without_what_is_personal(worker: httpx.AsyncClient, running: Running) -> None:
    file = await opened(worker, person("head", given_name="بنفشه"), person(), area_class="nomadic")
    (event,) = await running.events(count=1)
    assert event.address == "pl.casefile.case-file.opened.v1.29.01.003"
    assert event.data["case_file_id"] == file["id"]
    assert [member["relation"] for member in event.data["members"]] == ["head", "child"]
    text = event.to_json().decode()
    assert "بنفشه" not in text
    assert file["members"][0]["identity"]["value"] not in text


async def test_a_key_opens_one_file_however_often_it_is_sent(worker: httpx.AsyncClient) -> None:
    body, key = household(), {"Idempotency-Key": "opening-1"}
    answers = await asyncio.gather(*(worker.post("/v1/case-files", json=body, headers=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await worker.post("/v1/case-files", json=household(), headers=key)
    assert code_of(other) == (422, "idempotency-key-reused")
