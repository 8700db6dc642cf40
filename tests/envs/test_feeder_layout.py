"""The feeder's picture: no place twice, no crossing, whatever the tree."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridbid.envs.render.feeder_layout import FeederLayout, feeder_layout
from gridbid.envs.scenario import load_scenario


def _array(parent: list[int]) -> NDArray[np.int32]:
    return np.array(parent, np.int32)


@st.composite
def _trees(draw: st.DrawFn) -> list[int]:
    size = draw(st.integers(1, 60))
    return [-1] + [draw(st.integers(max(0, bus - 8), bus - 1)) for bus in range(1, size)]


def _cells(layout: FeederLayout, parent: NDArray[np.int32]) -> dict[tuple[int, int], set[int]]:
    """Which bus's elbows and places lie in each cell of a grid of double width: an elbow belongs to its parent."""
    cells: dict[tuple[int, int], set[int]] = defaultdict(set)
    for bus in range(parent.size):
        cells[2 * int(layout.column[bus]), int(layout.row[bus])].add(bus)
    for bus in range(1, parent.size):
        upper = int(parent[bus])
        first, last = sorted((int(layout.row[upper]), int(layout.row[bus])))
        column = 2 * int(layout.column[upper])
        for row in range(first, last + 1):
            cells[column, row].add(upper)
        cells[column + 1, int(layout.row[bus])].add(upper)
    return cells


@settings(max_examples=150, deadline=None)
@given(_trees())
def test_no_branch_crosses_another(parent: list[int]) -> None:
    cells = _cells(feeder_layout(_array(parent)), _array(parent))
    crossing = {cell: buses for cell, buses in cells.items() if len(buses) > 1}
    assert crossing == {}


@settings(max_examples=100, deadline=None)
@given(_trees())
def test_columns_count_branches_and_rows_begin_at_0(parent: list[int]) -> None:
    layout = feeder_layout(_array(parent))
    assert layout.column[0] == 0
    assert layout.row.min() == 0
    for bus in range(1, len(parent)):
        assert layout.column[bus] == layout.column[parent[bus]] + 1


def test_a_line_is_drawn_straight() -> None:
    layout = feeder_layout(_array([-1, *range(40)]))
    assert np.ptp(layout.row) == 0


def test_the_longest_way_goes_straight_on_and_others_leave_on_both_sides() -> None:
    layout = feeder_layout(_array([-1, 0, 1, 1, 1, 4, 5]))
    assert layout.row[[0, 1, 4, 5, 6]].tolist() == [1] * 5
    assert sorted(layout.row[[2, 3]]) == [0, 2]


@pytest.mark.parametrize("scenario", ["tiny", "rural"])
def test_built_in_feeders_are_compact(scenario: str) -> None:
    network = load_scenario(scenario).network
    layout = feeder_layout(network.parent)
    is_leaf = ~np.isin(np.arange(network.parent.size), network.parent)
    assert layout.row.max() + 1 <= is_leaf.sum()
