"""The gateway's own pages, as FastAPI: who I am, a center at a glance, the stream of events, the documentation."""

import html
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from gateway import scopes
from gateway.contract import MERGED
from gateway.errors import InvalidEventPosition, TooManyEventStreams
from gateway.events_stream import EventStream, EventStreams, Listener
from gateway.front import Passage, preferred_language
from gateway.overview import CenterOverview, Overviews
from gateway.postings import Postings
from shared.chassis import health
from shared.chassis.openapi import PROBLEM, documented
from shared.chassis.openapi import contract as contract_of
from shared.contracts.permissions import Permission
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import (
    PROBLEMS,
    Forbidden,
    Internal,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unauthorised,
    Unavailable,
    field_errors,
)

STATIC: Final = Path(__file__).parent / "static"
ASYNCAPI: Final = MERGED.with_name("asyncapi.yaml")
DOCS_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """What the pages need of the running gateway."""

    postings: Postings
    events: EventStreams
    overviews: Overviews
    clock: Callable[[], float]


class HeldPosting(BaseModel):
    posting_id: UUID
    role: Role
    jurisdiction: Jurisdiction
    valid_from: str = Field(json_schema_extra={"format": "date"})
    valid_to: str | None = Field(json_schema_extra={"format": "date"})


class HeldScope(BaseModel):
    """What you may do at one place."""

    scope: Jurisdiction
    roles: list[Role]
    permissions: list[Permission]


class Me(BaseModel):
    """Who you are to the platform, today."""

    subject: str
    name: str | None
    postings: list[HeldPosting]
    scopes: list[HeldScope] = Field(description="One for each place where you hold a posting")


router = APIRouter(prefix="/v1")


def _declared(
    permission: Permission | None, *problems: type[Problem], scope: Literal["required", "none"]
) -> dict[str, Any]:
    return {
        "openapi_extra": {"x-permission": permission or "none", "x-scope": scope, "security": [{"oidc": []}]},
        "responses": documented([Unauthorised, Forbidden, Internal, *problems]),
    }


def _passage(request: Request) -> Passage:
    return Passage.of(request.scope)


def _rooms(request: Request) -> Rooms:
    rooms: Rooms = request.app.state.rooms
    return rooms


Admitted = Annotated[Passage, Depends(_passage)]
InRooms = Annotated[Rooms, Depends(_rooms)]


@router.get("/me", tags=["Me"], operation_id="read_me", **_declared(None, scope="none"))
async def read_me(passage: Admitted, rooms: InRooms) -> Me:
    """Who I am, which postings I hold today, and what they allow me where."""
    held = rooms.postings.person(passage.caller.subject).in_force(rooms.postings.today())
    places = sorted({posting.jurisdiction for posting in held}, key=str)
    grants = {place: scopes.at(held, place) for place in places}
    return Me(
        subject=passage.caller.subject,
        name=passage.caller.name,
        postings=[
            HeldPosting(
                posting_id=posting.id,
                role=posting.role,
                jurisdiction=posting.jurisdiction,
                valid_from=posting.valid_from.isoformat(),
                valid_to=None if posting.valid_to is None else posting.valid_to.isoformat(),
            )
            for posting in held
        ],
        scopes=[
            HeldScope(scope=place, roles=sorted(grant.roles), permissions=sorted(grant.permissions))
            for place, grant in grants.items()
        ],
    )


@router.get(
    "/centers/{code}/overview",
    tags=["Centers"],
    operation_id="read_center_overview",
    **_declared(Permission.CASE_FILE_READ, InvalidInput, NotFound, Unavailable, scope="required"),
)
async def read_center_overview(
    code: Annotated[str, PathParameter(pattern="^[0-9]{7}$")],
    passage: Admitted,
    rooms: InRooms,
    accept_language: Annotated[str, Header(include_in_schema=False)] = "en",
) -> CenterOverview:
    """A center and its case files in figures, from two services at once; a part may be missing, and is said to be."""
    return await rooms.overviews.of(code, passage, language=preferred_language(accept_language), now=rooms.clock())


async def _stream(
    passage: Admitted,
    rooms: InRooms,
    last_event_id: Annotated[
        str | None, Header(description="The `id` of the last event received: continue after it")
    ] = None,
) -> AsyncIterator[EventStream]:
    assert passage.grant.scope is not None
    listener = Listener(passage.caller, passage.header, passage.grant.scope)
    async with rooms.events.open(listener, last_event_id) as stream:
        yield stream


@router.get(
    "/events",
    tags=["Events"],
    operation_id="follow_events",
    response_class=EventSourceResponse,
    **_declared(Permission.EVENT_READ, InvalidEventPosition, TooManyEventStreams, Unavailable, scope="required"),
)
async def follow_events(stream: Annotated[EventStream, Depends(_stream)]) -> AsyncIterator[ServerSentEvent]:
    """The events inside my scope as they happen (server-sent events; each `data` is a CloudEvents document).

    Send `Last-Event-ID` to continue where a connection broke off: nothing is left out. The last event is named `end`
    and says why when the posting ends or the token expires.
    """
    async for event in stream.events():
        yield event


public = APIRouter(include_in_schema=False)


@public.get("/")
async def home() -> Response:
    return RedirectResponse("/docs")


@public.get("/docs")
async def docs() -> Response:
    return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": DOCS_POLICY})


@public.get("/docs/start.js")
async def docs_script() -> Response:
    return FileResponse(STATIC / "start.js", media_type="text/javascript")


@public.get("/problems.css")
async def problems_style() -> Response:
    return FileResponse(STATIC / "problems.css")


@public.get("/openapi.json")
async def openapi() -> Response:
    return FileResponse(MERGED, media_type="application/json")


@public.get("/asyncapi.yaml")
async def asyncapi() -> Response:
    return FileResponse(ASYNCAPI, media_type="application/yaml")


@public.get("/problems")
async def problems() -> Response:
    rows = "".join(
        f'<tr><td>{each.status}</td><td><a href="/problems/{code}"><code>{code}</code></a></td>'
        f'<td>{_safe(each.title["en"])}</td><td lang="fa" dir="rtl">{_safe(each.title["fa"])}</td></tr>'
        for code, each in _catalogue().items()
    )
    return _page("problems.html", rows=rows)


@public.get("/problems/{code}")
async def problem(code: str) -> Response:
    known = _catalogue().get(code)
    if known is None:
        raise NotFound
    texts = {
        f"{part}_{language}": _safe(sentence.get(language, ""))
        for part, sentence in (("title", known.title), ("detail", known.detail))
        for language in ("fa", "en")
    }
    operations = "".join(f"<li><code>{_safe(each)}</code></li>" for each in known.operations)
    return _page("problem.html", code=code, status=str(known.status), operations=operations, **texts)


@dataclass(slots=True)
class _Known:
    """What is said of a problem to people."""

    status: int
    title: Mapping[str, str]
    detail: Mapping[str, str]
    operations: list[str]


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, _Known]:
    """Every problem by its code: what the contracts document, and those that the gateway knows itself."""
    document = json.loads(MERGED.read_text(encoding="utf-8"))
    found = {
        code: _Known(each["value"]["status"], {"en": each["summary"], "fa": each.get("description", "")}, {}, [])
        for code, each in document["components"]["examples"].items()
    } | {code: _Known(each.status, each.title, each.detail or {}, []) for code, each in PROBLEMS.items()}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for response in operation["responses"].values():
                for code in response.get("content", {}).get(PROBLEM, {}).get("examples", {}):
                    found[code].operations.append(f"{method.upper()} {path}")
    return dict(sorted(found.items(), key=lambda each: (each[1].status, each[0])))


def _page(name: str, **values: str) -> Response:
    template = Template((STATIC / name).read_text(encoding="utf-8"))
    return HTMLResponse(template.substitute(values), headers={"Content-Security-Policy": DOCS_POLICY})


_safe = html.escape


def application(checks: health.Checks | None = None, rooms: Rooms | None = None) -> FastAPI:
    """The pages; without rooms only their contract can be read."""
    app = FastAPI(
        title="Gateway",
        description="Who am I, a center at a glance, and the stream of events.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.rooms = rooms
    for kind in (Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    app.include_router(router)
    app.include_router(public)
    app.include_router(health.pages(checks or {}))
    app.mount("/docs/assets", StaticFiles(directory=_assets()), name="assets")
    return app


def own_contract() -> dict[str, Any]:
    """The contract of the operations that the gateway answers itself."""
    return contract_of(application())


async def _refused(request: Request, error: Exception) -> Response:
    match error:
        case Problem():
            problem = error
        case RequestValidationError():
            problem = InvalidInput(errors=field_errors(error.errors(), within=("body",)))
        case HTTPException(status_code=405):
            problem = MethodNotAllowed(headers=error.headers)
        case HTTPException(status_code=404):
            problem = NotFound()
        case _:
            problem = InvalidInput()
    language = preferred_language(request.headers.get("accept-language", ""))
    passage = request.scope.get("state", {}).get("passage")
    return JSONResponse(
        problem.body(language, instance=request.url.path, trace_id=None if passage is None else passage.trace.id),
        status_code=problem.status,
        media_type=PROBLEM,
        headers={"Content-Language": language, "Vary": "Accept-Language", **problem.headers},
    )


def _assets() -> Path:
    """Swagger UI, from a wheel; importing the package would bring along what is not needed."""
    package = find_spec("fastapi_offline")
    if package is None or package.origin is None:
        raise LookupError("the package fastapi-offline is not installed")
    return Path(package.origin).parent / "static"
