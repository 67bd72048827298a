"""Keeping the registry's announcements, which may come twice and out of order."""

from shared.chassis.database import Command
from shared.contracts.registry import ParameterSetV1


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
