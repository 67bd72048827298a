"""Who may apply, and that the past of an institution can be told."""

import httpx
from licensing_samples import VALID_ID, WRONG_ID, Json, code_of, legal, named, natural, person, sent, version_of

from shared.testing.plugin import ClientAs

PATH = "/v1/institutions"


async def test_a_legal_person_is_registered_once_at_a_place(manager: httpx.AsyncClient, client_as: ClientAs) -> None:
    wrong = await manager.post(PATH, json=legal() | {"institution_id": WRONG_ID})
    assert (code_of(wrong), named(wrong)) == ((422, "invalid-input"), ["/institution_id"])
    made = await sent(manager, "POST", PATH, json=legal())
    assert (made["institution_id"], made["kind"], len(made["people"])) == (VALID_ID, "legal", 4)
    assert code_of(await manager.post(PATH, json=legal())) == (409, "institution-known")
    neighbour = await client_as("center-manager", "2901001")
    assert (await neighbour.post(PATH, json=legal())).status_code == 201, "it is not told what another place knows"
    listed = (await sent(manager, "GET", PATH, params={"institution_id": VALID_ID}))["items"]
    assert [each["id"] for each in listed] == [made["id"]]


async def test_a_natural_person_is_the_one_founder_and_a_legal_one_has_none(manager: httpx.AsyncClient) -> None:
    two = person(), person()
    refused: list[Json] = [
        natural(person()),
        {"kind": "natural", "people": [person("ceo")]},
        legal(person("founder"), *two),
        legal(person("founder")),
    ]
    for body in refused:
        assert code_of(await manager.post(PATH, json=body)) == (422, "role-not-possible"), body
    for body in (natural(institution_id=VALID_ID), legal() | {"name": None}, legal() | {"institution_id": None}):
        assert code_of(await manager.post(PATH, json=body)) == (422, "invalid-input"), body
    twice = person("ceo")
    assert code_of(await manager.post(PATH, json=legal(twice, twice))) == (409, "person-known")
    assert (await sent(manager, "POST", PATH, json=natural()))["name"] == "مریم احمدی"


async def test_people_come_and_end_and_nobody_is_forgotten(manager: httpx.AsyncClient, client_as: ClientAs) -> None:
    made = await sent(manager, "POST", PATH, json=natural())
    path = f"{PATH}/{made['id']}"
    qualified = person("technical-manager", qualifications=[{"degree": "bachelor", "field": "مددکاری اجتماعی"}])
    added = await sent(manager, "POST", f"{path}/people", json=qualified, headers=version_of(made))
    assert code_of(await manager.post(f"{path}/people", json=qualified, headers=version_of(added))) == (
        409,
        "person-known",
    )
    stale = await manager.post(f"{path}/people", json=person("inspector"), headers=version_of(made))
    assert code_of(stale) == (412, "precondition-failed")
    founder, technical = added["people"]
    kept = await manager.post(f"{path}/people/{founder['id']}:end", headers=version_of(added))
    assert code_of(kept) == (422, "role-not-possible")
    ended = await sent(manager, "POST", f"{path}/people/{technical['id']}:end", headers=version_of(added))
    assert [each["ended_on"] is None for each in ended["people"]] == [True, False]
    again = await sent(manager, "POST", f"{path}/people", json=qualified, headers=version_of(ended))
    assert len(again["people"]) == 3
    province = await client_as("licensing-officer", "29")
    assert code_of(await province.post(PATH, json=natural())) == (422, "not-a-registering-place")
