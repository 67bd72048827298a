"""Screening: who is screened for what, by whom and with what result, and what became of those who were referred."""

from typing import Any

from shared.chassis.database import Command
from shared.chassis.sealing import SealingSettings
from shared.chassis.service import Service
from svc_screening.bases import endpoints as bases
from svc_screening.campaigns import endpoints as campaigns
from svc_screening.campaigns.service import announce_all
from svc_screening.centers import consumers as centers
from svc_screening.clinics import endpoints as clinics
from svc_screening.coverage import endpoints as coverage
from svc_screening.db import metadata
from svc_screening.due_lists import endpoints as due_lists
from svc_screening.encounters import endpoints as encounters
from svc_screening.encounters.worker import decide_undecided_encounters
from svc_screening.genetics import endpoints as genetics
from svc_screening.genetics.service import seal_anew
from svc_screening.people import consumers as households
from svc_screening.people import endpoints as people
from svc_screening.programmes import endpoints as programmes
from svc_screening.referrals import endpoints as referrals
from svc_screening.referrals.worker import escalate_overdue_referrals
from svc_screening.screeners import consumers as postings
from svc_screening.screeners import endpoints as screeners


async def prepare(command: Command, settings: Any) -> None:
    """After migrating: what an earlier key has sealed is sealed with the present one, so that the earlier can go."""
    await seal_anew(command, seals=settings.seals)


service = Service(
    name="screening",
    title="Screening",
    description="Screening programmes, encounters and referrals: vision, hearing, autism, genetics.",
    package="svc_screening",
    settings=SealingSettings,
    metadata=metadata,
    routers=[
        programmes.router,
        campaigns.router,
        bases.router,
        screeners.router,
        screeners.quality,
        people.router,
        encounters.router,
        due_lists.router,
        clinics.router,
        referrals.router,
        referrals.of_clinics,
        referrals.loops,
        genetics.router,
        coverage.router,
    ],
    consumers=[centers.on, postings.on, households.on],
    background=[escalate_overdue_referrals, decide_undecided_encounters],
    on_start=prepare,
    republish=announce_all,
)
app = service.app

if __name__ == "__main__":
    service.main()
