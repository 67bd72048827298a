"""Keeping the registry's announcements, which may come twice and out of order."""

from shared.chassis.database import Command
from shared.contracts.registry import CatalogueServiceChangedV1


async def keep_service(command: Command, service: CatalogueServiceChangedV1) -> None:
    """Take the state, unless a newer one is known."""
    await command.connection.execute(
        """
        INSERT INTO catalogue_service AS known (code, version, name_fa, name_en, active_from, active_to)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (code) DO UPDATE
           SET version = EXCLUDED.version, name_fa = EXCLUDED.name_fa, name_en = EXCLUDED.name_en,
               active_from = EXCLUDED.active_from, active_to = EXCLUDED.active_to
         WHERE known.version < EXCLUDED.version
        """,
        service.code,
        service.version,
        service.name_fa,
        service.name_en,
        service.active_from,
        service.active_to,
    )
