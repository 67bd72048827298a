import httpx


async def walk(client: httpx.AsyncClient, address: str) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    while address:
        response = await client.get(address)
        assert response.status_code == 200, response.text
        items += response.json()["items"]
        address = response.links.get("next", {}).get("url", "")
    return items


async def test_all_provinces_and_counties_under_their_official_codes(anybody: httpx.AsyncClient) -> None:
    provinces = await walk(anybody, "/v1/provinces?limit=20")
    counties = await walk(anybody, "/v1/counties?limit=150")
    assert [each["code"] for each in provinces] == [f"{number:02}" for number in range(31)]
    assert len({each["code"] for each in counties}) == len(counties) == 448
    assert {each["code"][:2] for each in counties} == {each["code"] for each in provinces}


async def test_the_counties_of_a_province(anybody: httpx.AsyncClient) -> None:
    counties = await walk(anybody, "/v1/counties?province=29")
    assert len(counties) == 11
    assert {each["province"] for each in counties} == {"29"}
    assert counties[0] == {
        "code": "2901",
        "province": "29",
        "name_fa": "بیرجند",
        "name_en": "Birjand",
        "latitude": 33.0849,
        "longitude": 59.1462,
    }


async def test_persian_digits_are_digits(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/v1/provinces/۲۹")).json()["name_en"] == "South Khorasan"
    assert len((await anybody.get("/v1/counties", params={"province": "۲۹"})).json()["items"]) == 11


async def test_a_province_that_does_not_exist_has_no_counties(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/v1/counties?province=77")).json()["items"] == []
    for address in ("/v1/provinces/77", "/v1/counties/2999"):
        response = await anybody.get(address)
        assert (response.status_code, response.json()["code"]) == (404, "not-found")


async def test_a_filter_that_is_no_code_is_refused(anybody: httpx.AsyncClient) -> None:
    for address in ("/v1/counties?province=2", "/v1/counties?province=IR", "/v1/counties/29"):
        response = await anybody.get(address)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input")
    response = await anybody.get("/v1/counties?provinse=29")
    assert (response.status_code, response.json()["code"]) == (422, "unknown-parameter")
