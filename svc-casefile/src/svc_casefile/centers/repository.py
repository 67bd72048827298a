"""Keeping the registry's announcements, which may come twice and out of order."""

from shared.chassis.database import Command
from shared.contracts.registry import CenterState, ParameterSetV1


async def keep_center(command: Command, center: CenterState) -> None:
    """Take the state, unless a newer one is known."""
    await command.connection.execute(
        """
        INSERT INTO center AS known (code, version, status, name_fa, name_en, area_class, latitude, longitude)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (code) DO UPDATE
           SET version = EXCLUDED.version, status = EXCLUDED.status, name_fa = EXCLUDED.name_fa,
               name_en = EXCLUDED.name_en, area_class = EXCLUDED.area_class, latitude = EXCLUDED.latitude,
               longitude = EXCLUDED.longitude
         WHERE known.version < EXCLUDED.version
        """,
        center.code,
        center.version,
        center.status,
        center.name_fa,
        center.name_en,
        center.area_class,
        center.latitude,
        center.longitude,
    )


async def keep_parameter(command: Command, parameter: ParameterSetV1) -> None:
    """Take the rule, unless a newer correction of it is known."""
    await command.connection.execute(
        """
        INSERT INTO parameter AS known (id, version, name, jurisdiction, value, valid_from, valid_to)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE
           SET version = EXCLUDED.version, name = EXCLUDED.name, jurisdiction = EXCLUDED.jurisdiction,
               value = EXCLUDED.value, valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to
         WHERE known.version < EXCLUDED.version
        """,
        parameter.parameter_id,
        parameter.version,
        parameter.name,
        parameter.jurisdiction.code,
        parameter.value,
        parameter.valid_from,
        parameter.valid_to,
    )
