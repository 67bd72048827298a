"""Screening: who is screened for what, by whom and with what result, and what became of those who were referred."""

from shared.chassis.service import Service
from svc_screening.db import metadata
from svc_screening.programmes import endpoints as programmes

service = Service(
    name="screening",
    title="Screening",
    description="Screening programmes, encounters and referrals: vision, hearing, autism, genetics.",
    package="svc_screening",
    metadata=metadata,
    routers=[programmes.router],
)
app = service.app

if __name__ == "__main__":
    service.main()
