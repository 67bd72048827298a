"""Whose token is good. Each refusal is a 401 with a challenge, in the caller's language, and reaches no service."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway import tokens
from shared.kit.jurisdiction import Jurisdiction

PLACE = ("social-worker", "2901003")
ADDRESS = "/v1/case-files"


def _encoded(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


async def _refused(running: Any, token: str | None) -> None:
    client = await running.client(token)
    answer = await client.get(ADDRESS)
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorised"
    assert running.upstream.received == []


async def test_a_good_token_is_let_in_and_the_service_learns_who_it_is(running: Any) -> None:
    await running.grant("worker", *PLACE)
    client = await running.client(running.issuer.token("worker", name="مریم"))
    assert (await client.get(ADDRESS)).status_code == 200
    actor = running.actor(running.upstream.last, "casefile")
    assert (actor.subject, actor.name, actor.scope) == ("worker", "مریم", Jurisdiction("2901003"))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-platform"},
        {"aud": None},
        {"aud": ["another", "and-another"]},
        {"iss": "https://issuer.example"},
        {"iss": None},
        {"exp": None},
        {"exp": "soon"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "system:casefile"},
        {"sub": "public"},
        {"sub": "x" * 256},
        {"life": -60},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)
async def test_claims_that_do_not_hold(running: Any, claims: dict[str, Any]) -> None:
    await running.grant("worker", *PLACE)
    subject = claims.pop("sub", "worker")
    await _refused(running, running.issuer.token(subject, **claims))


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "id+jwt"}, {"typ": "actor+jwt"}, {"kid": "nobody"}], ids=str)
async def test_headers_that_do_not_hold(running: Any, header: dict[str, Any]) -> None:
    await running.grant("worker", *PLACE)
    await _refused(running, running.issuer.token("worker", header=header))


async def test_the_media_type_form_of_typ_is_the_same(running: Any) -> None:
    client = await running.client(running.issuer.token("worker", header={"typ": "application/AT+JWT"}))
    assert (await client.get("/v1/me")).status_code == 200


async def test_a_list_of_audiences_with_ours_in_it_is_good(running: Any) -> None:
    client = await running.client(running.issuer.token("worker", aud=["another", "positive-life"]))
    assert (await client.get("/v1/me")).status_code == 200


async def test_a_few_seconds_of_clock_skew_are_forgiven(running: Any) -> None:
    client = await running.client(running.issuer.token("worker", life=-3))
    assert (await client.get("/v1/me")).status_code == 200


async def test_no_token(running: Any) -> None:
    await _refused(running, None)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer a.b.c", "Bearer ....", "Basic d29ya2VyOng=", "Token x", "é"]
)
async def test_what_is_no_token(running: Any, authorization: str) -> None:
    client = await running.client(Authorization=authorization.encode())
    assert (await client.get(ADDRESS)).status_code == 401


async def test_a_token_too_long_to_be_one(running: Any) -> None:
    await _refused(running, "a" * 9000 + ".b.c")


async def test_two_tokens_in_one_request(running: Any) -> None:
    await running.grant("worker", *PLACE)
    client = await running.client()
    good = f"Bearer {running.issuer.token('worker')}"
    answer = await client.get(ADDRESS, headers=[("Authorization", good), ("Authorization", good)])
    assert answer.status_code == 401


async def test_a_forged_signature(running: Any) -> None:
    await running.grant("worker", *PLACE)
    stranger = ECKey.generate_key("P-256", {"kid": "first"})
    await _refused(running, running.issuer.token("worker", key=stranger))


async def test_a_changed_claim(running: Any) -> None:
    head, body, signature = running.issuer.token("worker").split(".")
    await running.grant("manager", *PLACE)
    forged = _encoded({"iss": running.issuer.address, "aud": "positive-life", "sub": "manager", "exp": 4_000_000_000})
    assert forged != body
    await _refused(running, f"{head}.{forged}.{signature}")


async def test_no_algorithm_is_no_signature(running: Any) -> None:
    _, body, _ = running.issuer.token("worker").split(".")
    none = _encoded({"alg": "none", "typ": "at+jwt", "kid": "first"})
    await _refused(running, f"{none}.{body}.")


async def test_the_public_key_as_a_shared_secret(running: Any) -> None:
    """The classic confusion: HS256 keyed with what the issuer publishes."""
    head = _encoded({"alg": "HS256", "typ": "at+jwt", "kid": "first"})
    _, body, _ = running.issuer.token("worker").split(".")
    secret = running.issuer.key.as_pem(private=False)
    signature = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    await _refused(running, f"{head}.{body}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}")


async def test_an_algorithm_that_is_good_but_not_allowed(start: Any) -> None:
    running = await start(oidc_algorithms=("RS256",))
    await _refused(running, running.issuer.token("worker"))


async def test_a_critical_header_that_we_do_not_know(running: Any) -> None:
    head = {"alg": "ES256", "typ": "at+jwt", "kid": "first", "crit": ["exp-not-after"], "exp-not-after": 1}
    _, body, signature = running.issuer.token("worker").split(".")
    await _refused(running, f"{_encoded(head)}.{body}.{signature}")


@pytest.mark.parametrize("kind", ["RSA", "Ed25519"])
async def test_issuers_with_other_keys(start: Any, issuer: Any, kind: str) -> None:
    parameters = {"kid": "other", "use": "sig"}
    if kind == "RSA":
        key, algorithm = RSAKey.generate_key(2048, parameters), "RS256"
    else:
        key, algorithm = OKPKey.generate_key("Ed25519", parameters), "Ed25519"
    issuer.published = [
        {"kty": "future", "kid": "unknown-kind"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "?", "y": "?"},
        dict(key.as_dict(private=False)),
    ]
    running = await start()
    client = await running.client(issuer.token("worker", key=key, header={"alg": algorithm}))
    assert (await client.get("/v1/me")).status_code == 200


async def test_a_rotated_key_is_found_at_once(running: Any) -> None:
    client = await running.client(running.issuer.token("worker"))
    assert (await client.get("/v1/me")).status_code == 200
    running.issuer.rotate("second", keep=True)
    newer = await running.client(running.issuer.token("worker"))
    assert (await newer.get("/v1/me")).status_code == 200
    assert (await client.get("/v1/me")).status_code == 200, "the key before is still published"


async def test_tokens_of_a_withdrawn_key_end_with_it(running: Any) -> None:
    client = await running.client(running.issuer.token("worker"))
    assert (await client.get("/v1/me")).status_code == 200
    running.issuer.rotate("second", keep=False)
    newer = await running.client(running.issuer.token("worker"))
    assert (await newer.get("/v1/me")).status_code == 200
    assert (await client.get("/v1/me")).status_code == 401, "remembered although its key is gone"


async def test_made_up_key_ids_do_not_hammer_the_issuer(running: Any) -> None:
    before = running.issuer.asked
    client = await running.client()

    async def attempt(number: int) -> int:
        token = running.issuer.token("worker", header={"kid": f"made-up-{number}"})
        return (await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code

    assert set(await asyncio.gather(*(attempt(number) for number in range(40)))) == {401}
    assert running.issuer.asked == before + 1
    assert await attempt(41) == 401
    assert running.issuer.asked == before + 1


async def test_after_a_while_the_issuer_is_asked_again(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "LOOK_AGAIN_SECONDS", 0.2)
    client = await running.client(running.issuer.token("worker", header={"kid": "made-up"}))
    await client.get("/v1/me")
    asked = running.issuer.asked
    await asyncio.sleep(0.25)
    await client.get("/v1/me")
    assert running.issuer.asked == asked + 1


async def test_an_issuer_that_is_down_logs_nobody_out(start: Any, issuer: Any) -> None:
    running = await start(oidc_refresh_seconds=0.05)
    issuer.down = True
    await asyncio.sleep(0.3)
    client = await running.client(issuer.token("somebody-new"))
    assert (await client.get("/v1/me")).status_code == 200


async def test_an_issuer_that_lies_about_its_name_is_not_believed(start: Any, issuer: Any) -> None:
    issuer.about = "https://somebody.else"
    running = await start(ready=False)
    client = await running.client(issuer.token("worker"))
    for _ in range(5):
        assert (await client.get("/v1/me")).status_code == 503
        assert (await client.get("/readyz")).status_code == 503
        await asyncio.sleep(0.05)


async def test_without_any_key_callers_are_asked_to_wait_and_then_let_in(start: Any, issuer: Any) -> None:
    issuer.down = True
    running = await start(ready=False)
    client = await running.client(issuer.token("worker"))
    answer = await client.get("/v1/me")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.get("/livez")).status_code == 200
    issuer.down = False
    for _ in range(200):
        if (await client.get("/v1/me")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the keys were never read again")


async def test_a_token_ends_when_its_time_is_over(running: Any) -> None:
    client = await running.client(running.issuer.token("worker", life=60))
    assert (await client.get("/v1/me")).status_code == 200
    running.clock.ahead = 80
    assert (await client.get("/v1/me")).status_code == 401


async def test_refusals_speak_persian(running: Any) -> None:
    client = await running.client(**{"Accept-Language": "fa-IR,fa;q=0.9,en;q=0.5"})
    answer = await client.get(ADDRESS)
    assert answer.headers["content-language"] == "fa"
    assert "وارد نشده" in answer.json()["title"]
    assert "accept-language" in answer.headers["vary"].lower()
