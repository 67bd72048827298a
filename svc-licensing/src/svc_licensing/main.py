"""Licences of the non-governmental centers of Article 26: requests, inquiries, commissions, issue and renewal."""

from shared.chassis.service import Service
from svc_licensing.centers import consumers as centers
from svc_licensing.db import metadata
from svc_licensing.settings import LicensingSettings

service = Service(
    name="licensing",
    title="Licensing",
    description="Licences of non-governmental welfare centers under Article 26, and the inquiries behind them.",
    package="svc_licensing",
    settings=LicensingSettings,
    metadata=metadata,
    consumers=[centers.on],
)
app = service.app

if __name__ == "__main__":
    service.main()
