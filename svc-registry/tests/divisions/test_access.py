import httpx
import pytest

READS = ("/v1/provinces", "/v1/provinces/29", "/v1/counties", "/v1/counties/2901")


@pytest.mark.parametrize("address", READS)
async def test_read_by_anybody_who_is_signed_in(
    address: str, anybody: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    assert (await anybody.get(address)).status_code == 200
    assert (await anonymous.get(address)).status_code == 401


async def test_written_by_nobody(headquarters: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await headquarters.request(method, "/v1/provinces/29", json={})).status_code == 405
