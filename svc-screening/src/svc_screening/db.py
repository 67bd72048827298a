"""What the tables of screening have in common."""

from shared.chassis.tables import new_metadata

metadata = new_metadata()
