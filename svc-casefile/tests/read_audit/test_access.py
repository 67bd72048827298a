"""Who may see who read personal files: role × own place, another's, none."""

import httpx
import pytest
from casefile_samples import CENTER, code_of

from shared.contracts.permissions import Permission
from shared.contracts.roles import GRANTS, Role
from shared.testing.plugin import ClientAs

READS = "/v1/personal-reads"


@pytest.mark.parametrize("role", Role)
async def test_auditors_alone(client_as: ClientAs, role: Role) -> None:
    answer = await (await client_as(role, CENTER)).get(READS)
    assert answer.status_code == (200 if Permission.AUDIT_READ in GRANTS[role] else 403), role
    assert (Permission.AUDIT_READ in GRANTS[role]) == (role == Role.AUDITOR)


@pytest.mark.parametrize("place", ["IR", "29", "2902", "3001"])
async def test_no_further_than_the_posting(client_as: ClientAs, place: str) -> None:
    auditor = await client_as("auditor", "2901")
    assert code_of(await auditor.get(READS, params={"jurisdiction": place})) == (403, "scope-forbidden")


async def test_without_a_scope_or_a_token(client_as: ClientAs, anonymous: httpx.AsyncClient) -> None:
    assert code_of(await (await client_as("auditor", None)).get(READS)) == (400, "scope-required")
    assert code_of(await anonymous.get(READS)) == (401, "unauthorised")
