"""From a request to what is announced of it: its id and where it stands."""

from shared.contracts.adoption import AdoptionRequestChangedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_adoption.requests.models import AdoptionRequest


def changed(request: AdoptionRequest) -> AdoptionRequestChangedV1:
    return AdoptionRequestChangedV1(
        jurisdiction=Jurisdiction.from_code(request.jurisdiction),
        request_id=request.id,
        version=request.version,
        form=request.form,
        status=request.status,
    )
