"""What has ended is erased on its day, and a certificate of that is kept.

How long it is kept is a rule that a person sets for each way in which a request ends. While none is set nothing is
erased, and `erasures:due` says so. So with certificates that age out: when a request expires over one that is not
renewed is a rule, and without it none does.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from shared.chassis.database import Command
from shared.contracts.adoption import AdoptionRequestErasedV1
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.deadlines import repository as deadlines
from svc_adoption.matching import repository as matches
from svc_adoption.placements import repository as placements
from svc_adoption.queue import repository as queue
from svc_adoption.requests import repository as requests
from svc_adoption.requests import service as moving
from svc_adoption.retention import repository
from svc_adoption.retention.models import Erasure
from svc_adoption.tracking import repository as tracking

RULES: Final[Mapping[str, str]] = {
    "withdrawn": "adoption-erase-withdrawn-days",
    "rejected": "adoption-erase-rejected-days",
    "expired": "adoption-erase-expired-days",
}
"""Status → the rule on how many days after its end a request is erased. No official number is known."""
OTHERS_FIRST: Final = (tracking, deadlines, placements, matches, queue, requests)
"""In the order in which rows refer to each other."""
RENEWAL: Final = "adoption-renewal-days"
"""The rule on how many days a certificate may be out of date before its request expires. None is known officially."""
AT_ONCE = 20


async def expire(command: Command, *, on: date | None = None, limit: int = AT_ONCE) -> int:
    """End requests whose certificates were not renewed in time; how many they were."""
    aged = await repository.take_aged(
        command, rule=RENEWAL, at=[*moving.STEPS["expire"].at], on=on or today(), limit=limit
    )
    for request_id in aged:
        await moving.move(command, request_id, "expire")
    return len(aged)


async def erase(command: Command, *, on: date | None = None, limit: int = AT_ONCE) -> int:
    """Erase whose day has come; how many they were."""
    due = await repository.take_due(command, rules=RULES, on=on or today(), limit=limit)
    for request in due:
        gone: dict[str, int] = {}
        for feature in OTHERS_FIRST:
            gone |= await feature.erase(command, request["id"])
        certificate = Erasure(
            id=new_id(),
            jurisdiction=request["jurisdiction"],
            request_id=request["id"],
            form=request["form"],
            status=request["status"],
            ended_on=request["ended_on"],
            rule=request["rule"],
            days=request["days"],
            erased_at=command.now,
            rows={table: rows for table, rows in gone.items() if rows},
        )
        command.session.add(certificate)
        command.publish(
            AdoptionRequestErasedV1(
                jurisdiction=Jurisdiction.from_code(certificate.jurisdiction),
                request_id=certificate.request_id,
                certificate_id=certificate.id,
            )
        )
    await command.session.flush()
    return len(due)
