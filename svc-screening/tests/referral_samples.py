"""People who were referred, and what clinics say of them."""

from typing import Any

import httpx
from screening_samples import Json, code_of, encounter, eyes, recorded, registered, version_of

REFERRALS, OF_CLINICS = "/v1/screening-referrals", "/v1/referrals-received"


async def referred(screener: httpx.AsyncClient, base: Json, *, child: Json | None = None) -> Json:
    """A child who failed the test twice: their referral to an optometrist."""
    child = child or await registered(screener)
    first = await recorded(screener, encounter(child["id"], base, eyes("5/10", "10/10")))
    again = encounter(child["id"], base, eyes("5/10", "10/10"), stage="repeat", repeat_of=first["id"])
    assert (await recorded(screener, again))["decision"]["outcome"] == "refer"
    return await referral_of(screener, child["id"])


async def referral_of(client: httpx.AsyncClient, person_id: object) -> Json:
    """The only referral of a person."""
    (found,) = (await client.get(REFERRALS, params={"person_id": str(person_id)})).json()["items"]
    return await read(client, found)


async def read(client: httpx.AsyncClient, referral: Json) -> Json:
    answer = await client.get(f"{REFERRALS}/{referral['id']}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def step(client: httpx.AsyncClient, referral: Json, name: str, *, at: str = REFERRALS, **said: Any) -> Json:
    """Take a step, with the version that was read."""
    answer = await send(client, referral, name, at=at, **said)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert answer.headers["etag"] == f'"{found["version"]}"'
    return found


async def send(
    client: httpx.AsyncClient, referral: Json, name: str, *, at: str = REFERRALS, **said: Any
) -> httpx.Response:
    body = None if name == "miss" else said
    return await client.post(f"{at}/{referral['id']}:{name}", json=body, headers=version_of(referral))


async def refused(client: httpx.AsyncClient, referral: Json, name: str, **said: Any) -> tuple[int, str]:
    return code_of(await send(client, referral, name, **said))


async def clinic_of(officer: httpx.AsyncClient, **said: Any) -> Json:
    """A clinic for optometry, for which a client may report."""
    body = {"kind": "optometrist", "name_fa": "بینایی‌سنجی مهر"} | said
    answer = await officer.post("/v1/referral-clinics", json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found
