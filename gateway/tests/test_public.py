"""Operations for people without an account."""

from typing import Any

import pytest

from gateway.contract import Contract, ContractError
from gateway.merge import merge

COMPLAINT = {"about": "2901003"}


async def test_nobody_is_asked_who_they_are(running: Any) -> None:
    for token in (None, "bad.bad.bad", running.issuer.token("worker", life=-3600), running.issuer.token("worker")):
        client = await running.client(token)
        answer = await client.post("/v1/complaints", json=COMPLAINT, headers={"X-Scope": "nowhere"})
        assert answer.status_code == 200, token
        actor = running.actor(running.upstream.last, "casefile")
        assert (actor.subject, actor.name, actor.roles, actor.scope) == ("public", None, frozenset(), None)
    assert "worker" not in str(running.upstream.received), "not even who showed a good token"


async def test_it_opens_nothing_else(running: Any) -> None:
    client = await running.client()
    assert (await client.get("/v1/complaints")).status_code == 405
    assert (await client.post("/v1/case-files", json={})).status_code == 401


async def test_no_posting_is_needed_nor_looked_at(start: Any) -> None:
    running = await start(ready=False, nats_url="nats://127.0.0.1:1")
    assert (await (await running.client()).post("/v1/complaints", json=COMPLAINT)).status_code == 200


async def test_the_limit_is_per_address_and_its_own(start: Any) -> None:
    running = await start(rate_limit="1/minute", rate_limit_public="3/minute")
    client = await running.client()
    answers = [
        await client.post("/v1/complaints", json=COMPLAINT, headers={"X-Forwarded-For": f"192.0.2.{number}"})
        for number in range(4)
    ]
    assert [each.status_code for each in answers] == [200, 200, 200, 429], "an address that the client made up is none"
    assert answers[0].headers["ratelimit-policy"] == '"public";q=3;w=60'
    assert 0 < int(answers[3].headers["retry-after"]) <= 20
    assert len(running.upstream.received) == 3
    worker = await running.client_of("worker", ("social-worker", "2901003"))
    assert (await worker.get("/v1/case-files")).status_code == 200, "who has an account has another meter"


async def test_behind_a_known_proxy_the_clients_address_counts(start: Any) -> None:
    running = await start(rate_limit_public="1/minute", forwarded_allow_ips="127.0.0.1")
    client = await running.client()

    async def status(forwarded: str) -> int:
        answer = await client.post("/v1/complaints", json=COMPLAINT, headers={"X-Forwarded-For": forwarded})
        return int(answer.status_code)

    assert [await status(each) for each in ("192.0.2.1", "192.0.2.1", "192.0.2.2")] == [200, 429, 200]
    assert await status("192.0.2.9, 192.0.2.1") == 429, "what the proxy saw counts, not what it was told"
    assert [await status(each) for each in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")] == [200, 429, 200]


async def test_nothing_is_on_record_about_who_it_was(start: Any, capsys: pytest.CaptureFixture[str]) -> None:
    running = await start(access_log=True, forwarded_allow_ips="127.0.0.1")
    client = await running.client(running.issuer.token("whistle-blower"))
    await client.post("/v1/complaints", json=COMPLAINT, headers={"X-Forwarded-For": "192.0.2.77"})
    running.gateway._front.close()
    written = "".join(capsys.readouterr())
    assert "file_complaint" in written
    assert "whistle-blower" not in written
    assert "192.0.2.77" not in written


def _declared(**changed: Any) -> dict[str, Any]:
    operation = {
        "operationId": "file_complaint",
        "x-service": "casefile",
        "x-permission": "none",
        "x-scope": "none",
        "x-public": True,
        "responses": {},
    }
    return {"paths": {"/v1/complaints": {"post": operation | changed}}}


@pytest.mark.parametrize(
    "changed",
    [
        {"x-permission": "case-file:read"},
        {"x-scope": "required"},
        {"x-service": "gateway"},
        {"x-personal": True},
        {"x-public": False},
    ],
)
def test_a_contract_cannot_be_half_public(changed: dict[str, Any]) -> None:
    assert Contract(_declared()).operations["file_complaint"].public
    with pytest.raises(ContractError):
        Contract(_declared(**changed))


def test_the_merged_contract_asks_for_no_token_and_no_scope_there() -> None:
    operation = merge({"casefile": _declared()})["paths"]["/v1/complaints"]["post"]
    assert operation["security"] == []
    assert "parameters" not in operation
    assert {"429", "502", "503", "504"} == operation["responses"].keys()
