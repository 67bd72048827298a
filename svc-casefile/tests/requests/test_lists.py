"""Finding requests: what is due first, of the files that are in the scope now."""

import httpx
import pytest
from casefile_samples import CENTER, NEIGHBOUR, Json, code_of, opened
from request_samples import FOLLOW_UP, asked, know_days, know_services, moved, stepped
from worker_samples import assigned, know_worker

from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def file(running: Running, worker: httpx.AsyncClient) -> Json:
    await know_services(running)
    await know_days(running, "service-request-days-s06", 2)
    await know_days(running, "service-request-days", 20)
    return await opened(worker)


async def found(client: httpx.AsyncClient, **filters: object) -> list[str]:
    answer = await client.get("/v1/service-requests", params=filters)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_the_soonest_expected_comes_first_and_what_has_no_day_last(worker: httpx.AsyncClient, file: Json) -> None:
    late = await asked(worker, file)
    never = await stepped(worker, await asked(worker, file), "accept", "refer")
    soon = await asked(worker, file, service_code=FOLLOW_UP)

    assert await found(worker) == [soon["id"], late["id"], never["id"]]
    pages, after = [], {}
    while True:
        page = (await worker.get("/v1/service-requests", params={"limit": 1, **after})).json()
        pages += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert pages == [soon["id"], late["id"], never["id"]]


async def test_a_list_is_narrowed(running: Running, worker: httpx.AsyncClient, file: Json, client_as: ClientAs) -> None:
    other = await opened(worker)
    await know_worker(running, "w2", CENTER)
    assert (await assigned(await client_as("center-manager", CENTER), "w2", other)).status_code == 200
    first, second = await asked(worker, file), await asked(worker, other, service_code=FOLLOW_UP)
    done = await stepped(worker, await asked(worker, file), "accept", "deliver")

    assert await found(worker, open=True) == [second["id"], first["id"]]
    assert await found(worker, open=False) == await found(worker, status="delivered") == [done["id"]]
    assert await found(worker, service_code=FOLLOW_UP) == await found(worker, assigned_worker="w2") == [second["id"]]
    assert await found(worker, overdue=True) == await found(worker, escalated=True) == []
    assert set(await found(worker, overdue=False)) == {first["id"], second["id"], done["id"]}


async def test_a_list_shows_what_is_in_the_scope_now(
    running: Running,
    worker: httpx.AsyncClient,
    neighbour: httpx.AsyncClient,
    county: httpx.AsyncClient,
    file: Json,
) -> None:
    request = await asked(worker, file)
    assert (await found(worker), await found(neighbour)) == ([request["id"]], [])
    await moved(running, file, NEIGHBOUR)
    assert (await found(worker), await found(neighbour)) == ([], [request["id"]])
    assert await found(county, jurisdiction=NEIGHBOUR) == [request["id"]]
    assert await found(county, jurisdiction=CENTER) == []
    assert code_of(await worker.get("/v1/service-requests", params={"jurisdiction": NEIGHBOUR}))[0] == 403


async def test_the_requests_of_a_file_come_latest_first(worker: httpx.AsyncClient, file: Json) -> None:
    requests = [await asked(worker, file) for _ in range(3)]
    path = f"/v1/case-files/{file['id']}/service-requests"
    first = (await worker.get(path, params={"limit": 2})).json()
    second = (await worker.get(path, params={"limit": 2, "after": first["next"]})).json()
    assert [each["id"] for each in (*first["items"], *second["items"])] == [each["id"] for each in reversed(requests)]
    await stepped(worker, requests[0], "refuse")
    assert [each["id"] for each in (await worker.get(path, params={"open": False})).json()["items"]] == [
        requests[0]["id"]
    ]


@pytest.mark.parametrize("filters", [{"status": "open"}, {"overdue": "soon"}, {"service_code": "5"}, {"worker": "x"}])
async def test_an_unknown_filter_is_refused(worker: httpx.AsyncClient, file: Json, filters: Json) -> None:
    assert (await worker.get("/v1/service-requests", params=filters)).status_code == 422
