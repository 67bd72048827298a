"""Which file goes to which center of its county: an optimum, not a heuristic.

The objectives, each subordinate to the ones before it:

1. place as many files as the maxima allow; a file without a map point never takes the room of one that has it;
2. the least total shortfall below the centers' minima;
3. the least total great-circle distance, in whole metres.

Every file may go to every open center of its county, so the first two have closed forms. With `room` the files the
centers can still take and `need` what they lack to their minima, `placed = min(files, room)`, and the least shortfall
is `max(0, need - placed)`. It is reached by exactly those plans in which every center gets at least what it lacks
(when `placed >= need`), or none gets more (otherwise). Both become bounds of one min-cost flow, whose only cost is the
distance: no objective is weighted against another, so there is no weight that could be too small.

Importing this module loads NumPy and OR-Tools (some 20 MB): import it where a plan is made, not at start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

EARTH_RADIUS_METRES = 6_371_008.8  # mean radius, IUGG

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Destination:
    """An open center: where it is, how many files it has, and the rule it is under."""

    code: str
    latitude: float
    longitude: float
    load: int
    minimum: int
    maximum: int

    @property
    def room(self) -> int:
        return max(0, self.maximum - self.load)

    @property
    def need(self) -> int:
        """Files it lacks to its minimum; no more than it has room for."""
        return min(max(0, self.minimum - self.load), self.room)


@dataclass(frozen=True, slots=True)
class Allocation:
    """One entry per file, in the order of the files given."""

    destination: Integers
    """Index of the destination; -1 when there was no room."""
    metres: Integers
    """Distance to it; -1 when the file has no map point or no destination."""
    choice: Integers
    """1 for the nearest, 2 for the second nearest, …; 0 when the file has no map point or no destination."""
    nearest_full: Mask
    """Whether the nearest destination ends at its maximum."""


def great_circle_metres(latitudes: Floats, longitudes: Floats, destinations: Sequence[Destination]) -> Integers:
    """A row per point, a column per destination; whole metres, by the haversine formula on a sphere."""
    north, east = np.radians(latitudes)[:, None], np.radians(longitudes)[:, None]
    to_north = np.radians([destination.latitude for destination in destinations])[None, :]
    to_east = np.radians([destination.longitude for destination in destinations])[None, :]
    haversine = (
        np.sin((to_north - north) / 2) ** 2 + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    )
    metres: Floats = 2 * EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(haversine, 1)))
    return np.rint(metres).astype(np.int64)


def allocate(latitudes: Floats, longitudes: Floats, destinations: Sequence[Destination]) -> Allocation:
    """The files of one county, given by their map points (NaN where there is none), to its open centers.

    Equal input gives an equal plan, and which of two files at the same point goes where depends on their order alone.
    Holds the interpreter lock while it solves: 20 ms for 3,000 files and 8 centers, seconds for 40,000 and 90.
    """
    files = len(latitudes)
    destination, metres = np.full(files, -1, np.int64), np.full(files, -1, np.int64)
    choice, nearest_full = np.zeros(files, np.int64), np.zeros(files, np.bool_)
    on_map = ~(np.isnan(latitudes) | np.isnan(longitudes))
    # Ordered by place, so that the plan does not depend on the order in which files were entered.
    located = np.flatnonzero(on_map)
    located = located[np.lexsort((longitudes[located], latitudes[located]))]
    elsewhere = np.flatnonzero(~on_map)

    room = np.array([each.room for each in destinations], np.int64)
    need = np.array([each.need for each in destinations], np.int64)
    placed = min(files, int(room.sum()))
    if placed == 0:
        return Allocation(destination, metres, choice, nearest_full)
    lower, upper = (need, room) if placed >= need.sum() else (np.zeros_like(need), need)
    placed_by_distance = min(len(located), placed)

    distances = great_circle_metres(latitudes[located], longitudes[located], destinations)
    chosen = _min_cost(distances, lower, upper, placed_by_distance, anywhere=placed - placed_by_distance)
    gains = np.bincount(chosen[chosen >= 0], minlength=len(destinations))
    without_point = elsewhere[: placed - placed_by_distance]
    destination[without_point] = _level(len(without_point), gains, lower, upper, destinations)
    gains += np.bincount(destination[without_point], minlength=len(destinations))

    rows = np.flatnonzero(chosen >= 0)
    reached, own = located[rows], distances[rows, chosen[rows]]
    destination[reached], metres[reached] = chosen[rows], own
    choice[reached] = 1 + (distances[rows] < own[:, None]).sum(axis=1)
    nearest_full[located] = (gains >= room)[distances.argmin(axis=1)]
    return Allocation(destination, metres, choice, nearest_full)


def _min_cost(distances: Integers, lower: Integers, upper: Integers, placed: int, *, anywhere: int) -> Integers:
    """The column chosen for each row, -1 for none, at the least total distance: `placed` rows are placed, and together
    with `anywhere` further files at no cost every column gets between its bounds."""
    files, centers = distances.shape
    first_center, pool, rest, sink = files, files + centers, files + centers + 1, files + centers + 2
    flow = SimpleMinCostFlow()

    def arcs(tails: Integers, heads: Integers, capacities: Integers, costs: Integers) -> None:
        flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacities, costs)

    every_file, every_center = np.arange(files), first_center + np.arange(centers)
    none = np.zeros(centers, np.int64)
    arcs(
        np.repeat(every_file, centers),
        np.tile(every_center, files),
        np.ones(files * centers, np.int64),
        distances.ravel(),
    )
    arcs(every_center, np.full(centers, sink), upper - lower, none)
    if anywhere:
        arcs(np.full(centers, pool), every_center, np.full(centers, anywhere), none)
    if placed < files:
        arcs(every_file, np.full(files, rest), np.ones(files, np.int64), np.zeros(files, np.int64))
    supplies = np.concatenate(
        [np.ones(files, np.int64), -lower, [anywhere, placed - files, int(lower.sum()) - placed - anywhere]]
    )
    flow.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the solver found no optimum for a feasible county: {status.name}")
    taken: Integers = flow.flows(np.arange(files * centers, dtype=np.int32)).reshape(files, centers)
    return np.where(taken.any(axis=1), taken.argmax(axis=1), -1)


def _level(
    files: int, gains: Integers, lower: Integers, upper: Integers, destinations: Sequence[Destination]
) -> list[int]:
    """Where files without a map point go: first where files are lacking, then where there are fewest."""
    waiting = [
        (bool(gains[index] >= lower[index]), each.load + int(gains[index]), index)
        for index, each in enumerate(destinations)
        if gains[index] < upper[index]
    ]
    heapify(waiting)
    taken: list[int] = []
    for _ in range(files):
        _, load, index = heappop(waiting)
        taken.append(index)
        gained = load + 1 - destinations[index].load
        if gained < upper[index]:
            heappush(waiting, (bool(gained >= lower[index]), load + 1, index))
    return taken
