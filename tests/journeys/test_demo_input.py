"""The made-up households of the demo: exact in number, sound in every line, the same every time."""

from collections import Counter, defaultdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.local.demo.households import (
    LARGEST_HOUSEHOLD,
    Handover,
    handover,
    household_sizes,
    national_ids,
)
from deploy.local.demo.province import COUNTIES, FILES, PERSONS
from deploy.local.demo.screening import FATES, PRESENT, SEEN, TREATED, dealt
from deploy.local.demo.settlements import Point, choose_sites, settle, share
from shared.kit.identity import NationalId
from svc_casefile.imports.schemas import CaseFileLine


@pytest.fixture(scope="module")
def province() -> Handover:
    return handover()


def test_numbers_are_those_announced(province: Handover) -> None:
    assert len(province.case_files) == FILES == 14_775
    assert sum(len(each["members"]) for each in province.case_files) == PERSONS == 39_734
    assert Counter(center.county.name_en for center in province.centers) == {
        "Birjand": 8, "Qaen": 7, "Tabas": 4, "Zirkuh": 3, "Nehbandan": 3, "Sarbisheh": 3,
        "Boshruyeh": 2, "Sarayan": 2, "Ferdows": 2, "Darmian": 2, "Khusf": 1,
    }  # fmt: skip


def test_centers_of_each_county_can_hold_its_files_and_keep_busy(province: Handover) -> None:
    files = Counter(each["jurisdiction"] for each in province.case_files)
    for county in COUNTIES:
        assert 150 * county.centers <= files[county.code] <= 450 * county.centers


def test_every_line_is_a_line_of_the_import(province: Handover) -> None:
    for line in list(province.ndjson())[::7]:
        CaseFileLine.model_validate_json(line)


def test_no_person_and_no_number_comes_twice(province: Handover) -> None:
    people = Counter(member["identity"]["value"] for each in province.case_files for member in each["members"])
    assert len(people) == PERSONS
    assert all(NationalId(number) == number for number in people)
    assert len({each["legacy_number"] for each in province.case_files}) == FILES


def test_relatives_are_of_a_possible_age(province: Handover) -> None:
    for file in province.case_files:
        born: dict[str, list[int]] = defaultdict(list)
        for member in file["members"]:
            born[member["relation"]].append(int(member["birth_date"][:4]))
        (head,) = born["head"]
        assert all(child >= head + 15 for child in born["child"])
        assert all(parent <= head - 15 for parent in born["parent"])
        assert len(born["spouse"]) <= 1


def test_centers_stand_apart_and_have_names_of_their_own(province: Handover) -> None:
    assert len({(center.point.latitude, center.point.longitude) for center in province.centers}) == 37
    assert len({center.name_fa for center in province.centers}) == 37
    assert "مرکز مثبت زندگی بیرجند ۸" in {center.name_fa for center in province.centers}


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_bytes() -> None:
    first, again, other = (
        b"".join(handover(seed=seed, counties=COUNTIES[-1:], files=200, persons=540).ndjson()) for seed in (1, 1, 2)
    )
    assert first == again != other


@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_any_possible_numbers_are_met_exactly(data: st.DataObject, seed: int) -> None:
    counties = data.draw(st.lists(st.sampled_from(COUNTIES[3:]), min_size=1, max_size=3, unique=True))
    centers = sum(county.centers for county in counties)
    files = data.draw(st.integers(150 * centers, 450 * centers))
    persons = data.draw(st.integers(files, files * LARGEST_HOUSEHOLD))
    made = handover(seed=seed, counties=counties, files=files, persons=persons)
    assert len(made.case_files) == files
    assert sum(len(each["members"]) for each in made.case_files) == persons
    assert Counter(center.county for center in made.centers) == {county: county.centers for county in counties}
    per_county = Counter(each["jurisdiction"] for each in made.case_files)
    assert all(150 * county.centers <= per_county[county.code] <= 450 * county.centers for county in counties)
    assert all([m["relation"] for m in each["members"]].count("head") == 1 for each in made.case_files)


@given(
    parts=st.lists(st.tuples(st.floats(0.01, 100), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12),
    data=st.data(),
)
def test_shares_add_up_within_their_bounds(parts: list[tuple[float, int, int]], data: st.DataObject) -> None:
    weights = [weight for weight, _, _ in parts]
    lows = [low for _, low, _ in parts]
    highs = [low + more for _, low, more in parts]
    total = data.draw(st.integers(sum(lows), sum(highs)))
    shares = share(total, weights, lows=lows, highs=highs)
    assert sum(shares) == total
    assert all(low <= part <= high for low, part, high in zip(lows, shares, highs, strict=True))


@given(seed=st.integers(), files=st.integers(1, 300), data=st.data())
def test_household_sizes_add_up(seed: int, files: int, data: st.DataObject) -> None:
    persons = data.draw(st.integers(files, files * LARGEST_HOUSEHOLD))
    sizes = household_sizes(Random(seed), files=files, persons=persons)
    assert (len(sizes), sum(sizes)) == (files, persons)
    assert all(1 <= size <= LARGEST_HOUSEHOLD for size in sizes)


@given(seed=st.integers(), persons=st.integers(1, 500))
def test_national_ids_are_sound_and_nobodys(seed: int, persons: int) -> None:
    numbers = list(national_ids(Random(seed), persons=persons))
    assert len(set(numbers)) == persons
    assert all(NationalId(number) == number and number.startswith("000") for number in numbers)


@pytest.mark.parametrize("shares", [SEEN, PRESENT, FATES, TREATED])
def test_of_every_number_of_children_each_fate_has_its_share(shares: dict[str, float]) -> None:
    assert sum(shares.values()) == pytest.approx(1)
    given: Counter[str] = Counter()
    for number, kind in zip(range(1, 3_001), dealt(shares), strict=False):
        given[kind] += 1
        assert all(abs(given[each] - share * number) < 2 for each, share in shares.items())


def test_the_referred_are_as_many_as_was_published() -> None:
    assert 0.08 < 1 - SEEN["well"] - SEEN["doubt"] < 0.11


def test_impossible_numbers_are_refused() -> None:
    khusf = COUNTIES[-1:]
    with pytest.raises(ValueError, match="cannot be shared out"):
        handover(counties=khusf, files=451, persons=900)
    with pytest.raises(ValueError, match="do not make 200 households"):
        handover(counties=khusf, files=200, persons=199)


@given(seed=st.integers())
@settings(max_examples=20, deadline=None)
def test_villages_lie_nearer_to_their_own_county_than_to_any_other(seed: int) -> None:
    county = COUNTIES[7]
    settlements = settle(Random(seed), county, files=800, neighbours=COUNTIES)
    for village in settlements:
        if village.area_class != "urban":
            distances = {other: village.point.metres_to(Point(other.latitude, other.longitude)) for other in COUNTIES}
            assert min(distances, key=distances.__getitem__) == county
    assert sum(each.files for each in settlements) == 800
    assert len(choose_sites(settlements, centers=county.centers)) == county.centers
