"""What the tables of licensing have in common."""

from sqlmodel import SQLModel

from shared.chassis.tables import new_metadata

metadata = new_metadata()


class Table(SQLModel):
    """Base of every table of this service."""

    metadata = metadata
