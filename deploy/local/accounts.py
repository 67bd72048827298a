"""Demo accounts of the running stack: their tokens, and the postings that give them rights."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import httpx

from deploy.local.home import ADMINISTRATOR, Home, Refusal
from shared.contracts.roles import LEVELS, Role
from shared.kit.jurisdiction import Jurisdiction

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Running:
    """Where the stack in a folder answers."""

    gateway: str
    issuer: str
    nats: str

    @cached_property
    def http(self) -> httpx.Client:
        """One for all calls: what takes time is to make it."""
        return httpx.Client(timeout=10)

    @classmethod
    def in_folder(cls, home: Home) -> Self:
        """Raises Refusal when no stack is ready there."""
        try:
            known = json.loads(home.addresses.read_text())
            return cls(gateway=known["gateway"], issuer=known["issuer"], nats=known["nats"])
        except (OSError, ValueError, KeyError):
            raise Refusal(
                f"No platform is ready in {home.folder}: start it with `make run`, in another terminal."
            ) from None


def account_for(role: Role, scope: Jurisdiction, *, number: int = 1) -> str:
    """The name of the demo account with this one posting; of several with the same posting, the one of that number."""
    name = f"demo-{role}-{scope}".lower()
    return name if number == 1 else f"{name}-{number}"


def posting(role: str, scope: str) -> tuple[Role, Jurisdiction]:
    """What the two words mean. Raises Refusal that lists what is possible."""
    if role not in set(Role):
        raise Refusal(f"ROLE={role} is no role; the roles are administrator, {', '.join(Role)}.")
    known = Role(role)
    try:
        place = Jurisdiction(scope or "IR")
    except ValueError:
        raise Refusal(
            f"SCOPE={scope} is no place: IR, two digits (province), four (county) or seven (center)."
        ) from None
    if place.level not in LEVELS[known]:
        wrong = f"SCOPE={scope} is a {place.level}" if scope else "SCOPE is missing"
        raise Refusal(
            f"{wrong}; a {known} has a {' or a '.join(sorted(LEVELS[known]))}, such as SCOPE={_example(known)}."
        )
    return known, place


def access_token(running: Running, account: str) -> str:
    """Raises Refusal when the issuer does not answer or does not know the account."""
    form = {"grant_type": "password", "username": account}
    try:
        answer = running.http.post(f"{running.issuer}/token", data=form)
    except httpx.HTTPError:
        raise Refusal(f"The issuer at {running.issuer} does not answer: is `make run` still running?") from None
    if answer.status_code != httpx.codes.OK:
        raise Refusal(f"The issuer refuses {account}: {answer.text.strip()}.")
    return str(answer.json()["access_token"])


def posted_token(running: Running, role: Role, scope: Jurisdiction, *, number: int = 1) -> str:
    """A token of the demo account for this posting, which is granted through the API when it is missing.

    Raises Refusal with the API's reason when it cannot be.
    """
    account = account_for(role, scope, number=number)
    token = access_token(running, account)
    if _holds(running, token, role, scope):
        return token
    wanted = {"person": account, "role": role, "jurisdiction": str(scope)}
    answer = _ask(running, "POST", "/v1/postings", token=access_token(running, ADMINISTRATOR), json=wanted)
    # granted a moment ago by another run: what counts is that it is in force
    if answer.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
        hint = " Centers are opened by `make demo`." if '"place-unknown"' in answer.text else ""
        raise Refusal(f"{account} cannot be posted to {scope}: {reason(answer)}{hint}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _holds(running, token, role, scope):
        if time.monotonic() > deadline:
            raise Refusal(f"The posting of {account} did not reach the gateway within {PATIENCE_SECONDS:.0f} seconds.")
        time.sleep(0.02)
    return token


def reason(answer: httpx.Response) -> str:
    """A problem document as one sentence."""
    try:
        problem = answer.json()
        parts = [problem.get("detail") or problem["title"], *(each["message"] for each in problem.get("errors", ()))]
    except (ValueError, KeyError, TypeError):
        return f"the answer was {answer.status_code} {answer.text[:200]}".strip()
    sentences = dict.fromkeys(str(part).rstrip(".") for part in parts)
    return f"{'; '.join(sentences)} ({problem.get('code')})."


def _holds(running: Running, token: str, role: Role, scope: Jurisdiction) -> bool:
    me = _ask(running, "GET", "/v1/me", token=token)
    if me.status_code != httpx.codes.OK:
        raise Refusal(f"The gateway does not say who I am: {reason(me)}")
    return any((each["role"], each["jurisdiction"]) == (role, str(scope)) for each in me.json()["postings"])


def _ask(running: Running, method: str, path: str, *, token: str, json: object = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    try:
        return running.http.request(method, f"{running.gateway}{path}", headers=headers, json=json)
    except httpx.HTTPError:
        raise Refusal(f"The gateway at {running.gateway} does not answer: is `make run` still running?") from None


def _example(role: Role) -> str:
    examples = {"nation": "IR", "province": "29", "county": "2901", "center": "2901003"}
    return examples[max(LEVELS[role], key=lambda level: len(examples[level]))]
