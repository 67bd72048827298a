"""Who may do what with whose licences."""

from collections.abc import Mapping

import httpx
import pytest
from licence_samples import (
    CENTER,
    COUNTY,
    LICENCES,
    NEIGHBOUR,
    OTHER_PROVINCE,
    PROVINCE,
    VERIFICATIONS,
    Json,
    code_of,
    decided,
    founder,
    issued,
    read,
    send,
)

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, LEVELS, Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Level
from shared.testing.plugin import ClientAs, Running

AT = {Level.NATION: "IR", Level.PROVINCE: PROVINCE, Level.COUNTY: COUNTY, Level.CENTER: CENTER}
ELSEWHERE = {Level.PROVINCE: "09", Level.COUNTY: "2902", Level.CENTER: NEIGHBOUR}
BY_DECISION, BY_ORDER = ("renew", "extend", "move", "change-manager"), ("suspend", "resume", "revoke")


def bodies() -> Mapping[str, Json]:
    order = {"reason": "x", "decision": "1"}
    return {name: {"application_id": str(new_id())} for name in BY_DECISION} | {
        "suspend": order,
        "resume": {"decision": "1"},
        "revoke": order,
    }


@pytest.fixture
async def licence(running: Running, secretary: httpx.AsyncClient) -> Json:
    return await issued(secretary, await decided(running, await founder(running)))


def test_every_operation_has_its_line_here(service: object) -> None:
    one = "/{licence_id}"
    declared = {
        (method.upper(), path)
        for path, operations in service.app.openapi()["paths"].items()  # type: ignore[attr-defined]
        for method in operations
        if path.startswith((LICENCES, VERIFICATIONS))
    }
    assert declared == {
        ("POST", LICENCES),
        *(("GET", LICENCES + rest) for rest in ("", one, f"{one}/certificate")),
        *(("POST", f"{LICENCES}{one}:{name}") for name in (*BY_DECISION, *BY_ORDER)),
        ("GET", VERIFICATIONS + "/{number}"),
    }


async def test_roles_at_their_place_elsewhere_and_nowhere(
    licence: Json, secretary: httpx.AsyncClient, client_as: ClientAs
) -> None:
    for role in Role:
        granted = GRANTS[role]
        reads, issues = Permission.LICENCE_READ in granted, Permission.LICENCE_ISSUE in granted
        level = max(LEVELS[role], key=[*Level].index)
        client = await client_as(role, AT[level])
        for address in ("", f"/{licence['id']}", *([] if reads else [f"/{licence['id']}/certificate"])):
            assert (await client.get(LICENCES + address)).status_code == (200 if reads else 403), (role, address)
        if not issues:
            refused = await client.post(LICENCES, json={"application_id": str(new_id())})
            assert code_of(refused) == (403, "forbidden"), role
            for name, body in bodies().items():
                assert code_of(await send(client, licence, name, **body)) == (403, "forbidden"), (role, name)
        if reads and level != Level.NATION:
            stranger = await client_as(role, ELSEWHERE[level])
            assert (await stranger.get(LICENCES)).json()["items"] == [], role
            for wanted in (licence["id"], new_id()):
                for address in (f"/{wanted}", f"/{wanted}/certificate"):
                    assert code_of(await stranger.get(LICENCES + address)) == (404, "not-found"), (role, address)
            asked = await stranger.get(LICENCES, params={"jurisdiction": CENTER})
            assert code_of(asked) == (403, "scope-forbidden"), role
        nowhere = await client_as(role, None)
        assert (await nowhere.get(LICENCES)).status_code == (400 if reads else 403), role
    assert await read(secretary, licence) == licence


async def test_the_secretary_of_another_province_issues_and_changes_nothing_here(
    running: Running, licence: Json, client_as: ClientAs
) -> None:
    stranger = await client_as("commission-secretary", OTHER_PROVINCE[:2])
    application = await decided(running, await founder(running), center=None)
    refused = await stranger.post(LICENCES, json={"application_id": application})
    assert code_of(refused) == (422, "application-unknown")
    for name, body in bodies().items():
        assert code_of(await send(stranger, licence, name, **body)) == (404, "not-found"), name
