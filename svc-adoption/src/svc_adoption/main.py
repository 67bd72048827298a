"""Requests for adoption, guardianship, trusteeship and temporary care; confidential by law."""

import asyncio
from typing import Any

from shared.chassis.database import Database
from shared.chassis.sealing import SealingSettings
from shared.chassis.service import Service
from svc_adoption.assessments import endpoints as assessments
from svc_adoption.centers import consumers as centers
from svc_adoption.children import endpoints as children
from svc_adoption.committees import endpoints as committees
from svc_adoption.db import metadata
from svc_adoption.deadlines import endpoints as deadlines
from svc_adoption.deadlines.worker import tell_passed_deadlines
from svc_adoption.exports import endpoints as exports
from svc_adoption.matching import endpoints as matching
from svc_adoption.parameters import consumers as parameters
from svc_adoption.placements import endpoints as placements
from svc_adoption.queue import endpoints as queue
from svc_adoption.queue.worker import turn_with_the_days
from svc_adoption.requests import endpoints as requests
from svc_adoption.requirements import endpoints as requirements
from svc_adoption.retention import endpoints as retention
from svc_adoption.retention.worker import erase_what_has_ended
from svc_adoption.tracking import endpoints as tracking


async def turn_the_queue(database: Database, stop: asyncio.Event) -> None:
    settings: Any = service.settings
    await turn_with_the_days(database, stop, seals=settings.seals)


service = Service(
    name="adoption",
    title="Adoption",
    description="Adoption and foster requests, in confidence.",
    package="svc_adoption",
    settings=SealingSettings,
    metadata=metadata,
    routers=[
        requirements.router,
        requests.router,
        assessments.router,
        committees.router,
        committees.of_requests,
        exports.router,
        queue.router,
        tracking.router,
        children.router,
        matching.router,
        placements.router,
        deadlines.router,
        retention.router,
    ],
    consumers=[centers.on, parameters.on],
    background=[turn_the_queue, tell_passed_deadlines, erase_what_has_ended],
)
app = service.app

if __name__ == "__main__":
    service.main()
