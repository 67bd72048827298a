"""Working days: what the offices' deadlines are counted in."""

from datetime import date
from typing import Annotated

import fastapi
from fastapi import Response

from shared.chassis.http import Command, Page, Query, Router
from shared.contracts.permissions import Permission
from shared.kit.problems import NotFound, ScopeForbidden
from svc_licensing.working_days import queries, service
from svc_licensing.working_days.errors import HolidayKnown, HolidayOver
from svc_licensing.working_days.schemas import Counted, Counting, HolidayCreate, HolidayFilters, HolidayRead

router = Router(prefix="/v1/official-holidays", tags=["Working days"])
counting = Router(prefix="/v1/working-days", tags=["Working days"])


@router.get("", permission=Permission.WORKING_DAY_READ, scoped=False)
async def list_official_holidays(
    query: Query, filters: Annotated[HolidayFilters, fastapi.Query()]
) -> Page[HolidayRead]:
    """The official holidays from a day on. Thursday and Friday are none, and no working days either."""
    return await queries.list_holidays(query, filters)


@router.post(
    "", permission=Permission.WORKING_DAY_WRITE, status_code=201, problems=[ScopeForbidden, HolidayKnown, HolidayOver]
)
async def add_official_holiday(body: HolidayCreate, command: Command) -> HolidayRead:
    """Set a day to come as a holiday; deadlines that run over it end later."""
    return await service.add(command, body)


@router.delete(
    "/{day}",
    permission=Permission.WORKING_DAY_WRITE,
    status_code=204,
    response_class=Response,
    problems=[NotFound, ScopeForbidden, HolidayOver],
)
async def remove_official_holiday(day: date, command: Command) -> None:
    """Let a day to come be worked on after all."""
    await service.remove(command, day)


@counting.get("", permission=Permission.WORKING_DAY_READ, scoped=False)
async def count_working_days(query: Query, asked: Annotated[Counting, fastapi.Query()]) -> Counted:
    """On which day so many working days are over."""
    return await service.count(query, asked)
