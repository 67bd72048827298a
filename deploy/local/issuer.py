"""A small OpenID provider for a laptop: whoever asks to be `demo-…` is believed. Production never starts it.

It speaks what a front end and the gateway need of OpenID Connect: discovery, keys, the authorization code flow with
PKCE, and, for scripts, a token for the name of an account.
"""

from __future__ import annotations

import hashlib
import html
import re
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

AUDIENCE = "positive-life"
ALGORITHM = "ES256"
ACCOUNT = re.compile(r"demo-[a-z0-9]+(-[a-z0-9]+){0,7}")
CODE_SECONDS = 60
KEPT_KEYS = 3

LOGIN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo accounts</title>
<style>body{{font:16px system-ui;max-width:32rem;margin:4rem auto}}input,button{{font:inherit;padding:.4rem}}</style>
<h1>Who are you today?</h1><p>Demo accounts have no password. What an account may do, its postings say.</p>
<form method="post"><input name="account" list="known" value="demo-administrator" pattern="{pattern}" required>
<datalist id="known">{known}</datalist> <button>Continue</button></form></html>"""
KNOWN = (
    "demo-administrator",
    "demo-headquarters-ir",
    "demo-province-officer-29",
    "demo-county-officer-2901",
    "demo-center-manager-2901003",
    "demo-social-worker-2901003",
    "demo-auditor-ir",
)


@dataclass(frozen=True)
class Code:
    account: str
    client: str
    redirect: str
    challenge: str
    nonce: str | None
    expires: float


class Issuer:
    """Signs for accounts; `remember` is given the keys after a rotation."""

    def __init__(
        self,
        address: str,
        keys: Sequence[ECKey],
        *,
        lifetime_seconds: int = 3600,
        remember: Callable[[list[ECKey]], None] | None = None,
    ) -> None:
        self.address = address
        self.keys = list(keys)
        self.lifetime_seconds = lifetime_seconds
        self._remember = remember
        self._codes: dict[str, Code] = {}

    def access_token(self, account: str, *, client: str = "local") -> str:
        claims = self._claims(account) | {"aud": AUDIENCE, "client_id": client, "jti": secrets.token_hex(8)}
        return self._sign("at+jwt", claims)

    def id_token(self, account: str, *, client: str, nonce: str | None) -> str:
        return self._sign("JWT", self._claims(account) | {"aud": client} | ({"nonce": nonce} if nonce else {}))

    def rotate(self) -> str:
        """A new key signs from now on; tokens of the one before stay valid. Returns the new key's id."""
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        self.keys = [*self.keys, key][-KEPT_KEYS:]
        if self._remember:
            self._remember(self.keys)
        return str(key.kid)

    def new_code(self, **known: str | None) -> str:
        now = time.monotonic()
        self._codes = {code: each for code, each in self._codes.items() if each.expires > now}
        code = secrets.token_urlsafe(24)
        self._codes[code] = Code(**known, expires=now + CODE_SECONDS)  # type: ignore[arg-type]
        return code

    def redeem(self, code: str, *, client: str, redirect: str, verifier: str) -> Code | None:
        """A code works once, for the client, address and secret that it was made for."""
        known = self._codes.pop(code, None)
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if known is None or known.expires < time.monotonic():
            return None
        return known if (known.client, known.redirect, known.challenge) == (client, redirect, challenge) else None

    def _claims(self, account: str) -> dict[str, object]:
        now = int(time.time())
        name = account.removeprefix("demo-").replace("-", " ").title()
        return {"iss": self.address, "sub": account, "name": name, "iat": now, "exp": now + self.lifetime_seconds}

    def _sign(self, kind: str, claims: dict[str, object]) -> str:
        key = self.keys[-1]
        return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def application(issuer: Issuer) -> Starlette:
    async def discovery(_: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer.address,
                "authorization_endpoint": f"{issuer.address}/authorize",
                "token_endpoint": f"{issuer.address}/token",
                "jwks_uri": f"{issuer.address}/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "password"],
                "code_challenge_methods_supported": ["S256"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "token_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": ["openid", "profile"],
            }
        )

    async def jwks(_: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in issuer.keys]})

    async def authorize(request: Request) -> Response:
        asked = request.query_params
        redirect = asked.get("redirect_uri", "")
        if urlsplit(redirect).hostname not in {"127.0.0.1", "localhost", "::1"}:
            return _refused("invalid_request", "redirect_uri has to be an address of this machine")
        if asked.get("response_type") != "code" or not asked.get("code_challenge"):
            return _refused("invalid_request", "the code flow with PKCE (S256) is what is spoken here")
        if request.method == "GET":
            known = "".join(f"<option>{account}</option>" for account in KNOWN)
            return HTMLResponse(LOGIN.format(pattern=html.escape(ACCOUNT.pattern), known=known))
        account = (await _form(request)).get("account", "")
        if not ACCOUNT.fullmatch(account):
            return _refused("access_denied", "demo accounts begin with demo-")
        code = issuer.new_code(
            account=account,
            client=asked.get("client_id", ""),
            redirect=redirect,
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce"),
        )
        answer = urlencode(
            {"code": code, "iss": issuer.address} | ({"state": asked["state"]} if "state" in asked else {})
        )
        return RedirectResponse(f"{redirect}{'&' if '?' in redirect else '?'}{answer}", status_code=303)

    async def token(request: Request) -> Response:
        form = await _form(request)
        client = form.get("client_id", "local")
        match form.get("grant_type", ""):
            case "password":
                account, nonce = form.get("username", ""), None
                if not ACCOUNT.fullmatch(account):
                    return _refused("invalid_grant", "demo accounts begin with demo-")
            case "authorization_code":
                code = issuer.redeem(
                    form.get("code", ""),
                    client=client,
                    redirect=form.get("redirect_uri", ""),
                    verifier=form.get("code_verifier", ""),
                )
                if code is None:
                    return _refused("invalid_grant", "the code is unknown, used, too old or somebody else's")
                account, nonce = code.account, code.nonce
            case _:
                return _refused("unsupported_grant_type", "authorization_code and password are spoken here")
        answer = {
            "access_token": issuer.access_token(account, client=client),
            "id_token": issuer.id_token(account, client=client, nonce=nonce),
            "token_type": "Bearer",
            "expires_in": issuer.lifetime_seconds,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def rotate(_: Request) -> Response:
        return JSONResponse({"kid": issuer.rotate()})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", jwks),
            Route("/authorize", authorize, methods=["GET", "POST"]),
            Route("/token", token, methods=["POST"]),
            Route("/rotate", rotate, methods=["POST"]),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"])
        ],
    )


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


def _refused(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=400)
