"""Who is calling, as the gateway says it: a short-lived signed token with exactly one scope.

A service reads nothing about its caller from plain headers.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, Role
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import Unauthorised

ISSUER = "positive-life-gateway"
TOKEN_TYPE = "actor+jwt"  # noqa: S105 (a name of a type)
ALGORITHM = "Ed25519"
LIFETIME_SECONDS = 60
"""The longest that a change of postings can be outlived by a token already signed."""


@dataclass(frozen=True)
class Actor:
    """A caller with one active scope; `scope` is None where an operation needs none."""

    subject: str
    roles: frozenset[Role]
    scope: Jurisdiction | None
    name: str | None = None

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return EVERYONE.union(*(GRANTS[role] for role in self.roles))

    @classmethod
    def system(cls, service: str) -> "Actor":
        """The service itself at its own work (consumers, workers): the nation, no role."""
        return cls(subject=f"system:{service}", roles=frozenset(), scope=Jurisdiction("IR"))


PUBLIC: Final = Actor(subject="public", roles=frozenset(), scope=None)
"""Whoever calls an operation that needs no account: nobody in particular, with no role and no place."""


def sign(actor: Actor, *, audience: str, key: OKPKey, now: float | None = None) -> str:
    """Make the token with which `actor` may call the service `audience` for a minute."""
    issued = int(time.time() if now is None else now)
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": audience,
        "sub": actor.subject,
        "roles": sorted(actor.roles),
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
    }
    if actor.name is not None:
        claims["name"] = actor.name
    if actor.scope is not None:
        claims["scope"] = str(actor.scope)
    return jwt.encode({"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


class ActorVerifier:
    """Checks actor tokens for one service; a token is verified once and remembered until it ends."""

    REMEMBERED = 4096

    def __init__(self, *, audience: str, keys: str) -> None:
        self._audience = audience
        self._keys = KeySet.import_key_set(json.loads(keys))
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            leeway=5,
        )
        self._known: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    def verify(self, authorization: str | None) -> Actor:
        """The actor of an `Authorization` header.

        Raises Unauthorised when there is none, or it is not a token for this service.
        """
        if authorization is None or not authorization.startswith("Bearer "):
            raise Unauthorised()
        token = authorization[7:]
        known = self._known.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        expires, actor = self._check(token)
        self._known[token] = (expires, actor)
        if len(self._known) > self.REMEMBERED:
            self._known.popitem(last=False)
        return actor

    def _check(self, token: str) -> tuple[float, Actor]:
        try:
            decoded = jwt.decode(token, self._keys, algorithms=[ALGORITHM])
            if decoded.header.get("typ") != TOKEN_TYPE:
                raise Unauthorised()
            self._claims.validate(decoded.claims)
            claims = decoded.claims
            scope = claims.get("scope")
            return float(claims["exp"]), Actor(
                subject=str(claims["sub"]),
                name=claims.get("name"),
                roles=_roles(claims.get("roles", ())),
                scope=None if scope is None else Jurisdiction(scope),
            )
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthorised() from error


def _roles(names: Iterable[str]) -> frozenset[Role]:
    # a role that this release does not know yet grants nothing
    return frozenset(Role(name) for name in names if name in Role.__members__.values())
