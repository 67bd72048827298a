"""Where a caller may act: postings give the scopes, `X-Scope` narrows them and never widens."""

from datetime import date
from typing import Any

import pytest

from gateway.errors import InvalidScope, NoPosting
from gateway.postings import Person, Posting
from gateway.scopes import resolve
from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import ScopeForbidden, ScopeRequired

ADDRESS = "/v1/case-files"
TODAY = date(2026, 11, 22)


def person(*postings: tuple[str, str]) -> Person:
    return Person(
        tuple(Posting(new_id(), Role(role), Jurisdiction(place), date(2020, 1, 1), None) for role, place in postings)
    )


async def _code(running: Any, client: Any, path: str = ADDRESS, method: str = "GET", **headers: str) -> tuple[int, str]:
    before = len(running.upstream.received)
    answer = await client.request(
        method, path, headers={name.replace("_", "-"): each for name, each in headers.items()}
    )
    if answer.status_code >= 400:
        assert len(running.upstream.received) == before, "a refused request reached a service"
        return answer.status_code, answer.json()["code"]
    return answer.status_code, ""


async def test_the_only_posting_is_the_scope(running: Any) -> None:
    client = await running.client_of("worker", ("social-worker", "2901003"))
    assert await _code(running, client) == (200, "")
    actor = running.actor(running.upstream.last, "casefile")
    assert actor.scope == Jurisdiction("2901003")
    assert actor.roles == {Role.SOCIAL_WORKER}


async def test_x_scope_narrows(running: Any) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    assert await _code(running, client, X_Scope="2901") == (200, "")
    assert running.actor(running.upstream.last, "casefile").scope == Jurisdiction("2901")
    assert running.upstream.last.header("x-scope") is None, "services read the scope from the token alone"


@pytest.mark.parametrize("wanted", ["28", "IR", "2801", "2801001"])
async def test_x_scope_never_widens_nor_moves(running: Any, wanted: str) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    assert await _code(running, client, X_Scope=wanted) == (403, "scope-forbidden")


@pytest.mark.parametrize("wanted", ["", "ir", "2", "290", "29010", "29-01", "2901003,2901004", "٢٩", "*", "29%"])
async def test_what_is_no_scope(running: Any, wanted: str) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    answer = await client.get(ADDRESS, headers={"X-Scope": wanted.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-scope")


async def test_two_x_scopes_are_none(running: Any) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    answer = await client.get(ADDRESS, headers=[("X-Scope", "2901"), ("X-Scope", "2902")])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-scope")


async def test_with_several_places_one_has_to_be_named(running: Any) -> None:
    client = await running.client_of("both", ("social-worker", "2901003"), ("center-manager", "2902001"))
    answer = await client.get(ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (400, "scope-required")
    assert answer.json()["scopes"] == ["2901003", "2902001"]
    assert await _code(running, client, X_Scope="2902001") == (200, "")
    assert running.actor(running.upstream.last, "casefile").roles == {Role.CENTER_MANAGER}


async def test_without_a_posting_nothing_scoped_is_open(running: Any) -> None:
    client = await running.client_of("nobody")
    assert await _code(running, client) == (403, "no-posting")
    assert await _code(running, client, X_Scope="2901003") == (403, "no-posting")


async def test_without_a_posting_the_public_part_is_open(running: Any) -> None:
    client = await running.client_of("nobody")
    assert await _code(running, client, "/v1/services") == (200, "")
    actor = running.actor(running.upstream.last, "registry")
    assert (actor.scope, actor.roles) == (None, frozenset())
    assert Permission.CATALOGUE_READ in actor.permissions


async def test_a_permission_that_no_role_there_has(running: Any) -> None:
    client = await running.client_of("worker", ("social-worker", "2901003"))
    assert await _code(running, client, "/v1/centers/2901003", "PATCH") == (403, "forbidden")
    assert await _code(running, client, "/v1/case-files:export") == (403, "forbidden")


async def test_a_role_at_one_place_is_none_at_another(running: Any) -> None:
    client = await running.client_of("both", ("social-worker", "2901003"), ("county-officer", "2902"))
    assert await _code(running, client, "/v1/case-files:export", X_Scope="2902") == (200, "")
    assert await _code(running, client, "/v1/case-files:export", X_Scope="2901003") == (403, "forbidden")


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/centers/2802001", "PATCH"),
        ("/v1/centers/2802001/transitions", "GET"),
        ("/v1/centers/2802001:close", "POST"),
        ("/v1/centers/۲۸۰۲۰۰۱", "PATCH"),
        ("/v1/centers/2802001/overview", "GET"),
    ],
)
async def test_a_center_outside_the_scope(running: Any, path: str, method: str) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    assert await _code(running, client, path, method) == (403, "scope-forbidden")
    if "overview" not in path:
        inside = path.replace("2802001", "2902001").replace("۲۸۰۲۰۰۱", "۲۹۰۲۰۰۱")
        assert await _code(running, client, inside, method) == (200, "")


async def test_a_center_that_anyone_may_read_is_open_outside_the_scope(running: Any) -> None:
    client = await running.client_of("officer", ("province-officer", "29"))
    assert await _code(running, client, "/v1/centers/2802001") == (200, "")


async def test_a_posting_of_tomorrow_is_none_today(running: Any) -> None:
    today = running.gateway.postings.today()
    await running.grant("new", "social-worker", "2901003", since=date.fromordinal(today.toordinal() + 1))
    client = await running.client(running.issuer.token("new", life=200_000))
    assert await _code(running, client) == (403, "no-posting")
    running.clock.ahead = 86_400
    assert await _code(running, client) == (200, "")


async def test_the_last_day_of_a_posting_counts(running: Any) -> None:
    today = running.gateway.postings.today()
    await running.grant("leaving", "social-worker", "2901003", until=today)
    client = await running.client(running.issuer.token("leaving", life=200_000))
    assert await _code(running, client) == (200, "")
    running.clock.ahead = 86_400
    assert await _code(running, client) == (403, "no-posting")


async def test_who_i_am(running: Any) -> None:
    client = await running.client_of("both", ("social-worker", "2901003"), ("county-officer", "2901"))
    me = (await client.get("/v1/me")).json()
    assert me["subject"] == "both"
    assert {(each["role"], each["jurisdiction"]) for each in me["postings"]} == {
        ("social-worker", "2901003"),
        ("county-officer", "2901"),
    }
    there = {each["scope"]: each for each in me["scopes"]}
    assert there["2901"]["roles"] == ["county-officer"]
    assert there["2901003"]["roles"] == ["county-officer", "social-worker"]
    assert "distribution:plan" in there["2901"]["permissions"]


async def test_who_i_am_without_a_posting(running: Any) -> None:
    client = await running.client_of("nobody")
    me = (await client.get("/v1/me")).json()
    assert (me["postings"], me["scopes"]) == ([], [])


def test_all_postings_that_cover_the_scope_lend_their_roles() -> None:
    held = person(("province-officer", "29"), ("auditor", "IR"), ("social-worker", "2802001"))
    grant = resolve(held, b"2901003", scoped=True, day=TODAY)
    assert grant.roles == {Role.PROVINCE_OFFICER, Role.AUDITOR}
    assert grant.permissions == GRANTS[Role.PROVINCE_OFFICER] | GRANTS[Role.AUDITOR]


def test_several_places_and_an_operation_without_scope() -> None:
    grant = resolve(person(("auditor", "28"), ("screener", "2901003")), None, scoped=False, day=TODAY)
    assert grant.scope is None
    assert grant.roles == {Role.AUDITOR, Role.SCREENER}


def test_the_same_place_twice_is_one_scope() -> None:
    grant = resolve(person(("auditor", "2901003"), ("screener", "2901003")), None, scoped=True, day=TODAY)
    assert grant.scope == Jurisdiction("2901003")
    assert grant.roles == {Role.AUDITOR, Role.SCREENER}


def test_nobody_may_do_what_everyone_may() -> None:
    assert resolve(person(), None, scoped=False, day=TODAY).permissions == EVERYONE


@pytest.mark.parametrize(
    ("held", "header", "problem"),
    [
        ((), None, NoPosting),
        ((), b"29", NoPosting),
        ((("auditor", "29"),), b"28", ScopeForbidden),
        ((("auditor", "29"),), b"\xff", InvalidScope),
        ((("auditor", "29"), ("auditor", "28")), None, ScopeRequired),
    ],
)
def test_refusals(held: tuple[tuple[str, str], ...], header: bytes | None, problem: type[Exception]) -> None:
    someone = person(*held)
    for _ in range(2):  # the second time must not be answered from what the first left behind
        with pytest.raises(problem):
            resolve(someone, header, scoped=True, day=TODAY)


def test_yesterdays_answer_is_not_todays() -> None:
    someone = Person((Posting(new_id(), Role.AUDITOR, Jurisdiction("29"), date(2020, 1, 1), date(2026, 11, 22)),))
    assert resolve(someone, None, scoped=True, day=TODAY).scope == Jurisdiction("29")
    with pytest.raises(NoPosting):
        resolve(someone, None, scoped=True, day=date(2026, 11, 23))
