"""Screening programmes of children and couples: cohorts, bases, encounters, referrals and their outcome."""

from shared.chassis.service import Service
from svc_screening.db import metadata

service = Service(
    name="screening",
    title="Screening",
    description="Screening programmes, encounters and referrals: vision, hearing, autism, genetics.",
    package="svc_screening",
    metadata=metadata,
)
app = service.app

if __name__ == "__main__":
    service.main()
