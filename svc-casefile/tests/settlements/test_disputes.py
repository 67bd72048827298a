"""A worker says that a line is wrong, and gets an answer."""

import httpx
import pytest
from casefile_samples import CENTER, Json, code_of, opened, version_of
from settlement_samples import day, drafted, lines_of, pay_care, was_held

from shared.testing.plugin import ClientAs, Running


@pytest.fixture
async def manager(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("center-manager", CENTER, subject="manager")


@pytest.fixture
async def sara(centers: None, client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as("social-worker", CENTER, subject="sara")


@pytest.fixture
async def statement(running: Running, worker: httpx.AsyncClient, manager: httpx.AsyncClient) -> Json:
    """A line of sara's and one of reza's."""
    await pay_care(running, 300)
    await was_held(running, await opened(worker), (day(1), "sara"), (day(11), "reza"))
    return await drafted(manager)


async def disputed(client: httpx.AsyncClient, statement: Json, line: Json) -> httpx.Response:
    return await client.post(
        f"/v1/settlements/{statement['id']}/lines/{line['id']}:dispute", json={"reason": "روزها کم است"}
    )


async def answered(client: httpx.AsyncClient, dispute: Json, *, upheld: bool = True) -> httpx.Response:
    return await client.post(
        f"/v1/settlement-disputes/{dispute['id']}:answer",
        json={"upheld": upheld, "answer": "بررسی شد"},
        headers=version_of(dispute),
    )


async def test_a_worker_disputes_a_line_and_gets_an_answer(
    statement: Json, sara: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    (mine,) = await lines_of(sara, statement)
    opened = await disputed(sara, statement, mine)
    assert opened.status_code == 201, opened.text
    assert code_of(await disputed(sara, statement, mine)) == (409, "line-disputed")

    answer = await answered(manager, opened.json(), upheld=False)

    assert answer.status_code == 200, answer.text
    (seen,) = (await sara.get(f"/v1/settlements/{statement['id']}/disputes")).json()["items"]
    assert seen == answer.json()
    assert (seen["status"], seen["answer"], seen["answered_by"]) == ("rejected", "بررسی شد", "manager")
    assert code_of(await answered(manager, seen)) == (409, "dispute-answered")
    assert code_of(await answered(manager, opened.json())) == (412, "precondition-failed")


async def test_a_worker_sees_and_disputes_their_own_lines_alone(
    statement: Json, sara: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    all_lines = {line["worker"]: line for line in await lines_of(manager, statement)}
    assert all_lines.keys() == {"sara", "reza"}

    assert await lines_of(sara, statement) == [all_lines["sara"]]
    assert await lines_of(sara, statement, worker="reza") == []
    head = (await sara.get(f"/v1/settlements/{statement['id']}")).json()
    assert (head["own"], head["total_rials"], head["lines"]) == (True, 100, 1)
    assert [share["worker"] for share in head["workers"]] == ["sara"]
    (listed,) = (await sara.get("/v1/settlements")).json()["items"]
    assert listed["total_rials"] == 100
    assert code_of(await disputed(sara, statement, all_lines["reza"])) == (404, "not-found")

    assert (await disputed(manager, statement, all_lines["reza"])).is_success
    assert (await sara.get(f"/v1/settlements/{statement['id']}/disputes")).json()["items"] == []


async def test_nobody_answers_their_own_dispute(
    statement: Json, sara: httpx.AsyncClient, manager: httpx.AsyncClient, county: httpx.AsyncClient,
    province: httpx.AsyncClient,
) -> None:  # fmt: skip
    line, _ = await lines_of(manager, statement)
    dispute = (await disputed(manager, statement, line)).json()

    assert code_of(await answered(manager, dispute)) == (403, "another-person-needed")
    for other in (sara, province):
        assert code_of(await answered(other, dispute)) == (403, "forbidden")
    assert (await answered(county, dispute)).json()["status"] == "upheld"


async def test_a_dispute_outlives_the_draft_that_it_was_about(
    running: Running, worker: httpx.AsyncClient, statement: Json, sara: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    (mine,) = await lines_of(sara, statement)
    dispute = (await disputed(sara, statement, mine)).json()
    await was_held(running, {"id": mine["case_file_id"]}, (day(1), "mina"))
    assert await lines_of(sara, await drafted(manager)) == []
    assert (await sara.get(f"/v1/settlements/{statement['id']}/disputes")).json()["items"] == [dispute]
