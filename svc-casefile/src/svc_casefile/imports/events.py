"""From a case file just taken in to what is announced of it."""

from shared.contracts.casefile import CaseFileOpenedV1
from shared.kit.jurisdiction import Jurisdiction
from svc_casefile.households.repository import NewCaseFile


def opened(new: NewCaseFile, *, number: str) -> CaseFileOpenedV1:
    file = new.file
    return CaseFileOpenedV1(
        case_file_id=file["id"],
        number=number,
        version=file["version"],
        status=file["status"],
        jurisdiction=Jurisdiction(file["jurisdiction"]),
        member_count=file["member_count"],
        members=[
            {
                "member_id": member["id"],
                "relation": member["relation"],
                "birth_date": member["birth_date"],
                "sex": member["sex"],
            }
            for member in new.members
        ],
        opened_on=file["opened_on"],
        payer_category=file["payer_category"],
        area_class=file["area_class"],
    )
