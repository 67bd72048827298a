"""Writes to centers and what belongs to them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, select

from shared.chassis.database import Command
from shared.contracts.casefile import CaseFileClosedV1, CaseFileState
from shared.kit.jurisdiction import Jurisdiction
from svc_registry.centers.models import Center, CenterAddress, CenterTransition
from svc_registry.divisions.models import County


async def hold(command: Command, codes: Collection[str]) -> dict[str, Center]:
    """The centers among `codes` that exist in the scope, locked until the command ends."""
    # in the order of their codes, so that two commands on the same centers wait instead of deadlocking
    statement = select(Center).where(col(Center.code).in_(codes)).order_by(col(Center.code)).with_for_update()
    return {center.code: center for center in await command.session.exec(statement)}


async def every(command: Command) -> Sequence[Center]:
    return (await command.session.exec(select(Center).order_by(col(Center.code)))).all()


async def add(command: Command, centers: Sequence[Center], addresses: Sequence[CenterAddress]) -> None:
    command.session.add_all(centers)
    await command.session.flush()
    command.session.add_all(addresses)


def add_address(command: Command, address: CenterAddress) -> None:
    command.session.add(address)


def add_transition(command: Command, transition: CenterTransition) -> None:
    command.session.add(transition)


async def present_address(command: Command, center: str) -> CenterAddress:
    statement = select(CenterAddress).where(CenterAddress.center == center, col(CenterAddress.valid_to).is_(None))
    return (await command.session.exec(statement)).one()


async def known_counties(command: Command, codes: Sequence[str]) -> set[str]:
    return set(await command.session.exec(select(County.code).where(col(County.code).in_(codes))))


async def hold_numbers(command: Command, counties: Sequence[str]) -> set[str]:
    """The center codes taken in these counties; no other command numbers centers there until this one ends."""
    await command.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('center numbers'), county::int) FROM unnest($1::text[]) AS county",
        sorted(counties),
    )
    rows = await command.connection.fetch("SELECT code FROM center WHERE county = ANY($1)", counties)
    return {row["code"] for row in rows}


async def exists(command: Command, place: Jurisdiction) -> bool:
    """Whether the nation, a province, a county or a center of this code exists."""
    found = await command.connection.fetchval(
        "SELECT $1 = '' OR EXISTS (SELECT FROM province WHERE code = $1)"
        " OR EXISTS (SELECT FROM county WHERE code = $1) OR EXISTS (SELECT FROM center WHERE code = $1)",
        place.code,
    )
    return bool(found)


async def count_files(command: Command, center: str) -> int:
    count = await command.connection.fetchval(
        "SELECT count(*) FROM case_file_location WHERE jurisdiction = $1 AND status <> 'closed'", center
    )
    return int(count)


async def remember_licence(
    command: Command, licence_id: UUID, *, version: int, center: str, number: str, status: str
) -> bool:
    """Keep the newest that is known of a licence; whether this is it."""
    kept = await command.connection.fetchval(
        "INSERT INTO center_licence AS known (licence_id, version, center, number, status)"
        " VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (licence_id) DO UPDATE SET version = excluded.version, center = excluded.center,"
        " number = excluded.number, status = excluded.status"
        " WHERE known.version < excluded.version RETURNING true",
        licence_id,
        version,
        center,
        number,
        status,
    )
    return bool(kept)


async def licences_of(command: Command, center: str) -> list[tuple[str, str]]:
    """Number and status of each licence that the center ever had to be active, the one that was issued last first."""
    rows = await command.connection.fetch(
        "SELECT number, status FROM center_licence WHERE center = $1 ORDER BY licence_id DESC", center
    )
    return [(row["number"], row["status"]) for row in rows]


async def remember_case_files(command: Command, files: Sequence[CaseFileState | CaseFileClosedV1]) -> None:
    """Keep the newest that is known of each case file."""
    latest = {file.case_file_id: file for file in sorted(files, key=lambda file: file.version)}.values()
    await command.connection.execute(
        "INSERT INTO case_file_location AS known (case_file_id, version, jurisdiction, status)"
        " SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[])"
        " ON CONFLICT (case_file_id) DO UPDATE SET version = excluded.version,"
        " jurisdiction = excluded.jurisdiction, status = excluded.status WHERE known.version < excluded.version",
        [file.case_file_id for file in latest],
        [file.version for file in latest],
        [file.jurisdiction.code for file in latest],
        ["closed" if isinstance(file, CaseFileClosedV1) else file.status for file in latest],
    )
