"""How services learn who is calling: a token signed by the gateway, made once per caller and place and used for half
of its short life."""

from typing import Final

from joserfc.jwk import OKPKey

from gateway.scopes import Grant
from gateway.tokens import Caller
from shared.chassis.actor import LIFETIME_SECONDS, Actor, sign

REUSED_SECONDS: Final = LIFETIME_SECONDS / 2
_REMEMBERED: Final = 50_000


class ActorSigner:
    def __init__(self, key: OKPKey) -> None:
        self._key = key
        self._signed: dict[tuple[str, str | None, Grant, str], tuple[float, str]] = {}

    def authorization(self, caller: Caller, grant: Grant, *, audience: str, now: float) -> str:
        """The `Authorization` header for a request to `audience`. `now`: seconds since the epoch."""
        identity = (caller.subject, caller.name, grant, audience)
        signed = self._signed.get(identity)
        if signed is not None and now - signed[0] < REUSED_SECONDS:
            return signed[1]
        actor = Actor(subject=caller.subject, name=caller.name, roles=grant.roles, scope=grant.scope)
        header = f"Bearer {sign(actor, audience=audience, key=self._key, now=now)}"
        if len(self._signed) >= _REMEMBERED:
            self._signed = {each: made for each, made in self._signed.items() if now - made[0] < REUSED_SECONDS}
        self._signed[identity] = (now, header)
        return header
