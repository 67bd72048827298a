"""The edge of a service: every operation declares here who may call it, and runs in one transaction.

For each request, in this order: the actor is verified (401), its permission (403) and its scope (400) are checked,
unknown query parameters are refused (422), the transaction is opened inside the scope, the handler runs, its answer is
rendered, the transaction commits, and only then is the answer sent.

An operation that needs no account (`public=True`) runs for nobody in particular, whoever calls it: as `PUBLIC`, without
a role and without a scope, so the policies show it no row. What it may find or leave behind is said where it is done:
a narrow SECURITY DEFINER function, or `Command.act_at`.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Literal, NamedTuple, Protocol, TypeVar, get_type_hints

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Message, Scope

from shared.chassis import database, idempotency
from shared.chassis.actor import PUBLIC, Actor
from shared.chassis.openapi import documented
from shared.chassis.pages import ListQuery, Page
from shared.contracts.permissions import Permission
from shared.kit.problems import (
    Forbidden,
    IdempotencyKeyReused,
    Internal,
    InvalidCursor,
    InvalidInput,
    MalformedBody,
    PayloadTooLarge,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    ScopeRequired,
    Unauthorised,
    Unavailable,
    UnknownParameter,
)

__all__ = [
    "Carried",
    "Command",
    "CurrentActor",
    "IfMatch",
    "ListQuery",
    "OpenCommand",
    "OpenQuery",
    "Page",
    "Query",
    "Router",
    "created",
    "tagged",
]

SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What an operation declares beside its path; the contract carries it as `x-…` fields."""

    permission: Permission | None
    public: bool = False
    scoped: bool = True
    personal: bool = False
    purposeful: bool = False
    read_only: bool = False
    own_transactions: bool = False
    max_body_bytes: int | None = None
    timeout_seconds: int | None = None
    idempotency: Literal["optional", "required"] = "optional"


class Router(APIRouter):
    """An APIRouter whose operations cannot be declared without a permission, unless they are said to be public."""

    def __init__(self, *, prefix: str, tags: list[str], **kwargs: Any) -> None:
        super().__init__(prefix=prefix, tags=[*tags], route_class=Operation, **kwargs)

    def operation(
        self,
        method: str,
        path: str,
        *,
        permission: Permission | None,
        public: bool = False,
        scoped: bool = True,
        personal: bool = False,
        purposeful: bool = False,
        read_only: bool = False,
        own_transactions: bool = False,
        max_body_bytes: int | None = None,
        timeout_seconds: int | None = None,
        idempotency: Literal["optional", "required"] = "optional",
        problems: Sequence[type[Problem]] = (),
        **kwargs: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare an operation.

        `permission=None, public=True`: for people without an account; tests/security lists each with its reason.
        `scoped=False`: no scope is needed. `personal=True`: who reads it is an audit event;
        `purposeful=True` besides: the gateway lets nobody read it who does not say why. `read_only=True`: a POST
        that changes nothing. `own_transactions=True`: the handler opens its own (`OpenCommand`, `OpenQuery`), for
        streams that are longer than one transaction should be. `max_body_bytes`, `timeout_seconds`: instead of the
        usual limits, for what is larger or takes longer by its nature.
        """
        if public != (permission is None) or (public and personal) or (purposeful and not personal):
            raise ValueError(f"{method} {self.prefix}{path}: a permission, or public=True and nobody's file")
        scoped = scoped and not public
        policy = Policy(
            permission=permission,
            public=public,
            scoped=scoped,
            personal=personal,
            purposeful=purposeful,
            read_only=read_only or method in SAFE_METHODS,
            own_transactions=own_transactions,
            max_body_bytes=max_body_bytes,
            timeout_seconds=timeout_seconds,
            idempotency=idempotency,
        )
        extra: dict[str, Any] = {
            "x-permission": "none" if permission is None else permission.value,
            "x-scope": "required" if scoped else "none",
            "security": [] if public else [{"oidc": []}],
        }
        if public:
            extra["x-public"] = True
        if personal:
            extra["x-personal"] = True
        if purposeful:
            extra["x-purpose"] = "required"
        if max_body_bytes is not None:
            extra["x-max-body-bytes"] = max_body_bytes
        if timeout_seconds is not None:
            extra["x-timeout-seconds"] = timeout_seconds
        if method == "POST" and not policy.read_only:
            key = _PUBLIC_IDEMPOTENCY_KEY if public else _IDEMPOTENCY_KEY
            extra["parameters"] = [key | {"required": idempotency == "required"}]
        always: list[type[Problem]] = [InvalidInput, UnknownParameter, Unavailable, Internal]
        if not public:
            always += [Unauthorised, Forbidden]
        if scoped:
            always.append(ScopeRequired)
        if method not in SAFE_METHODS:
            always += [MalformedBody, PayloadTooLarge]
        if method == "POST" and not policy.read_only:
            always.append(IdempotencyKeyReused)

        def decorate(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            endpoint.policy = policy  # type: ignore[attr-defined]
            self.add_api_route(
                path,
                _handed(endpoint),
                methods=[method],
                operation_id=kwargs.pop("operation_id", endpoint.__name__),
                openapi_extra=extra | kwargs.pop("openapi_extra", {}),
                responses=documented([*always, *problems, *_of_parameters(endpoint)]) | kwargs.pop("responses", {}),
                **kwargs,
            )
            return endpoint

        return decorate

    def get(self, path: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        return self.operation("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        return self.operation("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        return self.operation("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        return self.operation("PATCH", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        return self.operation("DELETE", path, **kwargs)


def _of_parameters(endpoint: Callable[..., Any]) -> Iterator[type[Problem]]:
    """The problems that come with what a handler takes."""
    for annotation in get_type_hints(endpoint).values():
        if isinstance(annotation, type) and issubclass(annotation, ListQuery):
            yield InvalidCursor


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A key of the client's making. Sent again with the same body it gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_PUBLIC_IDEMPOTENCY_KEY = _IDEMPOTENCY_KEY | {
    "description": "A random UUID. Sent again with the same body it gets the first answer again.",
    "schema": {"type": "string", "format": "uuid"},
}


class Operation(APIRoute):
    """A route that checks its policy and opens the transaction around the handler."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        super().__init__(path, endpoint, **kwargs)
        self._begins = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        # every request asks one operation after the other; how its path begins tells most of them apart, for a tenth
        if not scope["path"].startswith(self._begins):
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        policy: Policy = self.endpoint.policy  # type: ignore[attr-defined]
        operation_id = self.operation_id or self.name
        known = _query_names(self.dependant)

        async def handle(request: Request) -> Response:
            service = request.app.state.service
            actor: Actor = service.verifier.verify(request.headers.get("authorization"))
            if policy.public:
                actor = PUBLIC
            elif actor.subject == PUBLIC.subject:
                raise Unauthorised()
            elif policy.permission not in actor.permissions:
                raise Forbidden()
            if policy.scoped and actor.scope is None:
                raise ScopeRequired()
            if request.scope["query_string"]:
                _refuse_unknown(request, known=known)
            if request.method not in SAFE_METHODS:
                request = _limited(request, policy.max_body_bytes or service.settings.max_body_bytes)
            state = request.scope["state"]
            state["actor"] = actor
            data: database.Database = service.database
            if policy.own_transactions:
                return await handler(request)
            if request.method not in SAFE_METHODS:
                await request.body()  # a client that sends slowly must not hold a transaction meanwhile
            if policy.read_only:
                async with data.query(actor, address=request.scope["path"]) as query:
                    state["query"] = query
                    response = await handler(request)
                    if query.following is not None:
                        following = request.url.include_query_params(after=query.following)
                        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
                    return response
            key = idempotency.key_of(request, required=policy.idempotency == "required", shared=policy.public)
            async with data.command(actor, timeout_seconds=policy.timeout_seconds) as command:
                state["command"] = command
                if key is None:
                    return await handler(request)
                fingerprint = await idempotency.fingerprint(request, actor)
                stored = await idempotency.claim(command, key, operation=operation_id, fingerprint=fingerprint)
                if stored is not None:
                    return stored
                response = await handler(request)
                await idempotency.keep(command, key, response)
                return response

        return handle


def _query_names(dependant: Dependant) -> frozenset[str]:
    names: set[str] = set()
    pending = [dependant]
    while pending:
        current = pending.pop()
        pending += current.dependencies
        for field in current.query_params:
            model = field.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                names.update(each.alias or name for name, each in model.model_fields.items())
            else:
                names.add(field.alias)
    return frozenset(names)


def _refuse_unknown(request: Request, *, known: frozenset[str]) -> None:
    if any(name not in known for name in request.query_params):
        raise UnknownParameter()


def _limited(request: Request, limit: int) -> Request:
    length = request.headers.get("content-length")
    if length is not None:
        if int(length) > limit:
            raise PayloadTooLarge()
        return request
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413)  # what FastAPI lets through while it reads a body
        return message

    return Request(request.scope, receive)


class Carried(NamedTuple):
    """Marks a parameter of a handler that the request carries already."""

    take: Callable[[Request], Any]


def _handed(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The handler as FastAPI calls it: with the request, in place of what that carries. (As dependencies of FastAPI
    each would cost 40 µs, a twelfth of a query.)"""
    signature = inspect.signature(endpoint)
    carried: dict[str, Callable[[Request], Any]] = {}
    for name, parameter in signature.parameters.items():
        if parameter.annotation is Request:
            carried[name] = _itself
        for mark in getattr(parameter.annotation, "__metadata__", ()):
            if isinstance(mark, Carried):
                carried[name] = mark.take
    others = [each for name, each in signature.parameters.items() if name not in carried]

    @wraps(endpoint)
    async def handed(carrier: Request, **values: Any) -> Any:
        for name, take in carried.items():
            values[name] = take(carrier)
        return await endpoint(**values)

    first = inspect.Parameter("carrier", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    handed.__signature__ = signature.replace(parameters=[first, *others])  # type: ignore[attr-defined]
    return handed


def _itself(request: Request) -> Request:
    return request


def _actor(request: Request) -> Actor:
    actor: Actor = request.scope["state"]["actor"]
    return actor


def _opens_query(request: Request) -> Callable[[], AbstractAsyncContextManager[database.Query]]:
    data: database.Database = request.app.state.service.database
    return lambda: data.query(_actor(request), address=request.scope["path"])


def _opens_command(request: Request) -> Callable[[], AbstractAsyncContextManager[database.Command]]:
    data: database.Database = request.app.state.service.database
    return lambda: data.command(_actor(request))


async def _if_match(if_match: Annotated[str | None, Header(description="The ETag that was read")] = None) -> int:
    if if_match is None:
        raise PreconditionRequired()
    if not (
        if_match.startswith('"')
        and if_match.endswith('"')
        and if_match[1:-1].isascii()
        and if_match[1:-1].isdigit()
        and len(if_match) < 20
    ):
        raise PreconditionFailed()
    return int(if_match[1:-1])


Command = Annotated[database.Command, Carried(lambda request: request.scope["state"]["command"])]
"""The open transaction of a command."""
Query = Annotated[database.Query, Carried(lambda request: request.scope["state"]["query"])]
"""The open read-only transaction of a query."""
CurrentActor = Annotated[Actor, Carried(_actor)]
OpenQuery = Annotated[Callable[[], AbstractAsyncContextManager[database.Query]], Carried(_opens_query)]
"""For `own_transactions`: opens a read inside the caller's scope, to be held while an answer is streamed."""
OpenCommand = Annotated[Callable[[], AbstractAsyncContextManager[database.Command]], Carried(_opens_command)]
"""For `own_transactions`: opens a command inside the caller's scope; several may follow each other."""
IfMatch = Annotated[int, Depends(_if_match)]
"""The version that the caller has read; compare it with the row's and raise PreconditionFailed."""


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=_Versioned)


def tagged(response: Response, resource: V) -> V:
    """Answer with the resource and its version as ETag."""
    response.headers["ETag"] = f'"{resource.version}"'
    return resource


def created(response: Response, resource: V, location: str) -> V:
    """Answer with a new resource, its address and its version."""
    response.headers["Location"] = location
    return tagged(response, resource)
