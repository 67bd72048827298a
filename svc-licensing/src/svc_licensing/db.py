"""What the tables of licensing have in common."""

from shared.chassis.tables import new_metadata

metadata = new_metadata()
