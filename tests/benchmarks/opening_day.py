"""A province's whole day: its files taken in through the gateway, and given to its centers."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from io import BytesIO
from statistics import median

import asyncpg
import numpy as np

from deploy.local.demo.households import handover as opening_day
from deploy.local.demo.province import OPENING_DAY, PROVINCE
from shared.contracts.roles import Role
from svc_casefile.allocation import Destination, allocate
from tests.benchmarks.measure import Row
from tests.benchmarks.platform import Platform

NDJSON = {"Content-Type": "application/x-ndjson"}
PLANS = 9
"""Each beside the solver alone; the middle one counts, the first also loads the solver."""
COPIES = 3
NEARLY = 0.9
COPIED = ("case_file", "member", "case_file_history", "outbox")


async def take_in_and_distribute(platform: Platform) -> AsyncIterator[Row]:
    """Leaves the platform with every file at a center."""
    handover = opening_day()
    body = b"".join(handover.ndjson())
    async with await platform.client(Role.PROVINCE_OFFICER, PROVINCE) as officer:
        await _open_centers(officer, handover)
        began = time.perf_counter()
        accepted = await officer.post("/v1/case-files:import", content=body, headers=NDJSON, params={"source": "bench"})
        accepted.raise_for_status()
        job = await _finished(officer, accepted.headers["Location"])
        seconds = time.perf_counter() - began
        assert job["landed"] == len(handover.case_files), job
        await platform.quiet()
        copying = median([await _copy_again(platform) for _ in range(COPIES)])
        yield Row(
            what="import of 14,775 files through the gateway",
            baseline="COPY of the same rows",
            ratio=copying / seconds,
            wanted="≥ 0.15",
            ours=f"{seconds:.2f} s",
            theirs=f"{copying:.2f} s",
        )
        yield Row(what="the same, in seconds", baseline="-", ratio=seconds, wanted="≤ 10 s", ours=f"{seconds:.2f} s")
        solving, took = [], []
        for _ in range(PLANS):
            solving.append(await _solve_alone(platform))
            began = time.perf_counter()
            plan = await officer.post(
                "/v1/distributions", json={"jurisdiction": PROVINCE, "on": OPENING_DAY.isoformat()}
            )
            took.append(time.perf_counter() - began)
            plan.raise_for_status()
        seconds = median(took)
        yield Row(
            what="distribution of 14,775 files to 37 centers (time over time)",
            baseline="the solver alone",
            ratio=median(mine / alone for mine, alone in zip(took, solving, strict=True)),
            wanted="≤ 3×",
            ours=f"{seconds:.2f} s",
            theirs=f"{median(solving):.2f} s",
        )
        yield Row(what="the same, in seconds", baseline="-", ratio=seconds, wanted="≤ 2 s", ours=f"{seconds:.2f} s")
        applied = await officer.post(f"{plan.headers['Location']}:apply", headers={"If-Match": plan.headers["ETag"]})
        applied.raise_for_status()
        await platform.quiet()


async def _open_centers(officer, handover) -> None:  # type: ignore[no-untyped-def]
    sites = [
        {
            "county": site.county.code,
            "name_fa": site.name_fa,
            "name_en": site.name_en,
            "area_class": "urban",
            "latitude": site.point.latitude,
            "longitude": site.point.longitude,
            "licence_reference": f"bench-{site.county.code}-{site.number}",
            "address": site.name_fa,
        }
        for site in handover.centers
    ]
    planned = await officer.post("/v1/centers:plan", json={"centers": sites})
    planned.raise_for_status()
    for center in planned.json()["centers"]:
        ready = await officer.post(f"/v1/centers/{center['code']}:ready")
        ready.raise_for_status()
    opened = await officer.post(
        "/v1/centers:open",
        json={
            "codes": [center["code"] for center in planned.json()["centers"]],
            "opened_on": OPENING_DAY.isoformat(),
        },
    )
    opened.raise_for_status()


async def _finished(officer, address: str) -> dict:  # type: ignore[no-untyped-def,type-arg]
    while True:
        job = (await officer.get(address)).json()
        if job["status"] in {"done", "incomplete"}:
            return job  # type: ignore[no-any-return]
        # who asks often all the time measures the asking
        await asyncio.sleep(1 if job["progress"] < NEARLY else 0.05)


async def _copy_again(platform: Platform) -> float:
    """Seconds for a bare COPY of the rows that the import made, into tables with the same indexes and checks."""
    connection = await asyncpg.connect(platform.database("casefile"))
    seconds = 0.0
    try:
        for table in COPIED:
            rows = BytesIO()
            await connection.copy_from_table(table, output=rows, format="binary")
            await connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            rows.seek(0)
            began = time.perf_counter()
            await connection.copy_to_table(f"bench_{table}", source=rows, format="binary")
            seconds += time.perf_counter() - began
            await connection.execute(f"DROP TABLE bench_{table}")
    finally:
        await connection.close()
    return seconds


async def _solve_alone(platform: Platform) -> float:
    connection = await asyncpg.connect(platform.database("casefile"))
    try:
        centers = await connection.fetch("SELECT code, latitude, longitude FROM center WHERE status = 'open'")
        files = await connection.fetch(
            "SELECT jurisdiction, latitude, longitude FROM case_file WHERE status = 'waiting' ORDER BY id"
        )
    finally:
        await connection.close()
    waiting: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for file in files:
        waiting[file["jurisdiction"]].append((file["latitude"], file["longitude"]))
    began = time.perf_counter()
    for county, points in waiting.items():
        open_there = [
            Destination(center["code"], center["latitude"], center["longitude"], 0, 150, 450)
            for center in centers
            if center["code"].startswith(county)
        ]
        place = np.array(points, dtype=float)
        allocate(place[:, 0], place[:, 1], open_there)
    return time.perf_counter() - began
