"""Envelopes: no combination inside them violates a limit in the full power flow, and they don't waste much."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridbid.envs.scenario import load_scenario
from gridbid.market.errors import InputError
from gridbid.market.grid.envelopes import Allocation, Background, Envelopes, operating_envelopes
from gridbid.market.grid.feeder_room import FeederRoom
from gridbid.market.grid.load_box import LoadBox, bound
from gridbid.market.grid.network import Network
from gridbid.market.grid.power_flow import PowerFlowResult, solve
from gridbid.market.grid.sensitivities import linear_flow

Floats = NDArray[np.float64]
BASE_KVA = 100.0
ALLOCATIONS: tuple[Allocation, ...] = ("equal", "proportional", "throughput")
SOLVER_PU = 2e-8
"""How far the power flow's voltages may be from the solution."""
HOUSES = np.arange(1, 11)
CONNECTION_KW = np.full(10, 43.6)


def street(rating_kva: float = np.inf, source_pu: float = 1.0) -> Network:
    """A feeder of NAYY 4x150 (0.208 + j0.080 ohm/km) with a house every 50 m, 400 V."""
    km_pu = 0.05 / (0.4**2 * 1000.0 / BASE_KVA)
    spans, nothing = np.r_[0.0, np.full(10, km_pu)], np.zeros(11)
    parent, rating = np.arange(-1, 10, dtype=np.int32), np.r_[np.inf, np.full(10, rating_kva)]
    return Network(parent, 0.208 * spans, 0.080 * spans, nothing, nothing, rating, BASE_KVA, source_pu)


def random_network(random: np.random.Generator, n_buses: int) -> Network:
    """A tree, bushy or stringy, with shunts of both signs, some ratings, and branches without r or x."""
    reach = int(random.integers(1, 30))
    parent = [-1] + [int(random.integers(max(0, bus - reach), bus)) for bus in range(1, n_buses)]
    r_pu = random.uniform(0.0, 1.5, n_buses) * 0.15 / n_buses * (random.random(n_buses) < 0.95)
    x_pu = random.uniform(0.0, 1.5, n_buses) * 0.15 / n_buses * (random.random(n_buses) < 0.95)
    r_pu[0] = x_pu[0] = 0.0
    return Network(
        parent=np.array(parent, np.int32),
        r_pu=r_pu,
        x_pu=x_pu,
        g_pu=random.uniform(0.0, 1e-3, n_buses),
        b_pu=random.uniform(-2e-3, 2e-3, n_buses),
        rating_kva=np.where(random.random(n_buses) < 0.5, np.inf, random.uniform(20.0, 120.0, n_buses)),
        base_kva=BASE_KVA,
        source_pu=float(random.uniform(0.94, 1.05)),
    )


def random_box(random: np.random.Generator, n_buses: int) -> LoadBox:
    """Intervals about 0 and elsewhere, 100 kW and 30 kvar together."""
    ends_kw = np.sort(random.uniform(-2.0, 2.0, (2, n_buses)), axis=0) * 100.0 / n_buses
    ends_kvar = np.sort(random.uniform(-2.0, 2.0, (2, n_buses)), axis=0) * 30.0 / n_buses
    return LoadBox(*ends_kw, *ends_kvar)


def points_of(random: np.random.Generator, least: Floats, most: Floats, n_points: int) -> Floats:
    """Points of a box (..., n): its two ends, corners, and points inside."""
    share = random.random((n_points, *least.shape))
    share[: n_points // 2] = np.rint(share[: n_points // 2])
    share[0], share[1] = 0.0, 1.0
    return least + share * (most - least)


def check_no_violation(network: Network, flow: PowerFlowResult, lowest_pu: float, highest_pu: float) -> None:
    voltages = np.abs(flow.voltage_pu[..., 1:])
    assert flow.converged.all()
    assert voltages.min() >= lowest_pu - SOLVER_PU
    assert voltages.max() <= highest_pu + SOLVER_PU
    assert (flow.branch_kva <= network.rating_kva + 1e-4).all()


def member_loads(
    random: np.random.Generator, network: Network, bus: NDArray[np.int64], envelopes: Envelopes, slot_h: float
) -> Floats:
    """Loads of the buses (64, n_buses), kW, from readings inside the envelopes: corners, insides, mixed signs."""
    readings_wh = points_of(random, -envelopes.export_limit_wh, envelopes.import_limit_wh, 64)
    loads_kw = np.zeros((64, network.parent.size))
    np.add.at(loads_kw, (slice(None), bus), readings_wh / (1000.0 * slot_h))
    return loads_kw


@settings(max_examples=60)
@given(st.integers(2, 60), st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.5, 1.0]))
def test_bounds_hold_for_every_point_of_a_box(n_buses: int, seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    box = LoadBox(*(scale * load for load in random_box(random, n_buses)))
    bounds = bound(network, box, 0.85, 1.15)
    assume(bounds.lowest_pu.min() >= 0.85 and bounds.highest_pu.max() <= 1.15)
    flow = solve(
        network,
        points_of(random, box.least_kw, box.most_kw, 64),
        points_of(random, box.least_kvar, box.most_kvar, 64),
    )
    assert flow.converged.all()
    assert (np.abs(flow.voltage_pu) >= bounds.lowest_pu - SOLVER_PU).all()
    assert (np.abs(flow.voltage_pu) <= bounds.highest_pu + SOLVER_PU).all()
    assert (flow.branch_kva <= bounds.branch_kva + 1e-4).all()


@pytest.mark.parametrize(("load_kw", "spare"), [(5.0, 0.25), (15.0, 0.2), (25.0, 0.1)])
def test_the_lower_bound_is_close_below_the_truth_and_the_line_above(load_kw: float, spare: float) -> None:
    """Of the margin from the line to the bound, the truth leaves this share; the nearer the limit, the less."""
    most_kw, nothing = np.r_[0.0, np.full(10, load_kw)], np.zeros(11)
    lowest_pu = bound(street(), LoadBox(-most_kw, most_kw, nothing, nothing), 0.9, 1.1).lowest_pu.min()
    truth_pu, line_pu = (
        np.abs(run(street(), most_kw, nothing).voltage_pu).min() for run in (solve, linear_flow)
    )
    assert lowest_pu <= truth_pu < line_pu
    assert truth_pu - lowest_pu < spare * (line_pu - lowest_pu)


def test_reactive_losses_are_bounded_down_to_the_lowest_voltage() -> None:
    """Branches of reactance alone, loaded until the lowest voltage is at the end of the band."""
    network = street()._replace(r_pu=np.zeros(11), x_pu=2.0 * street().r_pu)
    most_kw, nothing = np.r_[np.zeros(10), 290.0], np.zeros(11)
    bounds, flow = (
        bound(network, LoadBox(nothing, most_kw, nothing, nothing), 0.9, 1.1),
        solve(network, most_kw, nothing),
    )
    assert 0.9 < bounds.lowest_pu.min() <= np.abs(flow.voltage_pu).min() < 0.92
    assert flow.source_kvar <= bounds.most_abs_kvar[1] < 1.15 * flow.source_kvar


def test_what_one_house_imports_and_another_exports_share_the_room() -> None:
    """Five import only, five export only: together they lose what neither alone does, and both give way a little."""
    network = street()._replace(x_pu=street().r_pu, rating_kva=np.r_[np.inf, 100.0, np.full(9, np.inf)])
    importers_kw, exporters_kw = np.repeat([43.6, 0.0], 5), np.repeat([0.0, 43.6], 5)
    for allocation in ALLOCATIONS:

        def envelopes(import_kw: Floats, export_kw: Floats, allocation: Allocation = allocation) -> Envelopes:
            return operating_envelopes(
                network, HOUSES, import_kw, export_kw, slot_h=1.0, allocation=allocation, highest_pu=1.3
            )

        both = envelopes(importers_kw, exporters_kw)
        assert both.loading <= 1.0 and both.lowest_pu >= 0.9
        alone_wh = (
            envelopes(importers_kw, 0.0 * exporters_kw).import_limit_wh.sum(),
            envelopes(0.0 * importers_kw, exporters_kw).export_limit_wh.sum(),
        )
        together_wh = both.import_limit_wh.sum(), both.export_limit_wh.sum()
        assert sum(together_wh) < sum(alone_wh)
        assert together_wh[0] > 0.9 * alone_wh[0] and together_wh[1] > 0.9 * alone_wh[1]


def test_an_equal_envelope_of_the_street_has_the_known_value() -> None:
    found = operating_envelopes(street(), HOUSES, CONNECTION_KW, CONNECTION_KW, slot_h=1.0, highest_pu=1.05)
    assert (found.export_limit_wh == found.export_limit_wh[0]).all()
    assert found.export_limit_wh[0] / 1000.0 == pytest.approx(14.34, abs=0.006)
    all_export = np.r_[0.0, -found.export_limit_wh / 1000.0]
    assert np.abs(solve(street(), all_export, 0.0 * all_export).voltage_pu).max() == pytest.approx(
        1.0491, abs=5e-5
    )
    assert found.highest_pu == pytest.approx(1.05, abs=1e-5) and found.highest_pu <= 1.05
    random = np.random.default_rng(7)
    p_kw = np.zeros((2000, 11))
    p_kw[:, 1:] = random.uniform(-found.export_limit_wh, found.import_limit_wh, (2000, 10)) / 1000.0
    check_no_violation(street(), solve(street(), p_kw, 0.0 * p_kw), 0.9, 1.05)


@settings(max_examples=30)
@given(st.integers(2, 30), st.integers(1, 12), st.integers(0, 2**32 - 1), st.sampled_from(ALLOCATIONS))
def test_readings_inside_violate_nothing_on_random_trees(
    n_buses: int, n_members: int, seed: int, allocation: Allocation
) -> None:
    """With a background, reactive power anywhere in its interval, several members at a bus, narrow bands."""
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    bus = random.integers(0, n_buses, n_members)
    import_kw, export_kw = random.uniform(0.0, 60.0, (2, n_members))
    box = LoadBox(*(0.1 * load for load in random_box(random, n_buses)))
    band = float(random.uniform(0.86, 0.92)), float(random.uniform(1.08, 1.14))
    background = Background(box.most_kw, box.least_kvar, box.most_kvar)
    found = operating_envelopes(
        network,
        bus,
        import_kw,
        export_kw,
        slot_h=0.25,
        allocation=allocation,
        background=background,
        lowest_pu=band[0],
        highest_pu=band[1],
    )
    assert (found.import_limit_wh <= import_kw * 250.0).all() and (found.import_limit_wh >= 0).all()
    assert (found.export_limit_wh <= export_kw * 250.0).all() and (found.export_limit_wh >= 0).all()
    p_kw = box.most_kw + member_loads(random, network, bus, found, 0.25)
    flow = solve(network, p_kw, points_of(random, box.least_kvar, box.most_kvar, 64))
    check_no_violation(network, flow, *band)
    voltages = np.abs(flow.voltage_pu[:, 1:])
    assert found.lowest_pu - SOLVER_PU <= voltages.min() and voltages.max() <= found.highest_pu + SOLVER_PU
    assert flow.loading.max() <= found.loading + 1e-6
    assert found.lowest_pu >= band[0] and found.highest_pu <= band[1] and found.loading <= 1.0


@pytest.mark.parametrize("allocation", ALLOCATIONS)
@pytest.mark.parametrize("name", ["tiny", "rural"])
def test_readings_inside_violate_nothing_on_a_real_feeder(name: str, allocation: Allocation) -> None:
    scenario = load_scenario(name)
    network, bus = scenario.network, np.array([seat.bus for seat in scenario.metered])
    import_kw = np.array([seat.import_limit_kw for seat in scenario.metered])
    export_kw = np.array([seat.export_limit_kw for seat in scenario.metered])
    most_kvar = np.bincount(bus, np.full(bus.size, 1.5), network.parent.size)
    found = operating_envelopes(
        network,
        bus,
        import_kw,
        export_kw,
        slot_h=0.25,
        allocation=allocation,
        background=Background(most_kvar=most_kvar),
    )
    random = np.random.default_rng(3)
    p_kw = member_loads(random, network, bus, found, 0.25)
    flow = solve(network, p_kw, points_of(random, 0.0 * most_kvar, most_kvar, 64))
    check_no_violation(network, flow, 0.9, 1.1)
    assert flow.loading.max() > 0.95 or (found.import_limit_wh == import_kw * 250.0).all()


@pytest.mark.parametrize(
    ("source_pu", "rating_kva"), [(1.0, np.inf), (0.97, np.inf), (1.06, np.inf), (1.0, 90.0)]
)
@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_two_percent_more_would_violate(source_pu: float, rating_kva: float, allocation: Allocation) -> None:
    """In one direction at least the full power flow says so: little is wasted. Export of 90 kVA loses 3 % on its way."""
    network = street(rating_kva, source_pu)
    found = operating_envelopes(
        network, HOUSES, CONNECTION_KW, CONNECTION_KW, slot_h=1.0, allocation=allocation
    )
    for sign, limit_wh in ((1.0, found.import_limit_wh), (-1.0, found.export_limit_wh)):
        share = 1.02 if sign > 0.0 else 1.07
        p_kw = np.r_[0.0, sign * share * limit_wh / 1000.0]
        flow = solve(network, p_kw, 0.0 * p_kw)
        voltages = np.abs(flow.voltage_pu[1:])
        assert voltages.min() < 0.9 or voltages.max() > 1.1 or flow.loading.max() > 1.0


def test_equal_is_equal_and_proportional_is_proportional() -> None:
    connection_kw = np.linspace(10.0, 120.0, 10)
    equal, proportional = (
        operating_envelopes(
            street(), HOUSES, connection_kw, 0.5 * connection_kw, slot_h=0.25, allocation=name
        )
        for name in ("equal", "proportional")
    )
    for limit_wh, ceiling_kw in (
        (equal.import_limit_wh, connection_kw),
        (equal.export_limit_wh, 0.5 * connection_kw),
    ):
        capped = limit_wh == np.floor(ceiling_kw * 250.0)
        assert len(set(limit_wh[~capped].tolist())) == 1
        assert (limit_wh[capped] <= limit_wh[~capped][0]).all()
    shares = proportional.import_limit_wh / (connection_kw * 250.0)
    assert shares.max() < 1.0
    np.testing.assert_allclose(shares, shares[0], atol=1.0 / 2500.0)


def test_proportional_takes_weights() -> None:
    weights = np.r_[np.ones(5), np.full(4, 2.0), 0.0]
    found = operating_envelopes(
        street(), HOUSES, CONNECTION_KW, CONNECTION_KW, slot_h=1.0, allocation="proportional", weights=weights
    )
    for limit_wh in (found.import_limit_wh, found.export_limit_wh):
        assert limit_wh[9] == 0
        assert (limit_wh[:5] == limit_wh[0]).all()
        np.testing.assert_allclose(limit_wh[5:9], 2 * limit_wh[0], atol=1)


@settings(max_examples=10)
@given(st.integers(2, 20), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_throughput_is_never_less_than_the_others(n_buses: int, n_members: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    bus, connection_kw = random.integers(0, n_buses, n_members), random.uniform(5.0, 60.0, n_members)
    equal, proportional, throughput = (
        sum(
            int(limit_wh.sum())
            for limit_wh in operating_envelopes(
                network, bus, connection_kw, connection_kw, slot_h=0.25, allocation=allocation, lowest_pu=0.85
            )[:2]
        )
        for allocation in ALLOCATIONS
    )
    assert throughput >= 0.998 * max(equal, proportional) - 2 * n_members


def test_throughput_is_the_greatest_sum_of_a_grid_search() -> None:
    """Two houses on one street, third and tenth: every pair of limits in steps of 0.5 kW."""
    bus, connection_kw = np.array([3, 10]), np.array([150.0, 60.0])
    found = operating_envelopes(
        street(120.0), bus, connection_kw, connection_kw, slot_h=1.0, allocation="throughput"
    )
    standing = LoadBox(*np.zeros((4, 1, 11)))
    connection_wh = (1000.0 * connection_kw).astype(np.int64)
    room = FeederRoom(street(120.0), bus, connection_wh, connection_wh, standing, 0.9, 1.1, 1.0)
    pairs = np.array(list(itertools.product(range(0, 150_001, 500), range(0, 60_001, 500))))
    many = replace(room, standing=LoadBox(*np.zeros((4, len(pairs), 11))))
    nothing = np.zeros_like(pairs)
    for limits, sum_wh in (
        ((pairs, nothing + found.export_limit_wh), found.import_limit_wh.sum()),
        ((nothing, pairs), found.export_limit_wh.sum()),
    ):
        best_wh = pairs[many.holds(*limits)].sum(axis=1).max()
        assert best_wh * 0.998 <= sum_wh < best_wh + 1000


def test_among_equal_sums_the_least_share_is_greatest() -> None:
    """Only the first branch binds and no reactance tells near from far, so that all sharings of exports sum to the same."""
    network = street()._replace(rating_kva=np.r_[np.inf, 50.0, np.full(9, np.inf)], x_pu=np.zeros(11))
    connection_kw = np.r_[np.full(5, 10.0), np.full(5, 20.0)]
    throughput, proportional = (
        operating_envelopes(network, HOUSES, connection_kw, connection_kw, slot_h=1.0, allocation=allocation)
        for allocation in ("throughput", "proportional")
    )
    np.testing.assert_allclose(throughput.export_limit_wh, proportional.export_limit_wh, atol=2)
    assert (throughput.export_limit_wh[5:] - 2 * throughput.export_limit_wh[0] <= 2).all()


@pytest.mark.parametrize("allocation", ALLOCATIONS)
def test_slots_of_a_varying_background_are_as_each_alone(allocation: Allocation) -> None:
    random = np.random.default_rng(1)
    kw, kvar = random.uniform(-1.0, 8.0, (3, 11)), random.uniform(0.0, 2.0, (3, 11))

    def envelopes(background: Background) -> Envelopes:
        return operating_envelopes(
            street(),
            HOUSES,
            CONNECTION_KW,
            CONNECTION_KW,
            slot_h=0.25,
            allocation=allocation,
            background=background,
        )

    together = envelopes(Background(kw, 0.0, kvar))
    assert together.import_limit_wh.shape == (3, 10) and together.margin_pu.shape == (3,)
    for t in range(3):
        for ours, alone in zip(together, envelopes(Background(kw[t], 0.0, kvar[t])), strict=True):
            np.testing.assert_array_equal(ours[t], alone)


def test_load_and_reactive_power_leave_less_to_import_and_pv_less_to_export() -> None:
    def equal(**background: float) -> tuple[int, int]:
        loads = {name: np.r_[0.0, np.full(10, value)] for name, value in background.items()}
        found = operating_envelopes(
            street(), HOUSES, CONNECTION_KW, CONNECTION_KW, slot_h=1.0, background=Background(**loads)
        )
        return int(found.import_limit_wh[0]), int(found.export_limit_wh[0])

    alone, load, generation, inductive, capacitive = (
        equal(),
        equal(kw=2.0),
        equal(kw=-2.0),
        equal(most_kvar=2.0),
        equal(least_kvar=-2.0),
    )
    assert load[0] == pytest.approx(alone[0] - 2000, abs=30) and load[1] == pytest.approx(
        alone[1] + 2000, abs=1
    )
    assert generation[1] == pytest.approx(alone[1] - 2000, abs=1)
    assert inductive[0] < alone[0] - 700 and inductive[1] == alone[1]
    assert capacitive[1] == pytest.approx(alone[1] - 2000 * 0.080 / 0.208, abs=1)


def test_a_strong_feeder_leaves_the_connections_as_they_are() -> None:
    for allocation in ALLOCATIONS:
        found = operating_envelopes(
            street(), HOUSES, np.full(10, 4.5), np.full(10, 3.0005), slot_h=0.25, allocation=allocation
        )
        assert found.import_limit_wh.tolist() == [1125] * 10
        assert found.export_limit_wh.tolist() == [750] * 10
        assert 0.0 <= found.margin_pu < 2e-4 and found.loading == 0.0


def test_all_faults_are_named_at_once() -> None:
    network = street()._replace(x_pu=np.r_[0.0, -0.1, np.full(9, 0.1)])
    with pytest.raises(InputError) as caught:
        operating_envelopes(
            network,
            np.array([1, 11, 2]),
            np.array([1.0, -1.0, 2.0]),
            np.ones(2),
            slot_h=0.0,
            allocation="fair",  # type: ignore[arg-type]  # what is refused
            weights=np.ones(3),
            background=Background(kw=np.full(11, np.nan), least_kvar=np.zeros(4)),
            lowest_pu=1.1,
            highest_pu=0.9,
        )
    message = str(caught.value)
    for fault in (
        r"x_pu[1] is -0.1, expected at least 0",
        r"bus[1] is 11, expected a bus of the network, 0 to 10",
        r"import_connection_kw[1] is -1.0, expected a finite number, at least 0",
        r"export_connection_kw has shape (2,) of float64, expected numbers (3,)",
        r"background.kw holds nan",
        r"background.least_kvar has shape (4,), expected (11,) or (T, 11)",
        r"slot_h is 0.0, expected above 0",
        r"lowest_pu and highest_pu are 1.1, 0.9",
        r"allocation is 'fair', expected one of equal, proportional, throughput",
        r"weights are given for the allocation 'fair'",
    ):
        assert fault in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": street()._replace(base_kva=-1.0)}, "not a radial network: base_kva is -1.0"),
        ({"bus": np.array([1.5])}, r"bus has shape \(1,\) of float64, expected whole numbers"),
        ({"bus": np.array([], np.int64)}, r"bus has shape \(0,\) of int64"),
        ({"weights": np.array([-1.0]), "allocation": "proportional"}, r"weights\[0\] is -1.0"),
        ({"background": Background(least_kvar=1.0)}, "least_kvar is above most_kvar somewhere"),
        ({"background": Background(kw=np.zeros((0, 11)))}, "background has no slots"),
        (
            {"background": Background(kw=np.zeros((2, 11)), most_kvar=np.zeros((3, 11)))},
            r"background.kw has shape \(2, 11\)",
        ),
    ],
)
def test_a_fault_is_named(changes: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {
        "network": street(),
        "bus": np.array([1]),
        "import_connection_kw": np.array([5.0]),
        "export_connection_kw": np.array([5.0]),
        "slot_h": 0.25,
    }
    with pytest.raises(InputError, match=message):
        operating_envelopes(**(arguments | changes))  # type: ignore[arg-type]  # faulty on purpose


def test_a_network_must_have_a_branch() -> None:
    alone = Network(np.array([-1], np.int32), *np.zeros((4, 1)), np.array([np.inf]), BASE_KVA, 1.0)
    with pytest.raises(InputError, match="no bus but the source"):
        operating_envelopes(alone, np.array([0]), np.ones(1), np.ones(1), slot_h=0.25)


def test_a_background_that_violates_alone_is_refused_slot_by_slot() -> None:
    kw = np.zeros((8, 11))
    kw[[1, 3, 4, 6, 7], 10] = 200.0, -300.0, 200.0, 200.0, 200.0
    with pytest.raises(
        InputError, match=r"slot 1: voltages 0\.\d+ to 0\.\d+ pu.*slot 3: .*slot 4: .*; and 2 more slots"
    ):
        operating_envelopes(
            street(), HOUSES, CONNECTION_KW, CONNECTION_KW, slot_h=0.25, background=Background(kw=kw)
        )
