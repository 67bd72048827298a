"""What a read touches is bounded by its scope, however much the rest of the country has."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import product
from typing import Any

import asyncpg
import pytest
from casefile_samples import household, person

from shared.chassis.actor import Actor
from shared.chassis.database import Query
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Running
from svc_casefile.households import queries, repository
from svc_casefile.households.schemas import CaseFileCreate, CaseFileFilters, CaseFileSearch, ExportFilters
from svc_casefile.members.schemas import MemberFilters
from svc_casefile.rows import new_case_file, said

FILES_PER_CENTER, MEMBERS = 60, 2
CENTERS = [f"{province}{county}{serial}" for province, county, serial in product((29, 30, 31), ("01", "02", "03"),
                                                                                 ("001", "002", "003"))]  # fmt: skip
Read = Callable[[Query], Awaitable[object]]


@pytest.fixture
async def country(running: Running) -> Mapping[str, Any]:
    """Files in 27 centers of three provinces; answers with one of them."""
    actor = Actor.system("casefile")
    async with running.database.command(actor) as command:
        new = [
            new_case_file(
                said(
                    CaseFileCreate.model_validate(
                        household(person("head", family_name="کریمی"), person(), mobile=f"0915{number:07}")
                    )
                ),
                jurisdiction=Jurisdiction(code),
                opened_by=actor.subject,
                now=command.now,
            )
            for code in CENTERS
            for number in range(FILES_PER_CENTER)
        ]
        added = await repository.add(command.connection, new)
    assert len(added.members) == len(new) * MEMBERS
    await running.analyse()
    one = next(each for each in new if each.file["jurisdiction"] == "3002002")
    return {**one.file, "number": added.numbers[one.file["id"]], "members": one.members}


async def _exported(query: Query) -> None:
    files: AsyncIterator[str] = queries.stream(query, ExportFilters(), restricted=True)
    async for _ in files:
        pass


def _reads(file: Mapping[str, Any]) -> Mapping[str, Read]:
    from svc_casefile.members import queries as members

    def one(query: Query) -> Awaitable[object]:
        return queries.body_of(query.connection, file["id"], scope=query.scope_range, restricted=True)

    def former(query: Query) -> Awaitable[object]:
        return members.members_of(query, file["id"], filters=MemberFilters(former=True), restricted=True)

    def listed(**filters: object) -> Read:
        return lambda query: queries.list_files(query, CaseFileFilters.model_validate(filters))

    def found(**wanted: object) -> Read:
        return lambda query: queries.search(query, CaseFileSearch.model_validate(wanted))

    return {
        "one": one,
        "former members": former,
        "counts": lambda query: queries.counts(query, None),
        "export": _exported,
        "list": listed(),
        "list, latest first": listed(sort="-opened_on", limit=200),
        "list of nothing": listed(status="suspended"),
        "list of nobody's": listed(assigned_worker="nobody", sort="-number"),
        "search by name": found(name="کریمی"),
        "search by national id": found(national_id=file["members"][0]["id_value"]),
        "search by number": found(number=file["number"]),
        "search by phone": found(phone="09150000007"),
    }


class _Listener:
    """A connection that remembers what it was asked."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.asked: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connection, name)
        if name not in {"fetch", "fetchrow", "fetchval", "cursor"}:
            return method

        def listening(*asked: object, **options: object) -> object:
            self.asked.append(asked)
            return method(*asked, **options)

        return listening


async def _touched(query: Query, read: Read) -> float:
    """How many rows of case files and members the statements of a read look at."""
    connection = query.connection
    query.connection = listener = _Listener(connection)
    await read(query)
    query.connection = connection
    assert listener.asked
    touched = 0.0
    for statement, *arguments in listener.asked:
        (plan,) = await query.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *arguments)
        touched += _rows(plan["Plan"])
    return touched


def _rows(plan: Mapping[str, Any]) -> float:
    own = 0.0
    if plan.get("Relation Name") in {"case_file", "member", "case_file_history"}:
        removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        own = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return own + sum(_rows(child) for child in plan.get("Plans", ()))


@pytest.mark.parametrize(("scope", "files"), [("3002002", FILES_PER_CENTER), ("3002", 3 * FILES_PER_CENTER)])
async def test_a_read_touches_what_its_scope_has(
    running: Running, country: Mapping[str, Any], scope: str, files: int
) -> None:
    actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction(scope))
    async with running.database.query(actor, address="/v1/case-files") as query:
        for name, read in _reads(country).items():
            # each file, its head and its members at the most once or twice; never the other hundreds
            assert await _touched(query, read) <= files * (2 + 2 * MEMBERS), name


async def test_a_page_does_not_read_on_to_find_its_scope(running: Running, country: Mapping[str, Any]) -> None:
    """The files of this province come last by number; ordering by number must not walk over all before them."""
    actor = Actor(subject="reader", roles=frozenset(), scope=Jurisdiction("31"))
    async with running.database.query(actor, address="/v1/case-files") as query:
        first_ten = lambda query: queries.list_files(query, CaseFileFilters(limit=10))  # noqa: E731
        assert await _touched(query, first_ten) < 9 * 11 + 11 + 50
