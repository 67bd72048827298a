"""`/livez`, `/readyz` and `/metrics`: whether the process lives, whether it can serve, and what it counts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that the process depends on.

    Where `vital` is false a failure is shown and alerted on, but requests are still served.
    """

    ok: bool
    detail: str = "ok"
    vital: bool = True


Checks = Mapping[str, Callable[[], Awaitable[Check]]]


def pages(checks: Checks) -> APIRouter:
    """The three addresses, outside the contract: they are for the cluster, not behind the gateway."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def ready() -> Response:
        found = {name: await check() for name, check in checks.items()}
        failed = [check for check in found.values() if not check.ok]
        status = "unready" if any(check.vital for check in failed) else "degraded" if failed else "ok"
        return JSONResponse(
            {"status": status, "checks": {name: check.detail for name, check in found.items()}},
            status_code=503 if status == "unready" else 200,
        )

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
