from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx

from shared.contracts.registry import CenterChangedV1
from shared.kit.calendar import today
from shared.testing.plugin import Running

Make = Callable[..., Awaitable[dict[str, Any]]]


async def change(client: httpx.AsyncClient, center: dict[str, Any], **changes: Any) -> httpx.Response:
    return await client.patch(
        f"/v1/centers/{center['code']}", json=changes, headers={"If-Match": f'"{center["version"]}"'}
    )


async def addresses(client: httpx.AsyncClient, code: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"/v1/centers/{code}/addresses")).json()["items"]
    return items


async def test_what_is_sent_is_changed_and_announced(
    make_center: Make, officer: httpx.AsyncClient, running: Running
) -> None:
    center = await make_center("open")
    response = await change(officer, center, name_fa="مركز نو", area_class="rural", postal_code=None)
    assert response.status_code == 200, response.text
    expected = center | {"name_fa": "مرکز نو", "area_class": "rural", "postal_code": None, "version": 4}
    assert response.json() == expected
    assert response.headers["etag"] == '"4"'
    assert (await officer.get(f"/v1/centers/{center['code']}")).json() == expected
    (envelope,) = await running.events(type=CenterChangedV1.type, count=1)
    assert (envelope.data["name_fa"], envelope.data["version"], envelope.data["status"]) == ("مرکز نو", 4, "open")
    assert [each["code"] for each in (await officer.get("/v1/centers?q=مركز نو")).json()["items"]] == [center["code"]]


async def test_a_change_that_changes_nothing_is_no_version(make_center: Make, officer: httpx.AsyncClient) -> None:
    area = {"type": "Polygon", "coordinates": [[[59.1, 32.8], [59.3, 32.8], [59.3, 33.0], [59.1, 32.8]]]}
    center = await make_center(service_area=area)
    assert center["service_area"] == area
    response = await change(officer, center, name_fa=center["name_fa"], service_area=area)
    assert (response.status_code, response.json()) == (200, center)


async def test_the_version_that_was_read_must_be_the_current_one(make_center: Make, officer: httpx.AsyncClient) -> None:
    center = await make_center()
    address = f"/v1/centers/{center['code']}"
    assert (await change(officer, center, name_fa="یک")).status_code == 200
    response = await change(officer, center, name_fa="دو")
    assert (response.status_code, response.json()["code"]) == (412, "precondition-failed")
    response = await officer.patch(address, json={"name_fa": "دو"})
    assert (response.status_code, response.json()["code"]) == (428, "precondition-required")
    for tag in ("*", 'W/"2"', "2", '"two"'):
        response = await officer.patch(address, json={"name_fa": "دو"}, headers={"If-Match": tag})
        assert response.status_code == 412
    assert (await officer.get(address)).json()["name_fa"] == "یک"


async def test_a_move_is_kept_in_the_history(make_center: Make, officer: httpx.AsyncClient) -> None:
    center = await make_center("open", address_since="2021-03-08")
    moved_on = (today() - timedelta(days=30)).isoformat()
    response = await change(officer, center, address="بیرجند، بلوار معلم", latitude=32.88, address_since=moved_on)
    assert response.status_code == 200, response.text
    present, former = await addresses(officer, center["code"])
    assert (present["address"], present["latitude"]) == ("بیرجند، بلوار معلم", 32.88)
    assert (present["valid_from"], present["valid_to"]) == (moved_on, None)
    assert (former["address"], former["latitude"]) == (center["address"], center["latitude"])
    assert (former["valid_from"], former["valid_to"]) == ("2021-03-08", moved_on)
    response = await change(officer, response.json(), address="جای دیگر", address_since="2021-03-08")
    assert (response.status_code, response.json()["code"]) == (422, "moved-before-it-came")


async def test_a_correction_on_the_same_day_is_no_move(make_center: Make, officer: httpx.AsyncClient) -> None:
    center = await make_center()
    assert (await change(officer, center, address="نشانی درست")).status_code == 200
    (present,) = await addresses(officer, center["code"])
    assert (present["address"], present["valid_from"]) == ("نشانی درست", today().isoformat())


async def test_a_new_name_is_no_move(make_center: Make, officer: httpx.AsyncClient) -> None:
    center = await make_center(address_since="2021-03-08")
    assert (await change(officer, center, name_fa="نام نو")).status_code == 200
    assert len(await addresses(officer, center["code"])) == 1


async def test_what_a_ready_center_needs_stays(make_center: Make, officer: httpx.AsyncClient) -> None:
    planned, ready = await make_center(), await make_center("ready")
    assert (await change(officer, planned, address=None)).status_code == 200
    response = await change(officer, ready, address=None)
    assert (response.status_code, response.json()["code"]) == (409, "center-not-complete")
    assert (await officer.get(f"/v1/centers/{ready['code']}")).json() == ready


async def test_a_closed_center_is_not_changed(make_center: Make, officer: httpx.AsyncClient) -> None:
    response = await change(officer, await make_center("closed"), name_fa="نام نو")
    assert (response.status_code, response.json()["code"]) == (409, "center-closed")


async def test_bad_input_is_refused(make_center: Make, officer: httpx.AsyncClient) -> None:
    center = await make_center()
    for changes in (
        {"name_fa": None},
        {"area_class": None},
        {"latitude": None},
        {"status": "open"},
        {"code": "2901002"},
        {"version": 7},
        {"latitude": 91},
    ):
        response = await change(officer, center, **changes)
        assert (response.status_code, response.json()["code"]) == (422, "invalid-input"), changes
    assert (await officer.get(f"/v1/centers/{center['code']}")).json() == center
