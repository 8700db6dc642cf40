"""Speed beside a yardstick: both are timed in turn in one process, and the medians of several blocks compared."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gridbid.evaluate.files import write_json
from gridbid.market import book as kernels
from gridbid.market.book import Book, Fills, make_book, make_fills
from gridbid.market.engine import Engine
from gridbid.market.grid.power_flow import solve
from gridbid.market.kernel import kernel
from gridbid.market.naive.book import NaiveBook
from gridbid.market.naive.communities import random_community, random_network
from gridbid.market.naive.slot import Action, NaiveCommunity
from gridbid.market.types import MAX_FILLS, N_TICKS, Control

BLOCKS = 7
Work = Callable[[], float]
"""Does some work and returns how many units it was."""


class Measure(NamedTuple):
    """One line of a benchmark: time a unit, ours and the yardstick's; ratio = how many times faster ours is."""

    name: str
    ours: float
    yardstick: float
    unit: str
    ratio: float
    reach: float | None


def core_measures() -> list[Measure]:
    """The order book, the power flow and the whole slot, each beside its yardstick."""
    return [measure_book(), measure_power_flow(), measure_slot()]


def write_measures(measures: list[Measure], path: Path) -> None:
    """Write measures as a JSON list."""
    write_json(path, [measure._asdict() for measure in measures])


def compare(name: str, unit: str, ours: Work, yardstick: Work, reach: float | None = None) -> Measure:
    """Time both in turn, after one run of each to warm up; nanoseconds of CPU a unit, medians."""
    ours(), yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(BLOCKS):
        for work, taken in zip((ours, yardstick), times, strict=True):
            begin = time.process_time_ns()
            units = work()
            taken.append((time.process_time_ns() - begin) / units)
    mine, theirs = statistics.median(times[0]), statistics.median(times[1])
    return Measure(name, mine, theirs, unit, theirs / mine, reach)


@kernel
def _play_book(book: Book, fills: Fills, orders: np.ndarray, handles: int) -> None:
    for n in range(orders.shape[0]):
        handle = n % handles
        if handle == 0:
            kernels.clear(book)
        fills.count[0] = 0
        kernels.place(book, fills, handle, handle, orders[n, 0], orders[n, 1], orders[n, 2], True, MAX_FILLS)


def measure_book(per_book: int = 100, n_orders: int = 20_000) -> Measure:
    """Random limit orders, the book emptied every ``per_book``; yardstick: the plain twin on the same stream."""
    random = np.random.default_rng(0)
    orders = np.stack(
        [
            random.integers(0, 2, n_orders),
            random.integers(80, 144, n_orders),
            random.integers(1, 2_000, n_orders),
        ],
        axis=1,
    )
    book, fills = make_book(per_book, N_TICKS), make_fills(MAX_FILLS)
    few = orders[:2_000].tolist()

    def ours() -> float:
        _play_book(book, fills, orders, per_book)
        return n_orders

    def yardstick() -> float:
        for n, (side, tick, quantity_wh) in enumerate(few):
            if n % per_book == 0:
                naive = NaiveBook(0)
            naive.place(n % per_book, side, tick, quantity_wh)
        return len(few)

    return compare("order book, random flow (beside the plain Python twin)", "ns/order", ours, yardstick)


def measure_power_flow(n_buses: int = 100, batch: int = 256) -> Measure:
    """A random radial feeder to 1e-8 pu; yardstick: power-grid-model's iterative current method, one thread."""
    from power_grid_model import CalculationMethod, PowerGridModel, initialize_array

    random = np.random.default_rng(1)
    network = random_network(random, n_buses)
    load_kw = random.uniform(0.0, 1.0, (batch, n_buses))
    load_kw[:, 0] = 0.0
    base_ohm = 400.0**2 / (network.base_kva * 1e3)
    node = initialize_array("input", "node", n_buses)
    node["id"], node["u_rated"] = np.arange(n_buses), 400.0
    line = initialize_array("input", "line", n_buses - 1)
    line["id"] = n_buses + np.arange(n_buses - 1)
    line["from_node"], line["to_node"] = network.parent[1:], np.arange(1, n_buses)
    line["from_status"] = line["to_status"] = 1
    line["r1"], line["x1"] = network.r_pu[1:] * base_ohm, network.x_pu[1:] * base_ohm
    line["c1"] = line["tan1"] = 0.0
    line["i_n"] = 1e3
    source = initialize_array("input", "source", 1)
    source["id"], source["node"], source["status"], source["u_ref"], source["sk"] = (
        2 * n_buses,
        0,
        1,
        1.0,
        1e20,
    )
    load = initialize_array("input", "sym_load", n_buses)
    load["id"], load["node"] = 3 * n_buses + np.arange(n_buses), np.arange(n_buses)
    load["status"], load["type"], load["p_specified"], load["q_specified"] = 1, 0, 0.0, 0.0
    model = PowerGridModel({"node": node, "line": line, "source": source, "sym_load": load})
    update = initialize_array("update", "sym_load", (batch, n_buses))
    update["id"], update["p_specified"], update["q_specified"] = load["id"], load_kw * 1e3, 0.0

    def ours() -> float:
        solve(network, load_kw, np.zeros_like(load_kw))
        return batch * n_buses

    def yardstick() -> float:
        model.calculate_power_flow(
            update_data={"sym_load": update},
            calculation_method=CalculationMethod.iterative_current,
            error_tolerance=1e-8,
            threading=-1,
        )
        return batch * n_buses

    return compare("power flow, 100 buses (beside power-grid-model)", "ns/bus", ours, yardstick, 40.0)


def measure_slot(n: int = 20, batch: int = 64) -> Measure:
    """The whole slot with all of its rules and the grid; yardstick: the plain twin, which leaves the grid out."""
    community = random_community(np.random.default_rng(2), n=n, n_buses=10)
    random = np.random.default_rng(3)
    offer, limit, follow = (random.uniform(0.0, 1.0, (batch, n)) for _ in range(3))
    controls = random.uniform(-1.0, 1.0, (batch, n, len(Control)))
    actions = [
        Action(offer[0, i], limit[0, i], follow[0, i], tuple(controls[0, i].tolist())) for i in range(n)
    ]
    engine, steps = Engine(community, batch), 20
    stores = [(1.0, 1.0, 1.0)] * n

    def ours() -> float:
        engine.reset(200, steps + 1)
        for _ in range(steps):
            engine.step(offer, limit, follow, controls)
        return steps * batch * n

    def yardstick() -> float:
        naive = NaiveCommunity(community, 200, 0, 0, 0, stores)
        for _ in range(4):
            naive.play_round(actions)
        return 4 * n

    return compare(
        "whole slot, 20 participants (beside the plain Python twin)", "ns/agent-step", ours, yardstick
    )
