"""The local OpenID provider, as a front end, a script and the gateway meet it."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.issuer import Issuer, application

ADDRESS = "http://127.0.0.1:8086"
REDIRECT = "http://localhost:5173/callback?from=login"
VERIFIER = "a-secret-that-only-the-front-end-knows-0123456789"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
LOGIN = {
    "response_type": "code",
    "client_id": "panel",
    "redirect_uri": REDIRECT,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "xyz",
    "nonce": "n1",
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    issuer = Issuer(ADDRESS, [ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application(issuer)), base_url=ADDRESS) as client:
        yield client


async def token_for(client: httpx.AsyncClient, account: str) -> httpx.Response:
    return await client.post("/token", data={"grant_type": "password", "username": account})


async def verified(client: httpx.AsyncClient, token: str) -> jwt.Token:
    keys_at = (await client.get("/.well-known/openid-configuration")).json()["jwks_uri"]
    return jwt.decode(token, KeySet.import_key_set((await client.get(keys_at)).json()), algorithms=["ES256"])


async def log_in(client: httpx.AsyncClient, *, account: str = "demo-auditor-ir") -> str:
    answer = await client.post("/authorize", params=LOGIN, data={"account": account})
    assert answer.headers["location"].startswith(REDIRECT)
    answered = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answered["state"], answered["iss"], answered["from"]) == (["xyz"], [ADDRESS], ["login"])
    return answered["code"][0]


def exchange(code: str, **changed: str) -> dict[str, str]:
    form = {"grant_type": "authorization_code", "code": code, "client_id": "panel", "redirect_uri": REDIRECT}
    return form | {"code_verifier": VERIFIER} | changed


async def test_a_token_says_who_for_whom_and_how_long(client: httpx.AsyncClient) -> None:
    answer = (await token_for(client, "demo-center-manager-2901003")).json()
    token = await verified(client, answer["access_token"])
    assert (token.header["typ"], token.header["alg"]) == ("at+jwt", "ES256")
    assert (token.claims["iss"], token.claims["aud"]) == (ADDRESS, "positive-life")
    assert token.claims["sub"] == "demo-center-manager-2901003"
    assert token.claims["exp"] - token.claims["iat"] == answer["expires_in"] == 3600


@pytest.mark.parametrize("account", ["", "admin", "demo-", "demo-x\n", "demo-ستاد", "demo-a--b", "demo-" + "a-" * 20])
async def test_only_demo_accounts_exist(client: httpx.AsyncClient, account: str) -> None:
    answer = await token_for(client, account)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_tokens_of_the_key_before_a_rotation_stay_valid(client: httpx.AsyncClient) -> None:
    before = (await token_for(client, "demo-administrator")).json()["access_token"]
    new = (await client.post("/rotate")).json()["kid"]
    after = (await token_for(client, "demo-administrator")).json()["access_token"]
    assert (await verified(client, after)).header["kid"] == new
    assert (await verified(client, before)).header["kid"] != new


async def test_a_front_end_logs_in_with_the_code_flow(client: httpx.AsyncClient) -> None:
    page = await client.get("/authorize", params=LOGIN)
    assert page.status_code == 200
    assert "demo-administrator" in page.text
    answer = (await client.post("/token", data=exchange(await log_in(client)))).json()
    identity = await verified(client, answer["id_token"])
    assert (identity.claims["aud"], identity.claims["nonce"], identity.claims["sub"]) == (
        "panel",
        "n1",
        "demo-auditor-ir",
    )
    assert (await verified(client, answer["access_token"])).claims["client_id"] == "panel"


async def test_a_code_works_once(client: httpx.AsyncClient) -> None:
    code = await log_in(client)
    assert (await client.post("/token", data=exchange(code))).status_code == 200
    assert (await client.post("/token", data=exchange(code))).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed", [{"code_verifier": "guessed"}, {"client_id": "other"}, {"redirect_uri": "http://localhost:1/"}]
)
async def test_a_stolen_code_is_worth_nothing(client: httpx.AsyncClient, changed: dict[str, str]) -> None:
    answer = await client.post("/token", data=exchange(await log_in(client), **changed))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "changed",
    [{"redirect_uri": "https://example.org/"}, {"redirect_uri": "javascript:alert(1)"}, {"response_type": "token"}],
)
async def test_a_login_for_elsewhere_is_refused(client: httpx.AsyncClient, changed: dict[str, str]) -> None:
    answer = await client.get("/authorize", params=LOGIN | changed)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_front_end_on_another_port_may_ask(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/openid-configuration", headers={"Origin": "http://localhost:5173"})
    assert answer.headers["access-control-allow-origin"] == "*"
