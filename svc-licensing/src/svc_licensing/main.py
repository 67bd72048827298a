"""Licences of the non-governmental centers of Article 26: requests, inquiries, commissions, issue and renewal."""

from shared.chassis.service import Service
from svc_licensing.db import metadata

service = Service(
    name="licensing",
    title="Licensing",
    description="Licences of non-governmental welfare centers under Article 26, and the inquiries behind them.",
    package="svc_licensing",
    metadata=metadata,
)
app = service.app

if __name__ == "__main__":
    service.main()
