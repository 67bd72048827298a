"""What is kept sealed, table by table: each document is bound to its table, column and row.

A table that keeps sealed documents has `id`, `key_id` and `sealed`, and is named in `TABLES`, so that a new key
reaches it (`python -m svc_adoption.reseal`).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel

from shared.chassis.database import Command
from shared.chassis.sealing import Seals

T = TypeVar("T", bound=BaseModel)

TABLES: Final[list[str]] = []
"""In the order in which they are sealed anew."""
INDEXED: Final[dict[str, tuple[str, Callable[[bytes, Seals], list[bytes]]]]] = {}
"""Table → its column of blind indexes, which a new key changes as well, and how they are made of the document."""


def sealing(table: str, *, index: tuple[str, Callable[[bytes, Seals], list[bytes]]] | None = None) -> str:
    """Say that a table keeps sealed documents; gives the name back."""
    TABLES.append(table)
    if index is not None:
        INDEXED[table] = index
    return table


def seal(table: str, row: UUID, document: BaseModel, *, seals: Seals) -> tuple[str, bytes]:
    """The name of the key, and what to keep."""
    return seals.seal(document.model_dump_json().encode(), place=_place(table, row))


def opened(table: str, row: Mapping[str, Any], document: type[T], *, seals: Seals) -> T:
    """Read a row's document: `id`, `key_id`, `sealed`. Raises SealBroken."""
    plain = seals.open(row["sealed"], key_id=row["key_id"], place=_place(table, row["id"]))
    return document.model_validate_json(plain)


async def seal_anew(command: Command, *, seals: Seals, at_most: int) -> int:
    """Seal with the present key what another has sealed, so many rows at the most; how many they were.

    Raises SealBroken.
    """
    done = 0
    for table in TABLES:
        rows = await command.connection.fetch(
            f"SELECT id, key_id, sealed FROM {table} WHERE key_id <> $1 ORDER BY id LIMIT $2 FOR UPDATE",  # noqa: S608
            seals.current,
            at_most - done,
        )
        for row in rows:
            place = _place(table, row["id"])
            plain = seals.open(row["sealed"], key_id=row["key_id"], place=place)
            key_id, sealed = seals.seal(plain, place=place)
            column, make = INDEXED.get(table, ("", None))
            also = "" if make is None else f", {column} = $4"
            indexes = [] if make is None else [make(plain, seals)]
            await command.connection.execute(
                f"UPDATE {table} SET key_id = $2, sealed = $3{also} WHERE id = $1",  # noqa: S608 (our own tables)
                row["id"],
                key_id,
                sealed,
                *indexes,
            )
        done += len(rows)
    return done


def _place(table: str, row: UUID) -> str:
    return f"{table}.sealed.{row}"
