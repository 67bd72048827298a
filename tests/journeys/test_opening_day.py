"""Two counties open their centers on one day: through every process of a running platform, as `make demo` does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress

from deploy.local.accounts import Running
from deploy.local.demo.adoption import STAGES, adopt
from deploy.local.demo.api import Api, Declined
from deploy.local.demo.field_work import field_work
from deploy.local.demo.households import Handover, handover
from deploy.local.demo.licensing import ACTIVITY, agree, issue, offices, sign_off
from deploy.local.demo.opening_day import Protocol, open_province, until
from deploy.local.demo.province import COUNTIES, PROVINCE
from deploy.local.demo.report import ADOPTIONS, Report
from deploy.local.demo.screening import WHO_COME, screen
from deploy.local.home import Home
from deploy.local.national_bodies import answering
from shared.contracts.roles import Role
from tests.local_stack import free_ports, run, started
from tests.samples import household

pytestmark = pytest.mark.timeout(300)

DARMIAN, KHUSF = COUNTIES[-2:]
FILES, PERSONS = 900, 2_430


def brought() -> Handover:
    return handover(counties=(DARMIAN, KHUSF), files=FILES, persons=PERSONS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with started(tmp_path_factory.mktemp("opening-day"), free_ports()) as stack:
        yield Home(stack.home)
        stack.stop()


@pytest.fixture(scope="module")
def platform(home: Home) -> Running:
    return Running.in_folder(home)


@pytest.fixture(scope="module")
def opened(platform: Running) -> Report:
    return open_province(platform, brought, Protocol(Progress(disable=True)))


def test_every_file_has_a_center_of_its_county_within_the_rule(opened: Report) -> None:
    assert (opened.province.files, opened.province.persons, opened.province.waiting) == (FILES, PERSONS, 0)
    assert [center.code for center in opened.centers] == ["2902001", "2902002", "2910001"]
    assert all(150 <= center.load <= 450 for center in opened.centers)
    handed_over = brought().case_files
    for county in (DARMIAN, KHUSF):
        assert opened.county(county).files == sum(each["jurisdiction"] == county.code for each in handed_over)


def test_a_file_that_is_not_with_its_nearest_center_found_that_one_full(opened: Report) -> None:
    first, second = (center for center in opened.centers if center.county == DARMIAN)
    for center, other in ((first, second), (second, first)):
        if any(place.choice > 1 for place in center.places):
            assert other.load == 450 or center.load == 150


def test_doing_it_again_changes_nothing_and_says_so(platform: Running, opened: Report) -> None:
    again = open_province(platform, brought, Protocol(Progress(disable=True)))
    assert {center.code: center.homes for center in again.centers} == {
        center.code: center.homes for center in opened.centers
    }
    results = {step.name_en: step.result for step in again.steps}
    assert results["Plan the centers"] == "3 were there already"
    assert results["Import the household files"] == f"{FILES} were there already"
    assert results["Plan the distribution"] == f"no file waits: {FILES} were placed before"


def test_an_officer_of_one_county_sees_what_its_centers_have_together(platform: Running, opened: Report) -> None:
    with Api(platform, Role.COUNTY_OFFICER, DARMIAN.code) as officer:
        assert officer.get("/v1/case-files:summary")["files"] == opened.county(DARMIAN).files


def test_a_month_of_field_work_follows_and_is_found_done_the_next_time(platform: Running, opened: Report) -> None:
    protocol = Protocol(Progress(disable=True))
    done = field_work(platform, opened, protocol)
    assert sum(did["files"] for did in done.counties.values()) == FILES
    assert done.counties[DARMIAN.code]["visited"] > done.counties[DARMIAN.code]["to look for"] > 0
    assert all(done.rials[county.code] > 0 for county in (DARMIAN, KHUSF))

    protocol = Protocol(Progress(disable=True))
    again = field_work(platform, opened, protocol)
    assert again.rials == done.rials
    results = {step.name_en: step.result for step in protocol.steps}
    assert results["Give each file its worker"] == "every file had its worker"
    assert results["Visit homes, without a connection"].startswith("0 visits sent")
    for step in (
        "Deliver a service, followed by its code",
        "Record a death",
        "Move a household to another county",
        "Close, approve and pay one center",
    ):
        assert results[step].endswith("already")


def test_an_autumn_of_screening_follows_and_is_found_done_the_next_time(platform: Running, opened: Report) -> None:
    protocol = Protocol(Progress(disable=True))
    done = screen(platform, opened, protocol)
    total = done.total
    children = [born for center in opened.centers for home in center.homes for born in home.born]
    of_files = sum(done.campaign["born_from"] <= born <= done.campaign["born_to"] for born in children)
    assert total["eligible"] == of_files + 3 * WHO_COME
    assert 0.84 < done.share("examined", "eligible") < 1
    assert total["to_repeat"] > total["referred"] > total["attended"] > total["confirmed"] >= total["treated"] > 0
    assert 0.08 < done.share("referred", "examined") < 0.11
    assert total["referred"] == total["attended"] + total["awaited"] + total["lost"]
    assert min(total["won_back"], total["lost"]) > 0
    assert set(done.counties) == {DARMIAN.code, KHUSF.code}

    protocol = Protocol(Progress(disable=True))
    again = screen(platform, opened, protocol)
    assert (again.counties, again.disorders) == (done.counties, done.disorders)
    results = {step.name_en: step.result for step in protocol.steps}
    for step in ("Sign off a made-up time to the optometrist", "Open the campaign", "Test again who failed"):
        assert results[step].endswith("already")


def test_families_ask_for_children_and_one_is_placed_to_the_end(platform: Running, opened: Report) -> None:
    protocol = Protocol(Progress(disable=True))
    done = adopt(platform, opened, protocol)
    assert {name: done.total[name] > 0 for name in ADOPTIONS} == dict.fromkeys(ADOPTIONS, True)
    assert (done.total["final"], done.total.total(), set(done.counties)) == (1, len(STAGES), {DARMIAN.code, KHUSF.code})

    protocol = Protocol(Progress(disable=True))
    again = adopt(platform, opened, protocol)
    assert again.counties == done.counties
    assert protocol.steps[0].result == "were asked for already"


def test_a_center_whose_licence_ends_is_suspended_and_takes_no_file_in(
    home: Home, platform: Running, opened: Report
) -> None:
    center, protocol = opened.centers[-1].code, Protocol(Progress(disable=True))
    with (
        offices(platform) as office,
        answering(platform, home),
        Api(platform, Role.CENTER_MANAGER, center) as manager,
        Api(platform, Role.PROVINCE_OFFICER, PROVINCE) as officer,
    ):
        sign_off(office, protocol)
        agree(office, opened.centers[-1:], protocol)
        issue(office, opened.centers[-1:], protocol)
        assert manager.post("/v1/case-files", household())["jurisdiction"] == center
        (licence,) = office.secretary.items("/v1/licences", center=center, kind=ACTIVITY)
        order = {"reason": "نبود مددکار", "decision": "1405/9/1"}
        office.secretary.post(f"/v1/licences/{licence['id']}:revoke", order, version=licence["version"])
        turns = until("the end of the licence")
        while manager.get(f"/v1/centers/{center}")["status"] != "suspended":
            next(turns)
        refusal = ""
        while not refusal:
            next(turns)
            try:
                manager.post("/v1/case-files", household())
            except Declined as declined:
                refusal = declined.code
        assert refusal == "center-not-open"
        with pytest.raises(Declined) as resumed:
            officer.post(f"/v1/centers/{center}:resume")
        assert resumed.value.code == "center-licence-ended"


def test_without_a_running_platform_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    process = run("deploy.local.demo", environment={"POSITIVE_LIFE_HOME": str(tmp_path)})
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == f"No platform is ready in {tmp_path}: start it with `make run`, in another terminal.\n"
