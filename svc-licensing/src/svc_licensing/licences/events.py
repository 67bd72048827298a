"""From a licence to what is announced of it: never a person."""

from typing import Any, TypeVar

from shared.contracts.licensing import LicenceState
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing.licences.models import Licence

S = TypeVar("S", bound=LicenceState)


def fact(kind: type[S], licence: Licence, **more: Any) -> S:
    return kind(
        jurisdiction=Jurisdiction.from_code(licence.jurisdiction),
        licence_id=licence.id,
        version=licence.version,
        number=licence.number,
        kind=licence.kind,
        clause=licence.clause,
        status=licence.status,
        center=licence.center,
        institution=licence.institution_id,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        **more,
    )
