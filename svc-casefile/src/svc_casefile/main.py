"""The case file service: households, their files and who is responsible for them."""

from typing import Any

from shared.chassis.database import Command
from shared.chassis.sealing import SealingSettings
from shared.chassis.service import Service
from svc_casefile.assignments import endpoints as assignments
from svc_casefile.break_glass import endpoints as break_glass
from svc_casefile.catalogue import consumers as catalogue
from svc_casefile.centers import consumers as centers
from svc_casefile.closings import endpoints as closings
from svc_casefile.complaints import endpoints as complaints
from svc_casefile.complaints.service import seal_anew
from svc_casefile.complaints.worker import let_complaints_go_on
from svc_casefile.db import metadata
from svc_casefile.distributions import endpoints as distributions
from svc_casefile.exports import endpoints as exports
from svc_casefile.findings import endpoints as findings
from svc_casefile.help_plans import endpoints as help_plans
from svc_casefile.history import endpoints as history
from svc_casefile.households import endpoints as households
from svc_casefile.households.service import announce_all
from svc_casefile.imports import endpoints as imports
from svc_casefile.imports.worker import take_in_imports
from svc_casefile.life_events import endpoints as life_events
from svc_casefile.members import endpoints as members
from svc_casefile.overviews import endpoints as overviews
from svc_casefile.read_audit import consumers as read_audit_consumers
from svc_casefile.read_audit import endpoints as read_audit
from svc_casefile.requests import endpoints as requests
from svc_casefile.requests.worker import escalate_overdue_requests
from svc_casefile.settlements import endpoints as settlements
from svc_casefile.staff import consumers as staff
from svc_casefile.tariffs import consumers as tariffs
from svc_casefile.timeline import endpoints as timeline
from svc_casefile.transfers import endpoints as transfers
from svc_casefile.transfers.worker import move_transfers_on
from svc_casefile.visits import endpoints as visits
from svc_casefile.visits.worker import keep_visits


async def prepare(command: Command, settings: Any) -> None:
    """After migrating: what an earlier key has sealed is sealed with the present one, so that the earlier can go."""
    await seal_anew(command, seals=settings.seals)


service = Service(
    name="casefile",
    title="Case files",
    description="Household files: opened, kept and found by the center or county that is responsible for them.",
    package="svc_casefile",
    settings=SealingSettings,
    metadata=metadata,
    # what is asked most comes first: an address is looked for in this order
    routers=[
        history.router,  # before what would take its `{id}:as-of` for an id
        households.router,
        overviews.router,
        timeline.router,
        visits.router,
        members.router,
        requests.router,
        help_plans.router,
        life_events.router,
        life_events.everywhere,
        findings.router,
        transfers.router,
        assignments.router,
        break_glass.router,
        complaints.router,
        settlements.router,
        settlements.disputes,
        exports.router,
        imports.router,
        distributions.router,
        closings.router,
        read_audit.router,
    ],
    consumers=[centers.on, tariffs.on, staff.on, catalogue.on, read_audit_consumers.on],
    background=[take_in_imports, move_transfers_on, keep_visits, let_complaints_go_on, escalate_overdue_requests],
    on_start=prepare,
    republish=announce_all,
)
app = service.app

if __name__ == "__main__":
    service.main()
