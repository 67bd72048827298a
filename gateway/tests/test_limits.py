"""How often a caller may ask."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import Meter

MANAGER = ("center-manager", "2901003")


async def test_a_caller_who_asks_too_often_is_told_when_to_come_back(start: Any) -> None:
    running = await start(rate_limit="3/minute")
    client = await running.client_of("eager", MANAGER)
    answers = [await client.get("/v1/case-files") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
    refused = answers[3]
    assert refused.json()["code"] == "too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 20
    assert refused.headers["ratelimit"].startswith('"default";r=0;t=')
    assert len(running.upstream.received) == 3

    other = await running.client_of("patient", MANAGER)
    assert (await other.get("/v1/case-files")).status_code == 200, "each caller has a meter"
    running.clock.ahead = 21
    assert (await client.get("/v1/case-files")).status_code == 200, "the meter refills"


async def test_several_tokens_of_one_caller_share_the_meter(start: Any) -> None:
    running = await start(rate_limit="2/minute")
    await running.grant("eager", *MANAGER)
    codes = []
    for number in range(3):
        client = await running.client(running.issuer.token("eager", jti=str(number)))
        codes.append((await client.get("/v1/case-files")).status_code)
    assert codes == [200, 200, 429]


async def test_writes_may_have_a_limit_of_their_own(start: Any) -> None:
    running = await start(rate_limit="100/minute", rate_limit_writes="1/minute")
    client = await running.client_of("writer", MANAGER)
    assert (await client.post("/v1/case-files", json={})).status_code == 200
    refused = await client.post("/v1/case-files", json={})
    assert refused.status_code == 429
    assert refused.headers["ratelimit-policy"] == '"writes";q=1;w=60'
    assert (await client.get("/v1/case-files")).status_code == 200


async def test_bad_tokens_are_limited_too_and_harm_nobody_else(start: Any) -> None:
    running = await start(rate_limit="5/minute")
    client = await running.client("bad.bad.bad")
    codes = [(await client.get("/v1/me")).status_code for _ in range(7)]
    assert codes == [401] * 5 + [429] * 2
    good = await running.client(running.issuer.token("worker"))
    assert (await good.get("/v1/me")).status_code == 200


@given(
    quota=st.integers(1, 50),
    gaps=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_never_more_than_twice_the_quota_in_any_window_and_never_less_than_it(quota: int, gaps: list[float]) -> None:
    meter, now, allowed = Meter(f"{quota}/minute", name="x"), 1000.0, []
    for gap in gaps:
        now += gap
        verdict = meter.hit("caller", now)
        recent = sum(each > now - 60 for each in allowed)
        if verdict.retry_after == 0:
            allowed.append(now)
            assert recent < 2 * quota
        else:
            assert recent >= 1
            assert meter.hit("caller", now + verdict.retry_after).retry_after == 0, "the promise is kept"
            now += verdict.retry_after
            allowed.append(now)


def test_a_burst_of_the_whole_quota_is_allowed() -> None:
    meter = Meter("600/minute", name="x")
    assert all(meter.hit("caller", 5.0).retry_after == 0 for _ in range(600))
    assert meter.hit("caller", 5.0).retry_after == 1


def test_callers_who_went_away_are_forgotten() -> None:
    meter = Meter("10/second", name="x")
    for number in range(1000):
        meter.hit(f"caller-{number}", 0.0)
    meter.hit("another", 100.0)
    assert len(meter._full) == 1


@pytest.mark.parametrize("rate", ["10/second", "600 per minute", "5/30second"])
def test_the_notation_of_limits(rate: str) -> None:
    assert Meter(rate, name="x").hit("caller", 1.0).retry_after == 0
