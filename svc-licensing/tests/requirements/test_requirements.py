"""What is published holds; what is not waits for two people."""

from datetime import timedelta

import httpx
from licensing_samples import Json, code_of, named, registered, sent, version_of

from shared.kit.calendar import today

PATH = "/v1/licence-requirements"


async def found(client: httpx.AsyncClient, **filters: object) -> list[Json]:
    items: list[Json] = (await sent(client, "GET", PATH, params={"limit": 200, **filters}))["items"]
    return items


async def test_what_a_source_says_holds_and_what_none_says_is_a_proposal(headquarters: httpx.AsyncClient) -> None:
    (agreement,) = await found(
        headquarters, licence="agreement-in-principle", clause=4, kind="validity", standing="confirmed"
    )
    assert (agreement["figures"], agreement["clause_from"], agreement["clause_to"]) == ({"months": 3}, 4, 4)
    (activity,) = await found(headquarters, licence="activity", clause=4, kind="validity")
    assert (activity["standing"], activity["figures"]) == ("proposed", {"months": 36})
    deadlines = await found(headquarters, licence="establishment", kind="deadline")
    assert {each["code"]: each["figures"]["days"] for each in deadlines} == {
        "open-inquiries": 3,
        "send-on": 7,
        "review": 5,
    }
    (security, *_) = await found(
        headquarters, licence="establishment", kind="inquiry", standing="confirmed", act="issue"
    )
    everything = await found(headquarters)
    assert len(everything) > 80
    assert all(each["source"] for each in everything)
    assert all(each["standing"] == "confirmed" or each["signed_off_by"] is None for each in everything)
    assert security["figures"] is None or security["figures"] == {"days": 20, "extensions": 1}


async def test_a_proposal_requires_something_once_a_second_person_has_signed_it(
    headquarters: httpx.AsyncClient, second: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    before = await registered(manager)
    body = {
        "licence": "agreement-in-principle",
        "act": "issue",
        "clause_from": 4,
        "kind": "document",
        "code": "business-plan",
        "about": "institution",
        "name_fa": "طرح کسب‌وکار",
        "name_en": "Business plan",
        "valid_from": str(today()),
        "source": "صورتجلسهٔ ستاد",
    }
    proposed = await sent(headquarters, "POST", PATH, json=body)
    assert proposed["standing"] == "proposed"
    assert "business-plan" not in [each["code"] for each in (await registered(manager))["missing"]]
    own = await headquarters.post(f"{PATH}/{proposed['id']}:sign-off", headers=version_of(proposed))
    assert code_of(own) == (403, "second-person-needed")
    signed = await sent(second, "POST", f"{PATH}/{proposed['id']}:sign-off", headers=version_of(proposed))
    assert (signed["standing"], signed["signed_off_by"]) == ("signed-off", "second")
    assert "business-plan" in [each["code"] for each in (await registered(manager))["missing"]]
    assert "business-plan" not in [each["code"] for each in before["missing"]]
    changed = await headquarters.put(
        f"{PATH}/{signed['id']}/figures", json={"figures": {}, "source": "x"}, headers=version_of(signed)
    )
    assert code_of(changed) == (409, "requirement-vouched-for")

    tomorrow = str(today() + timedelta(days=1))
    late = await second.post(f"{PATH}/{signed['id']}:end", json={"valid_to": str(today())}, headers=version_of(signed))
    assert code_of(late) == (409, "requirement-too-late")
    ended = await sent(
        second, "POST", f"{PATH}/{signed['id']}:end", json={"valid_to": tomorrow}, headers=version_of(signed)
    )
    assert ended["valid_to"] == tomorrow


async def test_the_next_one_ends_what_said_the_same_before(
    headquarters: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    (old,) = await found(
        headquarters, licence="agreement-in-principle", clause=4, kind="validity", standing="confirmed"
    )
    kept = ("licence", "act", "clause_from", "clause_to", "kind", "code", "about", "name_fa", "name_en")
    body = {name: old[name] for name in kept} | {"figures": {"months": 4}, "valid_from": str(today()), "source": "x"}
    new = await sent(headquarters, "POST", PATH, json=body)
    await sent(second, "POST", f"{PATH}/{new['id']}:sign-off", headers=version_of(new))
    assert (await sent(headquarters, "GET", f"{PATH}/{old['id']}"))["valid_to"] == str(today())
    in_force = await found(
        headquarters,
        licence="agreement-in-principle",
        clause=4,
        kind="validity",
        standing="signed-off",
        on=str(today()),
    )
    assert [each["figures"] for each in in_force] == [{"months": 4}]


async def test_figures_are_those_of_the_kind(headquarters: httpx.AsyncClient, second: httpx.AsyncClient) -> None:
    (unknown,) = await found(headquarters, licence="establishment", kind="validity")
    sign_off = f"{PATH}/{unknown['id']}:sign-off"
    assert code_of(await second.post(sign_off, headers=version_of(unknown))) == (409, "requirement-incomplete")
    for wrong in ({}, {"days": 3}, {"months": 3, "days": 3}):
        answer = await headquarters.put(
            f"{PATH}/{unknown['id']}/figures", json={"figures": wrong, "source": "x"}, headers=version_of(unknown)
        )
        assert (code_of(answer), named(answer)) == ((422, "invalid-input"), ["/figures"])
    set_ = await sent(
        headquarters,
        "PUT",
        f"{PATH}/{unknown['id']}/figures",
        json={"figures": {"months": 24}, "source": "x"},
        headers=version_of(unknown),
    )
    assert code_of(await second.post(sign_off, headers=version_of(unknown))) == (412, "precondition-failed")
    await sent(second, "POST", sign_off, headers=version_of(set_))
