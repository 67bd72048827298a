"""From an encounter to what is announced of it: of a sensitive programme, never the outcome."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.screening import EncounterDecidedV1, EncounterRecordedV1
from shared.kit.jurisdiction import Jurisdiction


def recorded(row: Mapping[str, Any], *, counts_as: UUID, made_on: date, sensitive: bool) -> EncounterRecordedV1:
    """`row` is by the columns of Encounter."""
    return EncounterRecordedV1(
        jurisdiction=Jurisdiction(row["jurisdiction"]),
        encounter_id=row["id"],
        person_id=row["person_id"],
        counts_as=counts_as,
        programme=row["programme_code"],
        programme_year=row["programme_year"],
        campaign_id=row["campaign_id"],
        base_id=row["base_id"],
        made_on=made_on,
        stage=row["stage"],
        attendance=row["attendance"],
        outcome=None if sensitive else row["outcome"],
        protocol=row["protocol_number"],
        rule=None if sensitive else row["rule"],
        corrects=row["corrects"],
    )


def decided(row: Mapping[str, Any], *, decided_on: date, made_on: date) -> EncounterDecidedV1:
    """`row` is by the columns of Encounter, with `counts_as` and `sensitive`."""
    return EncounterDecidedV1(
        jurisdiction=Jurisdiction(row["jurisdiction"]),
        encounter_id=row["id"],
        person_id=row["person_id"],
        counts_as=row["counts_as"],
        programme=row["programme_code"],
        programme_year=row["programme_year"],
        campaign_id=row["campaign_id"],
        made_on=made_on,
        decided_on=decided_on,
        stage=row["stage"],
        outcome=None if row["sensitive"] else row["outcome"],
        protocol=row["protocol_number"],
        rule=None if row["sensitive"] else row["rule"],
    )
