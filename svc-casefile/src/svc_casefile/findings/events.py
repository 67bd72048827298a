"""From a finding to what is announced of it: no names, places of homes or stories."""

from collections.abc import Mapping

from shared.contracts.casefile import (
    FindingAdmittedV1,
    FindingAdvancedV1,
    FindingAppealedV1,
    FindingRecordedV1,
    FindingReferredV1,
    FindingRefusedV1,
    FindingState,
)
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.findings.models import Finding
from svc_casefile.findings.schemas import FindingStatus

FACTS: Mapping[str, type[FindingState]] = {
    FindingStatus.FOUND: FindingRecordedV1,
    FindingStatus.ADMITTED: FindingAdmittedV1,
    FindingStatus.REFERRED: FindingReferredV1,
    FindingStatus.NOT_ELIGIBLE: FindingRefusedV1,
    FindingStatus.APPEALED: FindingAppealedV1,
}


def fact(finding: Finding, *, step: str) -> FindingState:
    kind = FindingAdvancedV1 if step == "inquire" else FACTS.get(finding.status, FindingAdvancedV1)
    return kind(
        jurisdiction=Jurisdiction(finding.jurisdiction),
        finding_id=finding.id,
        version=finding.version,
        status=finding.status,
        found_on=finding.found_on,
        found_by=finding.found_by,
        case_file_id=finding.case_file_id,
    )
