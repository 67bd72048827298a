"""Keeping the registry's announcements, which may come twice and out of order."""

from shared.chassis.database import Command
from shared.contracts.registry import CenterState


async def keep_center(command: Command, center: CenterState) -> None:
    """Take the state, unless a newer one is known."""
    await command.connection.execute(
        """
        INSERT INTO center AS known (code, version, status, name_fa, name_en, area_class)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (code) DO UPDATE
           SET version = EXCLUDED.version, status = EXCLUDED.status, name_fa = EXCLUDED.name_fa,
               name_en = EXCLUDED.name_en, area_class = EXCLUDED.area_class
         WHERE known.version < EXCLUDED.version
        """,
        center.code,
        center.version,
        center.status,
        center.name_fa,
        center.name_en,
        center.area_class,
    )
