"""Requests for adoption, guardianship, trusteeship and temporary care; confidential by law."""

from shared.chassis.sealing import SealingSettings
from shared.chassis.service import Service
from svc_adoption.assessments import endpoints as assessments
from svc_adoption.centers import consumers as centers
from svc_adoption.committees import endpoints as committees
from svc_adoption.db import metadata
from svc_adoption.exports import endpoints as exports
from svc_adoption.parameters import consumers as parameters
from svc_adoption.requests import endpoints as requests
from svc_adoption.requirements import endpoints as requirements

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
    ],
    consumers=[centers.on, parameters.on],
)
app = service.app

if __name__ == "__main__":
    service.main()
