"""Who may know of a genetic case at all."""

import httpx
from genetic_samples import CASES, couple, opened
from screening_samples import CENTER, NEIGHBOUR, Json, code_of, national_id, version_of

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs

SCOPES = {Role.HEADQUARTERS: "IR", Role.PROVINCE_OFFICER: "29", Role.COUNTY_OFFICER: "2901"}


async def test_it_is_for_those_alone_who_take_the_questionnaire(
    screener: httpx.AsyncClient, client_as: ClientAs
) -> None:
    case = await opened(screener, couple())
    one = f"{CASES}/{case['id']}"
    requests: list[tuple[str, str, Json | None]] = [
        ("GET", CASES, None),
        ("GET", one, None),
        ("POST", CASES, couple()),
        ("POST", f"{CASES}:search", {"identity": {"type": "national", "value": national_id()}}),
        ("POST", f"{one}:decide", None),
        ("POST", f"{one}:counsel", {"outcome": "reassured"}),
    ]
    for role in Role:
        if Permission.GENETICS_READ in GRANTS[role]:
            continue
        client = await client_as(role, SCOPES.get(role, CENTER))
        for method, path, body in requests:
            answer = await client.request(method, path, json=body, headers=version_of(case))
            assert code_of(answer) == (403, "forbidden"), (role, method, path)
    stranger = await client_as("screener", NEIGHBOUR)
    assert (await stranger.get(CASES)).json()["items"] == []
    for method, path, body in (requests[1], *requests[4:]):
        answer = await stranger.request(method, path, json=body, headers=version_of(case))
        assert code_of(answer) == (404, "not-found"), (method, path)
    elsewhere = await stranger.post(CASES, json=couple(center=CENTER))
    assert code_of(elsewhere) == (403, "scope-forbidden")
