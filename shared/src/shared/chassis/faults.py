"""Everything that can go wrong ends here as a problem document (RFC 9457), in the caller's language.

No answer repeats what was sent in, and none carries the text of an exception.
"""

import logging

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from opentelemetry import trace
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from shared.chassis.database import CONNECTION_ERRORS
from shared.kit.problems import (
    Conflict,
    Internal,
    InvalidInput,
    Language,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    ScopeForbidden,
    Unavailable,
    UnsupportedMediaType,
    field_errors,
)

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = "2"

_BY_STATUS: dict[int, type[Problem]] = {
    400: MalformedBody,
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
}


def install(app: FastAPI) -> None:
    """Register the handlers on a service's application."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(HTTPException, _http)
    for kind in (*CONNECTION_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError):
        app.add_exception_handler(kind, _database)
    app.add_exception_handler(Exception, _unexpected)


def respond(request: Request, problem: Problem) -> Response:
    """The answer for a problem: language, trace id and headers included."""
    language = language_of(request)
    span = trace.get_current_span().get_span_context()
    return JSONResponse(
        problem.body(
            language,
            instance=request.url.path,
            trace_id=f"{span.trace_id:032x}" if span.is_valid else request.headers.get("x-request-id"),
        ),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={
            "Content-Language": language,
            "Vary": "Accept-Language",
            **({"Retry-After": RETRY_AFTER_SECONDS} if problem.status == 503 else {}),
            **problem.headers,
        },
    )


def language_of(request: Request) -> Language:
    """Persian or English, whichever `Accept-Language` names first; English without it."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        name = part.split(";")[0].strip()
        if name[:2] in ("fa", "en"):
            return "fa" if name[:2] == "fa" else "en"
    return "en"


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return respond(request, error)


async def _gone(request: Request, _: Exception) -> Response:
    return respond(request, MalformedBody())  # nobody hears it


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(each["type"] == "json_invalid" for each in errors):
        return respond(request, MalformedBody())
    return respond(request, InvalidInput(errors=field_errors(errors[:50], within=("body",))))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = _BY_STATUS.get(error.status_code, InvalidInput if error.status_code < 500 else Internal)()
    problem.headers = {**problem.headers, **(error.headers or {})}
    return respond(request, problem)


async def _database(request: Request, error: Exception) -> Response:
    problem = of_database(error)
    if isinstance(problem, Internal):
        return await _unexpected(request, error)
    log.warning("database refused a command", extra={"reason": type(error).__name__, "problem": problem.code})
    return respond(request, problem)


def of_database(error: BaseException) -> Problem:
    """What a database error means to a caller.

    A server that is away or busy is 503; a value it cannot store is 422; a unique key somebody else was faster with is
    409; a row outside the scope is 403; anything else is our mistake.
    """
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return Unavailable()
        if isinstance(error, IntegrityError):
            return Conflict()
        cause = getattr(error.orig, "__cause__", None)
        return Internal() if cause is None else of_database(cause)
    match error:
        case (
            asyncpg.SerializationError()
            | asyncpg.DeadlockDetectedError()
            | asyncpg.LockNotAvailableError()
            | asyncpg.QueryCanceledError()
            | asyncpg.InsufficientResourcesError()
            | asyncpg.OperatorInterventionError()
            | asyncpg.ReadOnlySQLTransactionError()
        ):
            return Unavailable()
        case asyncpg.InsufficientPrivilegeError() if "row-level security" in str(error):
            return ScopeForbidden()
        case asyncpg.IntegrityConstraintViolationError():
            return Conflict()
        case asyncpg.DataError():
            return InvalidInput()
        case asyncpg.InterfaceError() if isinstance(error, ValueError):  # asyncpg could not encode an argument
            return InvalidInput()
        case _ if isinstance(error, CONNECTION_ERRORS):
            return Unavailable()
        case asyncpg.InterfaceError() if "closed" in str(error):
            return Unavailable()
    return Internal()


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, extra={"path": request.scope.get("path")})
    return respond(request, Internal())
