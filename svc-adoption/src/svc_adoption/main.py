"""Requests for adoption, guardianship, trusteeship and temporary care; confidential by law."""

from shared.chassis.sealing import SealingSettings
from shared.chassis.service import Service
from svc_adoption.db import metadata
from svc_adoption.parameters import consumers as parameters

service = Service(
    name="adoption",
    title="Adoption",
    description="Adoption and foster requests, in confidence.",
    package="svc_adoption",
    settings=SealingSettings,
    metadata=metadata,
    consumers=[parameters.on],
)
app = service.app

if __name__ == "__main__":
    service.main()
