"""What a step does when the rule it goes by may not be there."""

from datetime import date

from shared.chassis.database import Command
from svc_adoption.parameters import queries
from svc_adoption.parameters.errors import RuleNotSet


async def required(command: Command, name: str, *, place: str, on: date) -> int:
    """The value of the rule for a place on that day. Raises RuleNotSet: no number is made up here."""
    rules = await queries.rules_at(command.connection, place, names=[name], on=on)
    if name not in rules:
        raise RuleNotSet(rule=name)
    return rules[name]
