"""What is announced about a tariff."""

from typing import cast

from shared.contracts.registry import AreaClass, TariffSignedOffV1
from shared.kit.jurisdiction import Jurisdiction
from svc_registry.tariffs.models import Tariff


def signed_off(tariff: Tariff) -> TariffSignedOffV1:
    return TariffSignedOffV1(
        jurisdiction=Jurisdiction.from_code(tariff.jurisdiction),
        tariff_id=tariff.id,
        version=tariff.version,
        service_code=tariff.service_code,
        area_class=cast("AreaClass", tariff.area_class),
        valid_from=tariff.valid_from,
        valid_to=tariff.valid_to,
        amount_rials=tariff.amount_rials,
    )
