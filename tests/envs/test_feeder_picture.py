"""A feeder drawn with characters and as SVG: every bus and member is there, once, and hangs where the grid has it."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from gridbid.envs.render.feeder_svg import feeder_svg
from gridbid.envs.render.feeder_text import feeder_lines
from gridbid.envs.scenario import load_scenario
from gridbid.market.grid.network import Network

SVG = "{http://www.w3.org/2000/svg}"


def network(parents):
    n = len(parents)
    branch = np.array([0.0, *[0.01] * (n - 1)])
    return Network(
        parent=np.array(parents, np.int32),
        r_pu=branch,
        x_pu=branch,
        g_pu=np.zeros(n),
        b_pu=np.zeros(n),
        rating_kva=np.array([np.inf, *[100.0] * (n - 1)]),
        base_kva=1000.0,
        source_pu=1.0,
    )


def parents_in(lines):
    """The tree that the lines show: a bus hangs on the last one above it that began at its column or left of its mark."""
    parents, path = {}, []
    for line in lines:
        found = re.search(r"[●○] bus (\d+)", line)
        if found:
            column, bus = found.start(), int(found[1])
            while path and path[-1][0] > column:
                path.pop()
            branches_off = line[:column].endswith("├─")
            while branches_off and path and path[-1][0] >= column:
                path.pop()
            parents[bus] = path[-1][1] if path else -1
            if path and path[-1][0] == column:
                path.pop()
            path.append((column, bus))
    return parents


@pytest.mark.parametrize(
    "parents",
    [
        [-1],
        [-1, 0],
        [-1, 0, 1, 2, 3],
        [-1, 0, 1, 1, 1],
        [-1, 0, 0, 1, 1, 4, 4, 2, 7],
        [-1, 0, 1, 2, 1, 4, 5, 4],
    ],
)
def test_the_tree_of_characters_is_the_grid(parents):
    lines = list(feeder_lines(network(parents), [[] for _ in parents]))
    assert len(lines) == len(parents)
    assert parents_in(lines) == dict(enumerate(parents))


def test_random_trees_come_out_as_they_are():
    random = np.random.default_rng(1)
    for n in (12, 40, 200):
        parents = [-1, *(int(random.integers(bus)) for bus in range(1, n))]
        lines = list(feeder_lines(network(parents), [[] for _ in parents]))
        assert parents_in(lines) == dict(enumerate(parents))


def test_a_long_line_is_not_indented_and_not_a_matter_of_recursion():
    n = 3_000
    lines = list(feeder_lines(network([-1, *range(n - 1)]), [["somebody"] for _ in range(n)]))
    assert len(lines) == n and all(line.startswith("●") for line in lines)


def test_members_stand_at_their_bus():
    lines = list(feeder_lines(network([-1, 0, 1]), [["utility"], [], ["one", "two"]]))
    assert lines == ["● bus 0  utility", "○ bus 1, 100 kVA", "● bus 2, 100 kVA  one", "  two"]


@pytest.mark.parametrize("name", ["tiny", "rural", "town"])
def test_the_picture_holds_every_bus_branch_and_member(name):
    scenario = load_scenario(name)
    root = ElementTree.fromstring(feeder_svg(scenario))
    titles = [title.text for title in root.iter(f"{SVG}title")]
    n_buses = scenario.network.parent.size
    assert [title for title in titles if re.fullmatch(r"bus \d+", title)] == [
        f"bus {b}" for b in range(n_buses)
    ]
    assert sum(title.startswith("branch to bus") for title in titles) == n_buses - 1
    for seat in scenario.seats:
        assert sum(title.startswith(f"{seat.name} at bus {seat.bus}:") for title in titles) == 1
    width, height = float(root.get("width")), float(root.get("height"))
    for circle in root.iter(f"{SVG}circle"):
        assert 0 < float(circle.get("cx")) < width and 0 < float(circle.get("cy")) < height


def test_names_cannot_break_the_picture():
    tiny = load_scenario("tiny")
    seats = (replace(tiny.seats[0], name='<script>"&'), *tiny.seats[1:])
    root = ElementTree.fromstring(feeder_svg(replace(tiny, seats=seats, title="a < b & c")))
    assert root.find(f"{SVG}title").text == "a < b & c"
