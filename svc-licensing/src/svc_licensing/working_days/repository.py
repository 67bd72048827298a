"""Writes of official holidays."""

from datetime import date

from shared.chassis.database import Command


async def add(command: Command, day: date, name_fa: str) -> bool:
    """False when the day is a holiday already."""
    done: str = await command.connection.execute(
        "INSERT INTO official_holiday (day, name_fa, set_by, set_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        day,
        name_fa,
        command.actor.subject,
        command.now,
    )
    return done == "INSERT 0 1"


async def remove(command: Command, day: date) -> bool:
    done: str = await command.connection.execute("DELETE FROM official_holiday WHERE day = $1", day)
    return done == "DELETE 1"
