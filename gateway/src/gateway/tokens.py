"""Who is calling: access tokens of an OpenID Connect issuer, checked with the keys that it publishes.

The issuer's keys are read in the background. When it cannot be reached the keys that are known go on serving, so a
failing issuer logs nobody out. A token with an unknown `kid` makes the gateway look again, but at most once in
`LOOK_AGAIN_SECONDS` and once for all who wait, so made-up `kid`s cannot be used to hammer the issuer.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry
from joserfc.jwk import Key as Jwk

from gateway.settings import GatewaySettings
from shared.chassis.actor import PUBLIC
from shared.kit.problems import Unauthorised, Unavailable

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS: Final = 30.0
REMEMBERED: Final = 20_000
LONGEST_TOKEN: Final = 8192
_FETCH_SECONDS: Final = aiohttp.ClientTimeout(total=5)
_LARGEST_DOCUMENT: Final = 256 * 1024


class IssuerError(Exception):
    """The issuer did not answer, or not as OpenID Connect Discovery says."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated person or system."""

    subject: str
    name: str | None
    expires: float
    """Seconds since the epoch, the leeway included."""


class Keyring:
    """The issuer's signing keys by `kid`."""

    def __init__(self, settings: GatewaySettings, *, session: aiohttp.ClientSession) -> None:
        self._issuer = settings.oidc_issuer
        self._interval = settings.oidc_refresh_seconds
        self._session = session
        self._keys: dict[str | None, Jwk] = {}
        self._asked = float("-inf")
        self._looked_well = False
        self._looking: asyncio.Task[None] | None = None
        self.on_change: Callable[[], None] = lambda: None

    def __bool__(self) -> bool:
        return bool(self._keys)

    def get(self, kid: str | None) -> Jwk | None:
        """The key of a token; without a `kid` there is one only when the issuer has no other."""
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    async def look_again(self) -> None:
        """Read the keys because of an unknown `kid`, unless that was done a moment ago; callers share one attempt."""
        if self._looking is None:
            if time.monotonic() - self._asked < LOOK_AGAIN_SECONDS:
                return
            self._asked = time.monotonic()
        await self._look()

    async def keep(self) -> None:
        """Read the keys now and then, for ever."""
        pause = 1.0
        while True:
            await self._look()
            known = bool(self._keys) and self._looked_well
            pause = self._interval if known else min(pause * 2, 30.0)
            await asyncio.sleep(pause)

    async def _look(self) -> None:
        if self._looking is None:
            self._looking = asyncio.create_task(self._read())
            self._looking.add_done_callback(self._done)
        await asyncio.shield(self._looking)

    def _done(self, _: asyncio.Task[None]) -> None:
        self._looking = None

    async def _read(self) -> None:
        try:
            found = await self._fetch()
        except (IssuerError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            self._looked_well = False
            log.warning(
                "the issuer's keys could not be read",
                extra={"reason": f"{type(error).__name__}: {error}", "known_keys": len(self._keys)},
            )
            return
        self._looked_well = True
        if {kid: key.thumbprint() for kid, key in found.items()} != {
            kid: key.thumbprint() for kid, key in self._keys.items()
        }:
            self._keys = found
            self.on_change()
            log.info("the issuer's keys changed", extra={"known_keys": len(found)})

    async def _fetch(self) -> dict[str | None, Jwk]:
        discovery = await self._document(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if discovery.get("issuer") != self._issuer:
            raise IssuerError(f"the discovery document is about {discovery.get('issuer')!r}")
        address = discovery.get("jwks_uri")
        if not isinstance(address, str):
            raise IssuerError("the discovery document has no jwks_uri")
        published = (await self._document(address)).get("keys")
        if not isinstance(published, list):
            raise IssuerError("the key set has no keys")
        found: dict[str | None, Jwk] = {}
        for each in published:
            if not isinstance(each, dict) or each.get("use", "sig") != "sig" or each.get("kty") == "oct":
                continue
            try:
                key = JWKRegistry.import_key(each)
            except (JoseError, ValueError, TypeError, KeyError) as error:
                # a key of a kind that this release does not know must not take the others away
                log.info("a key of the issuer is not usable", extra={"reason": type(error).__name__})
                continue
            found[key.kid] = key
        if not found:
            raise IssuerError("the key set has no usable key")
        return found

    async def _document(self, address: str) -> dict[str, Any]:
        async with self._session.get(address, timeout=_FETCH_SECONDS, allow_redirects=False) as response:
            if response.status != 200:
                raise IssuerError(f"{address} answered {response.status}")
            body = await response.content.read(_LARGEST_DOCUMENT + 1)
            while len(body) <= _LARGEST_DOCUMENT and (more := await response.content.read(_LARGEST_DOCUMENT)):
                body += more
        if len(body) > _LARGEST_DOCUMENT:
            raise IssuerError(f"{address} is larger than {_LARGEST_DOCUMENT} bytes")
        document = json.loads(body)
        if not isinstance(document, dict):
            raise IssuerError(f"{address} is not an object")
        return document


class TokenVerifier:
    """Checks access tokens; each is verified once and remembered until it expires or the issuer's keys change."""

    def __init__(self, settings: GatewaySettings, *, keyring: Keyring, clock: Callable[[], float] = time.time) -> None:
        self._keyring = keyring
        self._clock = clock
        self._algorithms = list(settings.oidc_algorithms)
        self._types = {kind.lower().removeprefix("application/") for kind in settings.oidc_token_types}
        self._leeway = settings.oidc_leeway_seconds
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=self._leeway,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[bytes, Caller] = OrderedDict()
        keyring.on_change = self._known.clear

    def known(self, authorization: bytes | None, now: float) -> Caller | None:
        """The caller of an `Authorization` header that was verified before and has not expired."""
        caller = self._known.get(authorization)  # type: ignore[arg-type]
        return caller if caller is not None and caller.expires > now else None

    async def verify(self, authorization: bytes | None) -> Caller:
        """The caller of an `Authorization` header.

        Raises Unauthorised when there is none or it is not good, Unavailable while no key of the issuer is known.
        """
        if authorization is None:
            raise Unauthorised
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token or len(token) > LONGEST_TOKEN:
            raise Unauthorised
        if not self._keyring:
            raise Unavailable(headers={"Retry-After": "5"})
        caller = self._check(token, key=await self._key(token))
        self._known[authorization] = caller
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return caller

    async def _key(self, token: bytes) -> Jwk:
        try:
            header = jws.extract_compact(token).headers()
        except (JoseError, ValueError, TypeError) as error:
            raise _invalid() from error
        kind, algorithm, kid = header.get("typ"), header.get("alg"), header.get("kid")
        if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in self._types:
            raise _invalid()
        if algorithm not in self._algorithms or not (kid is None or isinstance(kid, str)):
            raise _invalid()
        key = self._keyring.get(kid)
        if key is None:
            await self._keyring.look_again()
            key = self._keyring.get(kid)
        if key is None:
            raise _invalid()
        return key

    def _check(self, token: bytes, *, key: Jwk) -> Caller:
        try:
            claims = jwt.decode(token, key, algorithms=self._algorithms).claims
            self._claims.validate(claims)
            expires = float(claims["exp"]) + self._leeway
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _invalid() from error
        subject, name = claims["sub"], claims.get("name")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or _taken(subject):
            raise _invalid()
        return Caller(subject=subject, name=name[:200] if isinstance(name, str) else None, expires=expires)


def _taken(subject: str) -> bool:
    """Whether the platform uses a subject for what is no account."""
    return subject == PUBLIC.subject or subject.startswith("system:")


def _invalid() -> Unauthorised:
    problem = Unauthorised()
    problem.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return problem
