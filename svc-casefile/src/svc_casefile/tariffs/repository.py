"""Keeping the registry's tariffs, which may be announced twice and out of order."""

from shared.chassis.database import Command
from shared.contracts.registry import TariffSignedOffV1


async def keep_tariff(command: Command, tariff: TariffSignedOffV1) -> None:
    """Take the tariff, unless a newer version of it is known."""
    await command.connection.execute(
        """
        INSERT INTO tariff AS known
               (id, version, service_code, area_class, jurisdiction, valid_from, valid_to, amount_rials)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (id) DO UPDATE
           SET version = EXCLUDED.version, service_code = EXCLUDED.service_code, area_class = EXCLUDED.area_class,
               jurisdiction = EXCLUDED.jurisdiction, valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to,
               amount_rials = EXCLUDED.amount_rials
         WHERE known.version < EXCLUDED.version
        """,
        tariff.tariff_id,
        tariff.version,
        tariff.service_code,
        tariff.area_class,
        tariff.jurisdiction.code,
        tariff.valid_from,
        tariff.valid_to,
        tariff.amount_rials,
    )
