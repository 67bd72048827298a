"""What passes between callers and services, and what a caller is told when a service fails."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response, StreamingResponse

from shared.testing.servers import free_port

OFFICER = ("province-officer", "29")
MANAGER = ("center-manager", "2901003")
FILE = "/v1/case-files/0199d1f0-0000-7000-8000-000000000001"


@pytest.fixture
async def client(running: Any) -> httpx.AsyncClient:
    return await running.client_of("manager", MANAGER)


def upstreams(*addresses: str) -> dict[str, str]:
    registry, casefile = addresses if len(addresses) == 2 else (addresses[0], addresses[0])
    return {"registry": registry, "casefile": casefile}


async def raw(url: str, request: bytes) -> bytes:
    """What comes back for bytes that no HTTP library would send."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


async def test_method_path_query_and_body_arrive_as_they_were_sent(running: Any, client: httpx.AsyncClient) -> None:
    body = json.dumps({"name": "زهرا"}).encode()
    answer = await client.post(
        "/v1/case-files?a=1&b=%D8%B2&c=x+y", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200
    got = running.upstream.last
    assert (got.method, got.path, got.query, got.body) == ("POST", "/v1/case-files", "a=1&b=%D8%B2&c=x+y", body)
    assert got.header("content-type") == "application/json"
    assert got.header("content-length") == str(len(body))


async def test_an_encoded_segment_stays_encoded(running: Any, client: httpx.AsyncClient) -> None:
    await client.get("/v1/case-files/a%20b")
    assert running.upstream.last.path == "/v1/case-files/a%20b"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/case-files/..%2F..%2Flivez",
        "/v1/case-files/%2e%2e/members",
        "/v1/case-files//members",
        "/v1/case-files/",
        "/v1/../livez",
        "//v1/case-files",
        "/v1/case-files/x%2Fhistory",
        "/V1/case-files",
        "/v1",
    ],
)
async def test_detours_lead_nowhere(running: Any, client: httpx.AsyncClient, path: str) -> None:
    token = client.headers["authorization"]
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    answer = await raw(running.url, request.encode())
    assert answer.startswith(b"HTTP/1.1 404"), answer[:200]
    assert running.upstream.received == []


async def test_identity_comes_from_the_token_alone(running: Any, client: httpx.AsyncClient) -> None:
    claimed = {
        "X-Actor": "administrator",
        "X-User-Id": "administrator",
        "X-Roles": "headquarters",
        "X-Forwarded-User": "administrator",
        "X-Forwarded-For": "10.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "Forwarded": "for=10.0.0.1",
        "Remote-User": "administrator",
        "Cookie": "session=1",
        "Proxy-Authorization": "Basic x",
        "X-Original-URL": "/v1/postings",
        "X-HTTP-Method-Override": "DELETE",
    }
    assert (await client.get(FILE, headers=claimed)).status_code == 200
    names = {name for name, _ in running.upstream.last.headers}
    assert names.isdisjoint(name.lower() for name in claimed)
    assert running.actor(running.upstream.last, "casefile").subject == "manager"


async def test_the_callers_own_token_stays_at_the_gateway(running: Any, client: httpx.AsyncClient) -> None:
    await client.get(FILE)
    assert running.upstream.last.header("authorization") != client.headers["authorization"]


async def test_an_actor_token_is_for_one_service_only(running: Any, client: httpx.AsyncClient) -> None:
    from shared.kit.problems import Unauthorised

    await client.get(FILE)
    with pytest.raises(Unauthorised):
        running.actor(running.upstream.last, "registry")


async def test_what_an_operation_works_with_is_passed_on(running: Any, client: httpx.AsyncClient) -> None:
    sent = {
        "Accept": "application/json",
        "Accept-Language": "fa",
        "Idempotency-Key": "key-1",
        "If-Match": '"3"',
        "If-None-Match": '"4"',
        "Prefer": "return=minimal",
    }
    await client.get(FILE, headers=sent)
    for name, value in sent.items():
        assert running.upstream.last.header(name.lower()) == value


async def test_headers_of_one_connection_are_not_passed_back(running: Any, client: httpx.AsyncClient) -> None:
    running.upstream.answer(
        JSONResponse(
            {},
            status_code=201,
            headers={
                "Keep-Alive": "timeout=5",
                "Proxy-Authenticate": "Basic",
                "Upgrade": "h2c",
                "Server": "internal/1.0",
                "Location": "/v1/case-files/7",
                "ETag": '"7"',
                "Link": '</v1/case-files?after=x>; rel="next"',
            },
        )
    )
    answer = await client.get(FILE)
    assert answer.status_code == 201
    for name in ("keep-alive", "proxy-authenticate", "upgrade", "server"):
        assert name not in answer.headers
    assert answer.headers["location"] == "/v1/case-files/7"
    assert answer.headers["etag"] == '"7"'
    assert 'rel="next"' in answer.headers["link"]
    assert len(answer.headers.get_list("date")) == 1


async def test_redirects_are_the_callers_to_follow(running: Any, client: httpx.AsyncClient) -> None:
    running.upstream.answer(Response(status_code=307, headers={"Location": "http://127.0.0.1:1/elsewhere"}))
    assert (await client.get(FILE)).status_code == 307


async def test_an_answer_without_a_body(running: Any, client: httpx.AsyncClient) -> None:
    running.upstream.answer(Response(status_code=204))
    answer = await client.patch(FILE, json={})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_problems_of_services_come_through_as_they_are(running: Any, client: httpx.AsyncClient) -> None:
    problem = {"type": "/problems/case-file-closed", "code": "case-file-closed", "status": 409, "title": "x"}
    running.upstream.answer(JSONResponse(problem, status_code=409, media_type="application/problem+json"))
    answer = await client.patch(FILE, json={})
    assert (answer.status_code, answer.json()) == (409, problem)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_security_headers(client: httpx.AsyncClient) -> None:
    for path in (FILE, "/v1/nowhere", "/v1/me"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" in headers


async def test_an_answer_that_says_it_may_be_cached(running: Any, client: httpx.AsyncClient) -> None:
    running.upstream.answer(JSONResponse({}, headers={"Cache-Control": "max-age=60"}))
    assert (await client.get(FILE)).headers.get_list("cache-control") == ["max-age=60"]


async def test_a_path_that_no_contract_lists(running: Any, client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/backdoor")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.json()["instance"] == "/v1/backdoor"
    assert running.upstream.received == []


async def test_a_method_that_the_contract_does_not_list(running: Any, client: httpx.AsyncClient) -> None:
    answer = await client.delete(FILE)
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PATCH"
    assert (await client.request("QUERY", "/v1/case-files")).status_code == 405
    assert running.upstream.received == []


async def test_a_large_answer_is_passed_on_as_it_comes(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    go_on = asyncio.Event()

    async def lines() -> Any:
        yield b'{"number": 0}\n'
        await go_on.wait()
        for number in range(1, 2000):
            yield b'{"number": %d, "padding": "%s"}\n' % (number, b"x" * 400)

    running.upstream.answer(StreamingResponse(lines(), media_type="application/x-ndjson"))
    async with client.stream("GET", "/v1/case-files:export") as answer:
        received = answer.aiter_lines()
        assert json.loads(await anext(received)) == {"number": 0}, "the first line came before the last was made"
        go_on.set()
        rest = [json.loads(line)["number"] async for line in received]
    assert rest == list(range(1, 2000))


async def test_an_upload_is_passed_on_as_it_comes(start: Any) -> None:
    running = await start(max_body_bytes=1024)
    client = await running.client_of("officer", OFFICER)
    first, more = asyncio.Event(), asyncio.Event()
    sizes: list[int] = []

    async def service(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            sizes.append(len(message.get("body", b"")))
            first.set()
            if not message.get("more_body"):
                break
        await JSONResponse({"received": sum(sizes)}, status_code=202)(scope, receive, send)

    async def lines() -> Any:
        yield b"x" * 1000
        await more.wait()
        for _ in range(400):
            yield b"y" * 1000

    running.upstream.behaviour = service
    sending = asyncio.create_task(
        client.post("/v1/case-files:import", content=lines(), headers={"Content-Type": "application/x-ndjson"})
    )
    await asyncio.wait_for(first.wait(), 5)
    assert sizes[0] == 1000, "the first part came before the last was sent"
    more.set()
    answer = await sending
    assert (answer.status_code, answer.json()) == (202, {"received": 401_000})


async def test_a_large_body_with_a_length_keeps_its_length(running: Any) -> None:
    client = await running.client_of("officer", OFFICER)
    body = b"z" * 300_000
    await client.post("/v1/case-files:import", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert running.upstream.last.header("content-length") == "300000"
    assert running.upstream.last.header("transfer-encoding") is None
    assert running.upstream.last.body == body


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large(start: Any, chunked: bool) -> None:
    running = await start(max_body_bytes=2000)
    client = await running.client_of("manager", MANAGER)

    async def parts() -> Any:
        for _ in range(5):
            yield b"x" * 1000

    answer = await client.post("/v1/case-files", content=parts() if chunked else b"x" * 5000)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")
    assert all(len(each.body) < 5000 for each in running.upstream.received)
    assert (await client.get(FILE)).status_code == 200


async def test_a_length_that_is_not_kept(running: Any, client: httpx.AsyncClient) -> None:
    """A caller that hangs up in the middle of its body leaves nothing half-written at a service."""
    token = client.headers["authorization"]
    head = f"POST /v1/case-files HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 50\r\n\r\n"
    host, port = running.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"{")
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await asyncio.sleep(0.1)
    assert running.upstream.received == []
    assert (await client.get(FILE)).status_code == 200


async def test_a_service_that_is_not_there(start: Any, upstream_url: str) -> None:
    running = await start(upstreams=upstreams(upstream_url, f"http://127.0.0.1:{free_port()}"))
    client = await running.client_of("manager", MANAGER)
    for method in ("GET", "PATCH"):
        answer = await client.request(method, FILE)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert (await client.get("/v1/services")).status_code == 200, "the other services still answer"


async def test_a_service_that_is_too_slow(start: Any) -> None:
    running = await start(upstream_timeout_seconds=0.3)
    client = await running.client_of("manager", MANAGER)

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(30)

    running.upstream.behaviour = slow
    began = time.monotonic()
    answer = await client.get(FILE)
    assert (answer.status_code, answer.json()["code"]) == (504, "upstream-timeout")
    assert time.monotonic() - began < 5


async def test_an_operation_that_says_so_may_take_longer_than_others(start: Any) -> None:
    running = await start(upstream_timeout_seconds=0.3)
    client = await running.client_of("officer", ("county-officer", "2901"))

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(2)  # the gateway looks for those that are late every half second
        await JSONResponse({"planned": True})(scope, receive, send)

    running.upstream.behaviour = slow
    assert (await client.post("/v1/distributions")).json() == {"planned": True}


async def test_a_stream_may_take_longer_than_an_answer(start: Any) -> None:
    running = await start(upstream_timeout_seconds=0.3, upstream_idle_seconds=5)
    client = await running.client_of("manager", MANAGER)

    async def lines() -> Any:
        for _ in range(4):
            yield b"{}\n"
            await asyncio.sleep(0.2)

    running.upstream.answer(StreamingResponse(lines(), media_type="application/x-ndjson"))
    assert (await client.get("/v1/case-files:export")).text == "{}\n" * 4


async def test_a_stream_that_falls_silent_is_broken_off_and_looks_so(start: Any) -> None:
    running = await start(upstream_idle_seconds=0.3)
    client = await running.client_of("manager", MANAGER)

    async def lines() -> Any:
        yield b"{}\n"
        await asyncio.sleep(30)

    running.upstream.answer(StreamingResponse(lines(), media_type="application/x-ndjson"))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/v1/case-files:export")


class Breaking:
    """A server that closes connections without an answer, a number of times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.requests = 0
        self._server: asyncio.Server

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        if self.requests > self.times:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")
            await writer.drain()
        writer.close()


async def test_a_read_is_tried_twice(start: Any, upstream_url: str) -> None:
    service = Breaking(times=1)
    async with service as url:
        running = await start(upstreams=upstreams(upstream_url, url))
        client = await running.client_of("manager", MANAGER)
        assert (await client.get(FILE)).status_code == 200
        assert service.requests == 2


@pytest.mark.parametrize(("method", "attempts"), [("GET", 2), ("PATCH", 1)])
async def test_a_write_is_never_tried_twice(start: Any, upstream_url: str, method: str, attempts: int) -> None:
    service = Breaking(times=100)
    async with service as url:
        running = await start(upstreams=upstreams(upstream_url, url))
        client = await running.client_of("manager", MANAGER)
        answer = await client.request(method, FILE)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert service.requests == attempts


async def test_a_service_that_does_not_speak_http(start: Any, upstream_url: str) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        running = await start(upstreams=upstreams(upstream_url, address))
        client = await running.client_of("manager", MANAGER)
        answer = await client.get(FILE)
        assert (answer.status_code, answer.json()["code"]) == (502, "bad-gateway")


async def test_half_an_answer_does_not_look_like_a_whole_one(start: Any, upstream_url: str) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 200_000)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(half, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        running = await start(upstreams=upstreams(upstream_url, address))
        client = await running.client_of("manager", MANAGER)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(FILE)


async def test_no_more_at_once_than_a_service_is_asked_to_do(start: Any) -> None:
    running = await start(upstream_concurrency=2)
    client = await running.client_of("manager", MANAGER)
    go_on = asyncio.Event()

    async def waiting(scope: Any, receive: Any, send: Any) -> None:
        await go_on.wait()
        await JSONResponse({})(scope, receive, send)

    running.upstream.behaviour = waiting
    first = [asyncio.create_task(client.get(FILE)) for _ in range(2)]
    await asyncio.sleep(0.3)
    answer = await client.get(FILE)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.get("/v1/me")).status_code == 200
    go_on.set()
    assert [(await each).status_code for each in first] == [200, 200]
    assert (await client.get(FILE)).status_code == 200, "the places are free again"


async def test_a_caller_that_hangs_up_cancels_the_work(running: Any) -> None:
    client = await running.client_of("manager", MANAGER)
    began, ended = asyncio.Event(), asyncio.Event()

    async def long(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        began.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    running.upstream.behaviour = long
    task = asyncio.create_task(client.get(FILE))
    await asyncio.wait_for(began.wait(), 5)
    task.cancel()
    await asyncio.wait_for(ended.wait(), 5)
    running.upstream.answer(None)
    assert (await client.get(FILE)).status_code == 200


async def test_a_caller_that_hangs_up_in_the_middle_of_an_upload_ends_it(running: Any) -> None:
    client = await running.client_of("officer", OFFICER)
    ended = asyncio.Event()

    async def service(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                ended.set()
                return

    running.upstream.behaviour = service
    head = "POST /v1/case-files:import HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    head += f"Authorization: {client.headers['authorization']}\r\n\r\n"
    host, port = running.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"3\r\n{}\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    await asyncio.wait_for(ended.wait(), 5)


async def test_stopping_lets_requests_in_progress_finish(start: Any) -> None:
    running = await start()
    client = await running.client_of("manager", MANAGER)
    began = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        began.set()
        await asyncio.sleep(0.5)
        await JSONResponse({"whole": True})(scope, receive, send)

    running.upstream.behaviour = slow
    task = asyncio.create_task(client.get(FILE))
    await began.wait()
    running.stop()
    assert (await task).json() == {"whole": True}
