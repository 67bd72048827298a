"""The platform as one person's program sees it: the gateway's address, a token, and plain HTTP."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from deploy.local.accounts import Running, account_for, posted_token, reason
from deploy.local.home import Refusal
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction

Document = dict[str, Any]
BUSY = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
PATIENCE_SECONDS = 60.0


class Declined(Refusal):
    """The API's own refusal."""

    def __init__(self, sentence: str, *, code: str) -> None:
        """`code`: that of the problem, empty when the answer was none."""
        super().__init__(sentence)
        self.code = code


class Api:
    """What somebody may do. Everything raises Declined, with the API's own reason, when it is not to be done."""

    def __init__(self, running: Running, role: Role, scope: str, *, number: int = 1) -> None:
        """`number`: which of several people with the same posting."""
        place = Jurisdiction(scope)
        self.subject = account_for(role, place, number=number)
        headers = {
            "Authorization": f"Bearer {posted_token(running, role, place, number=number)}",
            "Accept-Language": "en",
            "X-Scope": scope,
        }
        self._client = httpx.Client(base_url=running.gateway, headers=headers, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def get(self, path: str, **parameters: str | int) -> Document:
        return self._json("GET", path, params=parameters)

    def items(self, path: str, **parameters: str | int) -> Iterator[Document]:
        """All items of a list, page by page."""
        after: dict[str, str] = {}
        while True:
            page = self.get(path, limit=200, **parameters, **after)
            yield from page["items"]
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    def post(self, path: str, body: Document | None = None, *, version: int | None = None) -> Document:
        """`version` is the one of the resource that is meant: a newer one is not touched."""
        headers = {"Idempotency-Key": str(uuid4())} | ({} if version is None else {"If-Match": f'"{version}"'})
        return self._json("POST", path, json=body, headers=headers)

    def put(self, path: str, body: Document, *, version: int) -> Document:
        return self._json("PUT", path, json=body, headers={"If-Match": f'"{version}"'})

    def anybody(self, path: str, body: Document) -> Document:
        """A POST without a token, by whoever stands at the door."""
        return self._json("POST", path, json=body, headers={"Authorization": ""})

    def upload(self, path: str, lines: Iterable[bytes], **parameters: str) -> Document:
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/x-ndjson"}
        return self._json("POST", path, params=parameters, content=lines, headers=headers)

    def lines(self, path: str) -> Iterator[str]:
        return self._lines(path, headers={"Accept": "application/x-ndjson"})

    def _lines(self, path: str, *, headers: dict[str, str]) -> Iterator[str]:
        try:
            with self._client.stream("GET", path, headers=headers) as answer:
                if not answer.is_success:
                    answer.read()
                    raise Refusal(f"GET {path} was refused: {reason(answer)}")
                yield from answer.iter_lines()
        except httpx.HTTPError as error:
            raise self._silent(error) from None

    def events(self, *, after: str, within: float) -> Iterator[Document]:
        """What happened inside the scope since that position, and then what happens.

        Ends when it is left; raises Refusal when none came for that many seconds.
        """
        headers = {"Accept": "text/event-stream", "Last-Event-ID": after}
        deadline = time.monotonic() + within
        for line in self._lines("/v1/events", headers=headers):
            name, _, value = line.partition(": ")
            if name == "data":
                yield json.loads(value)
                deadline = time.monotonic() + within
            elif time.monotonic() > deadline:
                raise Refusal(f"No event came for {within:.0f} seconds: do events flow?")

    def status(self, path: str) -> int:
        """What a GET of the path is answered with, whatever it is."""
        return self._send("GET", path).status_code

    def _json(self, method: str, path: str, **request: Any) -> Document:
        answer = self._send(method, path, **request)
        if not answer.is_success:
            raise Declined(f"{method} {path} was refused: {reason(answer)}", code=_code(answer))
        document: Document = answer.json()
        return document

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self._client.request(method, path, **request)
            except httpx.HTTPError as error:
                raise self._silent(error) from None
            wait = _retry_after(answer.headers)
            repeatable = "content" not in request  # a stream can be sent once
            if answer.status_code not in BUSY or not repeatable or time.monotonic() + wait > deadline:
                return answer
            time.sleep(wait)

    def _silent(self, error: httpx.HTTPError) -> Refusal:
        return Refusal(
            f"The gateway at {self._client.base_url} does not answer ({type(error).__name__}): is `make run` still"
            " running?"
        )


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _retry_after(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "1")
    return float(text) if text.isdigit() else 1.0
