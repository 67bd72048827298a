"""The routes of the platform, read from the merged OpenAPI document: a path that no contract lists does not exist."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from shared.contracts.permissions import Permission
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.text import ascii_digits

OWN: Final = "gateway"
"""The `x-service` of operations that the gateway answers itself."""
MERGED: Final = Path(__file__).parent / "contracts" / "openapi.json"
METHODS: Final = ("get", "put", "post", "patch", "delete")
_PLACES: Final = frozenset({"center_code", "jurisdiction"})
"""Path parameters that name a place, beside those that follow `centers`."""
_STREAMS: Final = ("application/x-ndjson", "application/jsonl", "application/ndjson", "text/csv", "text/event-stream")


class ContractError(ValueError):
    """The contract lacks what the gateway has to know about an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the gateway knows of one operation; everything else is the service's."""

    id: str
    method: str
    path: str
    service: str
    permission: Permission | None
    """None for what everyone with a token may do about themselves, and for what is public."""
    public: bool
    """Whether it needs no account: nobody is asked who they are."""
    scoped: bool
    personal: bool
    purposeful: bool
    """Whether nobody reads it who does not say why."""
    streams_up: bool
    streams_down: bool
    max_body_bytes: int | None
    """Where the operation has a limit of its own."""
    timeout_seconds: int | None
    """Where the operation takes longer than others by its nature."""
    place: int | None
    """Which segment of the path names a jurisdiction."""


@dataclass(slots=True)
class Address:
    """One path of the contract and what may be done there."""

    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def allow(self) -> str:
        return ", ".join(sorted(self.operations))


@dataclass(slots=True)
class _Node:
    static: dict[str, "_Node"] = field(default_factory=dict)
    suffixed: list[tuple[str, "_Node"]] = field(default_factory=list)
    """`{id}:accept`: the text after the parameter, longest first."""
    parameter: "_Node | None" = None
    address: Address | None = None


class Contract:
    """All operations, found by path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Raises ContractError."""
        self._exact: dict[str, Address] = {}
        self._root = _Node()
        self.operations: dict[str, Operation] = {}
        self.headers: set[str] = set()
        """Names of the request headers that operations declare, in lower case."""
        for path, methods in document.get("paths", {}).items():
            for method in METHODS:
                if method in methods:
                    self._add(_operation(path, method, methods[method], document))
            for each in (methods, *(methods[method] for method in METHODS if method in methods)):
                for parameter in each.get("parameters", ()):
                    declared = _resolved(parameter, document)
                    if declared["in"] == "header":
                        self.headers.add(declared["name"].lower())

    @classmethod
    def load(cls, path: Path = MERGED) -> "Contract":
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def services(self) -> set[str]:
        """The services that answer something, the gateway itself excepted."""
        return {operation.service for operation in self.operations.values()} - {OWN}

    def find(self, path: str) -> Address | None:
        """The address that a decoded path leads to, as the services' own routers would read it."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return _walk(self._root, path.split("/"), 1)

    def _add(self, operation: Operation) -> None:
        if operation.id in self.operations:
            raise ContractError(f"operationId {operation.id} is used twice")
        self.operations[operation.id] = operation
        node = self._root
        for segment in operation.path.split("/")[1:]:
            node = _child(node, segment)
        if node.address is None:
            node.address = Address()
        node.address.operations[operation.method] = operation
        if "{" not in operation.path:
            self._exact[operation.path] = node.address


def _child(node: _Node, segment: str) -> _Node:
    if not segment.startswith("{"):
        return node.static.setdefault(segment, _Node())
    suffix = segment.partition("}")[2]
    if not suffix:
        node.parameter = node.parameter or _Node()
        return node.parameter
    for known, child in node.suffixed:
        if known == suffix:
            return child
    child = _Node()
    node.suffixed.append((suffix, child))
    node.suffixed.sort(key=lambda each: -len(each[0]))
    return child


def _walk(node: _Node, segments: list[str], at: int) -> Address | None:
    if at == len(segments):
        return node.address
    segment = segments[at]
    child = node.static.get(segment)
    if child is not None and (found := _walk(child, segments, at + 1)) is not None:
        return found
    if segment in {"", ".", ".."}:  # "." and ".." are not values: a proxy on the way may have read them as steps
        return None
    for suffix, child in node.suffixed:
        if (
            segment.endswith(suffix)
            and len(segment) > len(suffix)
            and (found := _walk(child, segments, at + 1)) is not None
        ):
            return found
    return None if node.parameter is None else _walk(node.parameter, segments, at + 1)


def _operation(path: str, method: str, declared: Mapping[str, Any], document: Mapping[str, Any]) -> Operation:
    name = f"{method.upper()} {path}"
    for key in ("operationId", "x-service", "x-permission", "x-scope"):
        if key not in declared:
            raise ContractError(f"{name} has no {key}")
    scope = declared["x-scope"]
    if scope not in {"required", "none"}:
        raise ContractError(f"{name}: x-scope is neither required nor none")
    word = declared["x-permission"]
    public = declared.get("x-public", False)
    if public and (word != "none" or scope != "none" or declared["x-service"] == OWN or declared.get("x-personal")):
        raise ContractError(f"{name} is public, and wants to know who is calling")
    if word == "none" and not public and (declared["x-service"] != OWN or scope != "none"):
        raise ContractError(f"{name} has no permission")
    try:
        permission = None if word == "none" else Permission(word)
    except ValueError as error:
        raise ContractError(f"{name}: {word!r} is not a permission") from error
    up = _resolved(declared.get("requestBody", {}), document).get("content", {})
    down = (
        _resolved(response, document).get("content", {})
        for status, response in declared.get("responses", {}).items()
        if status.startswith("2")
    )
    segments = path.split("/")
    places = [
        at
        for at, segment in enumerate(segments)
        if segment.startswith("{") and (segments[at - 1] == "centers" or segment[1:].partition("}")[0] in _PLACES)
    ]
    return Operation(
        id=declared["operationId"],
        method=method.upper(),
        path=path,
        service=declared["x-service"],
        permission=permission,
        public=public,
        scoped=scope == "required",
        personal=bool(declared.get("x-personal")),
        purposeful=declared.get("x-purpose") == "required",
        streams_up=any(kind in up for kind in _STREAMS),
        streams_down=any(kind in content for content in down for kind in _STREAMS),
        max_body_bytes=declared.get("x-max-body-bytes"),
        timeout_seconds=declared.get("x-timeout-seconds"),
        place=places[0] if places else None,
    )


def _resolved(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


@lru_cache(maxsize=8192)
def named_place(segment: str) -> Jurisdiction | None:
    """The jurisdiction that a segment of a path names; None for what is none, which the service will refuse."""
    try:
        return Jurisdiction(ascii_digits(segment.partition(":")[0]))
    except ValueError:
        return None
