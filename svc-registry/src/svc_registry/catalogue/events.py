"""What is announced about the catalogue."""

from shared.contracts.registry import CatalogueServiceChangedV1
from svc_registry.catalogue.models import CatalogueService


def changed(service: CatalogueService) -> CatalogueServiceChangedV1:
    return CatalogueServiceChangedV1(
        code=service.code,
        version=service.version,
        name_fa=service.name_fa,
        name_en=service.name_en,
        domain=service.domain,
        active_from=service.active_from,
        active_to=service.active_to,
    )
