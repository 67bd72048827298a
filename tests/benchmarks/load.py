"""A closed-loop HTTP/1.1 load generator that costs less than what it measures: one process, bare protocols."""

import asyncio
import os
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import cast

import uvloop

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Load:
    """What came back."""

    seconds: float
    answered: int
    refused: int
    """Answers that were not 2xx: a measurement with any is worth nothing."""
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connection(asyncio.Protocol):
    def __init__(self, driver: "_Driver") -> None:
        self._driver = driver
        self._buffer = bytearray()
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        request = self._driver.next_request()
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0 or not _complete(self._buffer, head):
            return
        self._driver.answered(ok=self._buffer[9:10] == b"2", seconds=time.perf_counter() - self._sent)
        self._buffer.clear()
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._driver.closed()


def _complete(buffer: bytearray, head: int) -> bool:
    fields = bytes(buffer[:head]).lower()
    at = fields.find(b"content-length:")
    if at >= 0:
        return len(buffer) >= head + 4 + int(fields[at + 15 :].split(b"\r\n", 1)[0])
    return b"transfer-encoding" not in fields or buffer.endswith(b"0\r\n\r\n")


class _Driver:
    def __init__(self, requests: Sequence[bytes], *, connections: int, seconds: float, once: bool) -> None:
        self._requests: Iterator[bytes] = iter(requests) if once else _cycle(requests)
        self._until = time.perf_counter() + seconds
        self._open = connections
        self.latencies: list[float] = []
        self.refused = 0
        self.done = asyncio.Event()

    def next_request(self) -> bytes | None:
        return None if time.perf_counter() > self._until else next(self._requests, None)

    def answered(self, *, ok: bool, seconds: float) -> None:
        self.latencies.append(seconds)
        self.refused += not ok

    def closed(self) -> None:
        self._open -= 1
        if not self._open:
            self.done.set()


def _cycle(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def drive(
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float, once: bool, core: int | None
) -> Load:
    """Send requests, each as soon as the one before on its connection is answered. `once`: none is repeated."""
    if core is not None:
        os.sched_setaffinity(0, {core})

    async def run() -> Load:
        driver = _Driver(requests, connections=connections, seconds=seconds, once=once)
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: _Connection(driver), LOOPBACK, port)
        await driver.done.wait()
        return Load(time.perf_counter() - began, len(driver.latencies), driver.refused, driver.latencies)

    return uvloop.run(run())


@contextmanager
def generator() -> Iterator[ProcessPoolExecutor]:
    """A process of its own to drive from."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        yield pool


def request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    fields = {"Host": "benchmark", **(headers or {})} | ({"Content-Length": str(len(body))} if body else {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Responder(asyncio.Protocol):
    """An upstream that answers every request alike, at next to no cost."""

    BODY = b'{"code":"2901003","name_fa":"\xd9\x85\xd8\xb1\xda\xa9\xd8\xb2","status":"open","version":3}'
    ANSWER = (
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: "3"\r\nContent-Length: '
        + str(len(BODY)).encode()
        + b"\r\n\r\n"
        + BODY
    )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._buffer = bytearray()

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET") and data.endswith(b"\r\n\r\n"):
            self._transport.write(self.ANSWER)
            return
        self._buffer += data  # spans, which are sent here too
        head = self._buffer.find(b"\r\n\r\n")
        if head >= 0 and _complete(self._buffer, head):
            self._buffer.clear()
            self._transport.write(self.ANSWER)


def respond(port: int, core: int | None) -> None:
    """Run the upstream until the process is ended."""
    if core is not None:
        os.sched_setaffinity(0, {core})

    async def run() -> None:
        loop = asyncio.get_running_loop()
        listener = socket.create_server((LOOPBACK, port))
        server = await loop.create_server(Responder, sock=listener)
        await server.serve_forever()

    uvloop.run(run())
