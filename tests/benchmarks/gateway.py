"""What the gateway costs: a proxied GET with token, scope, limits and tracing, beside gateways without any policy."""

import multiprocessing
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor

from shared.contracts.roles import Role
from shared.testing.servers import free_port
from tests.benchmarks.load import LOOPBACK, request, respond
from tests.benchmarks.measure import MEASURED, OTHERS, Contender, Row, baseline, compare, python, until_answers
from tests.benchmarks.platform import Platform

PATH = "/v1/case-files:summary"
"""Scoped, and not a personal file: those are written to the audit trail as well."""
WHAT = "gateway, proxied GET with token, scope, limits, tracing at 5 %"


async def proxied_get(platform: Platform, pool: ProcessPoolExecutor) -> AsyncIterator[Row]:
    token = await platform.token(Role.PROVINCE_OFFICER, "29")
    get = request("GET", PATH, headers={"Authorization": f"Bearer {token}"})
    upstream, port = free_port(), free_port()
    responder = multiprocessing.get_context("spawn").Process(target=respond, args=(upstream, OTHERS), daemon=True)
    responder.start()
    address = f"http://{LOOPBACK}:{upstream}"
    await until_answers(address)
    environment = platform.environment("gateway") | {
        "PORT": str(port),
        "UPSTREAMS": "{" + ", ".join(f'"{name}": "{address}"' for name in platform.programs if name != "gateway") + "}",
        "RATE_LIMIT": "100000000/minute",
        "TRACE_RATIO": "0.05",
        "OTEL_EXPORTER_OTLP_ENDPOINT": address,
        "AUDIT_JOURNAL": str(platform.home.folder / "bench-audit"),
    }
    plain = {"BASELINE_UPSTREAM": address}
    platform.give_core("nothing")
    try:
        async with (
            python(
                ["-m", "gateway.main", "serve"], environment=environment, ready="/livez", port=port, core=MEASURED
            ) as ours,
            baseline("pass_through_httpx", environment=plain) as (with_httpx, httpx_port),
            baseline("pass_through_aiohttp", environment=plain) as (with_aiohttp, aiohttp_port),
        ):
            gateway = Contender("gateway", ours, port, [get])
            for name, process, at, wanted in (
                ("FastAPI + httpx pass-through, no policy", with_httpx, httpx_port, "≥ 10×"),
                ("plain ASGI + aiohttp pass-through", with_aiohttp, aiohttp_port, "≥ 0.7"),
            ):
                yield await compare(pool, gateway, Contender(name, process, at, [get]), what=WHAT, wanted=wanted)
    finally:
        responder.kill()
