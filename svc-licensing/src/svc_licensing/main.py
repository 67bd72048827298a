"""Licences of the non-governmental centers of Article 26: requests, inquiries, commissions, issue and renewal."""

import asyncio
from typing import Any

from shared.chassis.database import Command, Database
from shared.chassis.sealing import Seals
from shared.chassis.service import Service
from svc_licensing.applications import endpoints as applications
from svc_licensing.applications.worker import tend_deadlines
from svc_licensing.centers import consumers as centers
from svc_licensing.certificates import endpoints as certificates
from svc_licensing.commissions import endpoints as commissions
from svc_licensing.db import metadata
from svc_licensing.deadlines import endpoints as deadlines
from svc_licensing.inquiries import endpoints as inquiries
from svc_licensing.inquiries.consumers import replies
from svc_licensing.inquiries.service import seal_anew
from svc_licensing.inquiries.worker import tend_inquiries
from svc_licensing.institutions import endpoints as institutions
from svc_licensing.licences import endpoints as licences
from svc_licensing.licences.service import announce_all
from svc_licensing.licences.worker import announce_licences
from svc_licensing.requirements import endpoints as requirements
from svc_licensing.settings import LicensingSettings
from svc_licensing.verification import endpoints as verification
from svc_licensing.working_days import endpoints as working_days


async def prepare(command: Command, settings: Any) -> None:
    """After migrating: what an earlier key has sealed is sealed with the present one, so that the earlier can go."""
    await seal_anew(command, seals=settings.seals)


def seals() -> Seals:
    settings: Any = service.settings
    found: Seals = settings.seals
    return found


async def tend_all_inquiries(database: Database, stop: asyncio.Event) -> None:
    await tend_inquiries(database, stop, seals=seals())


service = Service(
    name="licensing",
    title="Licensing",
    description="Licences of non-governmental welfare centers under Article 26, and the inquiries behind them.",
    package="svc_licensing",
    settings=LicensingSettings,
    metadata=metadata,
    routers=[
        verification.router,  # first: what most ask, and requests are shown to one operation after the other
        requirements.router,
        working_days.router,
        working_days.counting,
        institutions.router,
        applications.router,
        inquiries.router,
        inquiries.systems,
        commissions.router,
        deadlines.router,
        deadlines.overdue,
        licences.router,
        certificates.router,
    ],
    consumers=[centers.on, replies(seals)],
    background=[tend_all_inquiries, tend_deadlines, announce_licences],
    on_start=prepare,
    republish=announce_all,
)
app = service.app

if __name__ == "__main__":
    service.main()
