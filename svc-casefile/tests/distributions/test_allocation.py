"""The optimum, held against brute force on small counties and against an independent proof on large ones."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svc_casefile.allocation import EARTH_RADIUS_METRES, Allocation, Destination, allocate, great_circle_metres

# Around Birjand, on a grid coarse enough that equal distances and equal points happen often.
points = st.tuples(
    st.integers(0, 12).map(lambda step: 32.8 + step / 100), st.integers(0, 12).map(lambda step: 59.1 + step / 100)
)
nowhere = st.just((math.nan, math.nan))


@st.composite
def counties(draw, *, most_files=6, most_centers=3):
    files = draw(st.lists(points | points | points | nowhere, max_size=most_files))
    places = draw(st.lists(points, max_size=most_centers))
    destinations = [
        Destination(
            code=f"2901{serial:03}",
            latitude=latitude,
            longitude=longitude,
            load=draw(st.integers(0, 4)),
            minimum=draw(st.integers(0, 5)),
            maximum=draw(st.integers(0, 6)),
        )
        for serial, (latitude, longitude) in enumerate(places, start=1)
    ]
    return files, destinations


def plan(files, destinations) -> Allocation:
    return allocate(np.array([file[0] for file in files]), np.array([file[1] for file in files]), destinations)


def metres_between(files, destinations):
    if not files or not destinations:
        return np.zeros((len(files), len(destinations)), np.int64)
    located = [(0.0, 0.0) if math.isnan(latitude) else (latitude, longitude) for latitude, longitude in files]
    metres = great_circle_metres(*np.array(located).T, destinations)
    metres[[math.isnan(latitude) for latitude, _ in files], :] = 0
    return metres


def loss(assignment, files, destinations, metres):
    """What is minimised, in order: fewer placed, fewer of the located placed, shortfall, metres. None when a maximum
    is broken."""
    loads = [destination.load for destination in destinations]
    for destination in assignment:
        if destination >= 0:
            loads[destination] += 1
    if any(
        load > max(destination.maximum, destination.load) for load, destination in zip(loads, destinations, strict=True)
    ):
        return None
    placed = [file for file, destination in enumerate(assignment) if destination >= 0]
    return (
        -len(placed),
        -sum(not math.isnan(files[file][0]) for file in placed),
        sum(max(0, destination.minimum - load) for load, destination in zip(loads, destinations, strict=True)),
        sum(int(metres[file, assignment[file]]) for file in placed),
    )


@given(counties())
@settings(max_examples=300, deadline=None)
def test_no_other_assignment_is_better(county):
    files, destinations = county
    metres = metres_between(files, destinations)
    everything = itertools.product(range(-1, len(destinations)), repeat=len(files))
    losses = (loss(assignment, files, destinations, metres) for assignment in everything)
    best = min(each for each in losses if each is not None)
    assert loss(plan(files, destinations).destination.tolist(), files, destinations, metres) == best


@given(counties(most_files=40, most_centers=5))
@settings(max_examples=200, deadline=None)
def test_maxima_hold_and_minima_are_met_where_files_suffice(county):
    files, destinations = county
    allocation = plan(files, destinations)
    given_to = [int((allocation.destination == index).sum()) for index in range(len(destinations))]
    assert all(gain <= destination.room for gain, destination in zip(given_to, destinations, strict=True))
    room, need = sum(each.room for each in destinations), sum(each.need for each in destinations)
    assert sum(given_to) == min(len(files), room)
    for gain, destination in zip(given_to, destinations, strict=True):
        if sum(given_to) >= need:
            assert gain >= destination.need
        else:
            assert gain <= destination.need


@given(counties(most_files=40, most_centers=5), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_entry_does_not_matter(county, random):
    files, destinations = county
    shuffled = files[:]
    random.shuffle(shuffled)

    def outcome(order):
        allocation = plan(order, destinations)
        pairs = zip([str(file) for file in order], allocation.destination.tolist(), strict=True)
        return sorted(pairs), allocation.metres.sum()

    assert outcome(files) == outcome(shuffled)
    assert outcome(files) == outcome(files)


@given(counties(most_files=30, most_centers=5))
@settings(max_examples=100, deadline=None)
def test_choice_and_distance_are_what_they_say(county):
    files, destinations = county
    metres, allocation = metres_between(files, destinations), plan(files, destinations)
    loads = [
        destination.load + int((allocation.destination == index).sum())
        for index, destination in enumerate(destinations)
    ]
    for file, at in enumerate(allocation.destination.tolist()):
        if at < 0 or math.isnan(files[file][0]):
            assert allocation.metres[file] == -1
            assert allocation.choice[file] == 0
            continue
        assert allocation.metres[file] == metres[file, at]
        assert allocation.choice[file] == 1 + sum(other < metres[file, at] for other in metres[file])
        nearest = int(metres[file].argmin())
        assert allocation.nearest_full[file] == (loads[nearest] >= destinations[nearest].maximum)
        if allocation.choice[file] > 1 and not allocation.nearest_full[file]:
            # The only other reason to send a household further: the place it goes to would miss its minimum.
            assert loads[at] <= destinations[at].minimum


def improving_cycle_exists(metres, allocation, destinations, lower, upper):
    """Optimality of an assignment, without a solver: it is minimal exactly when no chain of moves between centers,
    closed by a change of load that the bounds allow, has a negative sum (no negative cycle in the residual graph)."""
    centers = len(destinations)
    gains = np.bincount(allocation.destination, minlength=centers)
    cost = np.full((centers + 1, centers + 1), np.inf)
    for origin in range(centers):
        moved = metres[allocation.destination == origin]
        if len(moved):
            cost[origin, :centers] = (moved - moved[:, [origin]]).min(axis=0)
        cost[origin, centers] = 0 if gains[origin] < upper[origin] else np.inf
        cost[centers, origin] = 0 if gains[origin] > lower[origin] else np.inf
    np.fill_diagonal(cost, 0)
    for via in range(centers + 1):
        cost = np.minimum(cost, cost[:, [via]] + cost[[via], :])
    return bool((np.diag(cost) < 0).any())


@pytest.mark.parametrize(("files", "centers", "minimum", "maximum"), [(3200, 8, 150, 450), (1300, 8, 160, 300)])
def test_a_county_of_real_size_is_proven_minimal(files, centers, minimum, maximum):
    random = np.random.default_rng(1399)
    latitudes, longitudes = random.normal(32.87, 0.2, files), random.normal(59.22, 0.2, files)
    # Centers crowd in the town and one lies far out: some fill up, one has to be brought to its minimum.
    destinations = [
        Destination(f"2901{serial:03}", *place, load=0, minimum=minimum, maximum=maximum)
        for serial, place in enumerate(
            [
                *zip(random.normal(32.87, 0.03, centers - 1), random.normal(59.22, 0.03, centers - 1), strict=True),
                (34.2, 60.9),
            ]
        )
    ]
    allocation = allocate(latitudes, longitudes, destinations)
    assert (allocation.destination >= 0).all()
    metres = great_circle_metres(latitudes, longitudes, destinations)
    lower, upper = np.full(centers, minimum), np.full(centers, maximum)
    assert not improving_cycle_exists(metres, allocation, destinations, lower, upper)
    # The proof can fail: exchanging two households of different centers is noticed.
    worse = allocation.destination.copy()
    near, far = np.flatnonzero(worse == 0)[0], np.flatnonzero(worse == centers - 1)[0]
    worse[near], worse[far] = worse[far], worse[near]
    spoilt = Allocation(worse, allocation.metres, allocation.choice, allocation.nearest_full)
    assert improving_cycle_exists(metres, spoilt, destinations, lower, upper)


@given(st.lists(st.tuples(st.floats(25, 40), st.floats(44, 64)), min_size=2, max_size=2))
def test_distances_are_great_circles(pair):
    (from_north, from_east), (to_north, to_east) = pair
    to = Destination("2901001", to_north, to_east, load=0, minimum=0, maximum=1)
    metres = int(great_circle_metres(np.array([from_north]), np.array([from_east]), [to])[0, 0])
    a, b, east = math.radians(from_north), math.radians(to_north), math.radians(to_east - from_east)
    # Vincenty's formula for a sphere: well conditioned everywhere, and not the one under test.
    angle = math.atan2(
        math.hypot(
            math.cos(b) * math.sin(east), math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(east)
        ),
        math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(east),
    )
    assert metres == pytest.approx(EARTH_RADIUS_METRES * angle, abs=1)


def test_birjand_to_tehran_is_as_far_as_the_map_says():
    tehran = Destination("2301001", 35.6892, 51.3890, load=0, minimum=0, maximum=1)
    metres = great_circle_metres(np.array([32.8649]), np.array([59.2262]), [tehran])[0, 0]
    assert metres == pytest.approx(792_000, rel=0.01)
