"""What the tables of adoption have in common."""

from shared.chassis.tables import new_metadata

metadata = new_metadata()
