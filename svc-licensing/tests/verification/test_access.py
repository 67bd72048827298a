"""What anybody learns of a licence, and what nobody does."""

import httpx
from licence_samples import HOLDER, VERIFICATIONS, code_of, decided, founder, issued

from shared.chassis.actor import PUBLIC
from shared.kit.calendar import today
from shared.testing.plugin import Running


async def test_it_tells_whether_it_is_valid_and_nothing_else(
    running: Running, secretary: httpx.AsyncClient, public: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    licence = await issued(secretary, await decided(running, await founder(running)), valid_from=str(today()))
    address = f"{VERIFICATIONS}/{licence['number']}"
    said = await public.get(address)
    assert said.status_code == 200, said.text
    assert said.json() == {
        "number": licence["number"],
        "valid": True,
        "kind": "agreement-in-principle",
        "holder": HOLDER,
        "valid_to": licence["valid_to"],
    }
    persian = licence["number"].translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert (await public.get(f"{VERIFICATIONS}/{persian}")).json() == said.json(), "as it is printed"
    assert code_of(await public.get(f"{VERIFICATIONS}/29-1405-99999")) == (404, "licence-number-unknown")
    assert (await public.get(f"{VERIFICATIONS}/29-1405-1")).status_code == 422
    assert (await anonymous.get(address)).status_code == 401, "the gateway alone passes people on"


async def test_not_even_the_database_shows_more_to_who_has_no_account(
    running: Running, secretary: httpx.AsyncClient
) -> None:
    licence = await issued(secretary, await decided(running, await founder(running)), valid_from=str(today()))
    async with running.database.query(PUBLIC) as query:
        (row,) = await query.fetch("SELECT * FROM licence_shown($1, $2)", licence["number"], today())
        assert [*row.keys()] == ["valid", "kind", "holder", "valid_to"]
        assert await query.fetchval("SELECT count(*) FROM licence") == 0, "the scope is the caller's again"
        executors = await query.fetchval(
            "SELECT array_agg(grantee::regrole::text) FROM pg_proc, aclexplode(proacl)"
            " WHERE proname = 'licence_shown' AND grantee <> proowner"
        )
    assert executors == ["licensing_app"]
