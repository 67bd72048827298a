"""A center at a glance: what registry knows of it and what casefile counts there, asked at the same time."""

import asyncio
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, Field

from gateway.actors import ActorSigner
from gateway.contract import Contract
from gateway.front import Passage
from gateway.postings import Postings
from gateway.proxy import ASSUMED, Upstreams
from gateway.scopes import Grant, resolve
from shared.kit.problems import BadGateway, NotFound, Unavailable, UpstreamTimeout

_TOGETHER_SECONDS: Final = 5.0
_SUMMARY: Final = "/v1/case-files:summary"


class CenterOverview(BaseModel):
    """What is known of a center at this moment."""

    center: dict[str, Any] | None = Field(description="As `GET /v1/centers/{code}` has it; null when unavailable")
    case_files: dict[str, Any] | None = Field(
        description="As `GET /v1/case-files:summary` counts within the center; null when unavailable"
    )
    partial: bool = Field(description="Whether a service did not answer, so that a part is missing")
    unavailable: list[str] = Field(description="The services that did not answer")


class Overviews:
    def __init__(self, *, contract: Contract, upstreams: Upstreams, signer: ActorSigner, postings: Postings) -> None:
        self._contract = contract
        self._upstreams = upstreams
        self._signer = signer
        self._postings = postings

    async def of(self, code: str, passage: Passage, *, language: str, now: float) -> CenterOverview:
        """Raises NotFound when registry knows no such center, Unavailable when nobody answers, ScopeForbidden."""
        person = self._postings.person(passage.caller.subject)
        there = resolve(person, code.encode(), scoped=True, day=self._postings.today())
        asked = {
            "registry": self._ask(f"/v1/centers/{quote(code)}", passage, there, language=language, now=now),
            "casefile": self._ask(_SUMMARY, passage, there, language=language, now=now),
        }
        answers = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
        unavailable = [service for service, answer in answers.items() if answer is None]
        if len(unavailable) == len(answers):
            raise Unavailable(headers={"Retry-After": "2"})
        return CenterOverview(
            center=answers["registry"],
            case_files=answers["casefile"],
            partial=bool(unavailable),
            unavailable=unavailable,
        )

    async def _ask(
        self, path: str, passage: Passage, grant: Grant, *, language: str, now: float
    ) -> dict[str, Any] | None:
        """The answer, or None from a service that does not give one. Raises NotFound."""
        address = self._contract.find(path)
        operation = None if address is None else address.operations.get("GET")
        if operation is None:
            return None
        headers = ASSUMED | {
            "Authorization": self._signer.authorization(passage.caller, grant, audience=operation.service, now=now),
            "Accept-Language": language,
            "traceparent": passage.trace.parent,
            "X-Request-ID": passage.trace.request_id,
        }
        try:
            async with (
                asyncio.timeout(_TOGETHER_SECONDS),
                await self._upstreams.call(operation, path=path, headers=headers) as answer,
            ):
                if answer.status == NotFound.status:
                    raise NotFound
                if answer.status != 200:
                    return None
                found: dict[str, Any] = await answer.json()
                return found
        except (Unavailable, UpstreamTimeout, BadGateway, TimeoutError):
            return None
