"""The feeder's report on a delivered slot against a power flow of the same loads, and who pays for an overload."""

import numpy as np
import pytest

from gridbid.market.engine import Engine
from gridbid.market.grid.feeder import flow_tile
from gridbid.market.grid.limits import overload_kwh
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.grid.power_flow import solve
from gridbid.market.grid.tiles import make_grid
from gridbid.market.grid.vectors import LANES
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Cost

START, SLOTS = 220, 12


def with_network(community, **changes):
    return community._replace(network=community.network._replace(**changes))


def with_series(community, **changes):
    return community._replace(series=community.series._replace(**changes))


def decision(random, batch, n):
    shape = (batch, n)
    follow = random.choice([0.0, 1.0], shape)
    return (
        random.uniform(0, 1.5, shape),
        random.uniform(0, 1, shape),
        follow,
        random.uniform(-1, 1, (*shape, 4)),
    )


class Slot:
    """A delivered slot: what the feeder reported, what participants drew, and what violations cost them."""

    def __init__(self, engine):
        delivered = engine.state.delivered
        self.report = {name: values.copy() for name, values in delivered._asdict().items()}
        self.violation_eur = engine.state.cost_eur[:, :, Cost.VIOLATION].copy()


def run(community, batch, seed=0, n_slots=SLOTS):
    """The slots that were delivered after the first, each alone in its step."""
    engine, slots = Engine(community, batch, seed), []
    engine.reset(START, n_slots)
    random = np.random.default_rng(seed)
    for _ in range(n_slots - 1):
        engine.step(*decision(random, batch, community.n_participants), lambda e: slots.append(Slot(e)))
    return slots


def bus_loads(community, slot, b):
    """Active and reactive load by bus, kW and kvar."""
    p_kw, q_kvar = (np.zeros(community.network.parent.size) for _ in range(2))
    for i, bus in enumerate(community.sites.bus):
        p_kw[bus] += slot.report["net_kwh"][b, i] / community.rules.slot_h
        q_kvar[bus] += float(community.series.load_kw[slot.report["slot"][b], i]) * community.load_tan_phi
    return p_kw, q_kvar


@pytest.mark.parametrize("seed", range(4))
def test_the_report_is_that_of_a_power_flow_of_the_same_loads(seed):
    random = np.random.default_rng(seed)
    community = random_community(random, n=8, n_buses=9)
    shunts = {name: random.uniform(0.0, 1e-3, 9) for name in ("g_pu", "b_pu")}
    community = with_network(community, source_pu=1.02, **shunts)
    for slot in run(community, 3, seed):
        for b in range(3):
            result = solve(community.network, *bus_loads(community, slot, b))
            assert result.converged
            report = {name: values[b] for name, values in slot.report.items()}
            voltage_pu = np.abs(result.voltage_pu)[community.sites.bus]
            np.testing.assert_allclose(report["voltage_pu"], voltage_pu, atol=1e-9)
            assert report["losses_kwh"] == pytest.approx(result.losses_kw * 0.25, abs=1e-9)
            assert report["feeder_kw"] == pytest.approx(result.source_kw, abs=1e-6)
            overload = overload_kwh(result.branch_kva, community.network.rating_kva, 0.25)
            assert report["overload_kwh"] == pytest.approx(overload, abs=1e-9)


def on_one_source(first, second):
    """Two networks whose sources are one: the second's other buses follow the first's."""
    shift = first.parent.size - 1
    parent = np.where(second.parent[1:] == 0, 0, second.parent[1:] + shift)
    joined = {
        name: np.r_[getattr(first, name), getattr(second, name)[1:]]
        for name in ("r_pu", "x_pu", "g_pu", "b_pu", "rating_kva")
    }
    return first._replace(parent=np.r_[first.parent, parent].astype(np.int32), **joined)


def trunk(network):
    """The network behind a single branch, of 8 kVA."""
    parent = np.r_[-1, 0, np.maximum(network.parent[2:], 1)].astype(np.int32)
    return network._replace(parent=parent, rating_kva=np.r_[np.inf, 8.0, network.rating_kva[2:]])


def test_two_feeders_of_one_source_are_two_networks():
    """Voltages are each feeder's own; what the source gives, losses and overload are the sums."""
    halves = [random_community(np.random.default_rng(seed), n=6, n_buses=6) for seed in (1, 2)]
    networks = [trunk(half.network) for half in halves]
    community = random_community(np.random.default_rng(3), n=12, n_buses=6)
    bus = np.r_[halves[0].sites.bus, halves[1].sites.bus + 5]
    both = community._replace(network=on_one_source(*networks), sites=community.sites._replace(bus=bus))
    assert source_rating_kva(both.network) == 16.0
    overloaded = 0
    for slot in run(both, 1):
        p_kw, q_kvar = bus_loads(both, slot, 0)
        parts = [
            solve(network, np.r_[0.0, p_kw[at]], np.r_[0.0, q_kvar[at]])
            for network, at in zip(networks, (slice(1, 6), slice(6, 11)), strict=True)
        ]
        voltage_pu = np.r_[1.0, np.abs(parts[0].voltage_pu)[1:], np.abs(parts[1].voltage_pu)[1:]]
        report = {name: values[0] for name, values in slot.report.items()}
        np.testing.assert_allclose(report["voltage_pu"], voltage_pu[bus], rtol=0.0, atol=2e-8)
        assert report["feeder_kw"] == pytest.approx(sum(part.source_kw for part in parts), abs=1e-5)
        assert report["losses_kwh"] == pytest.approx(sum(part.losses_kw for part in parts) * 0.25, abs=1e-5)
        overload = sum(
            overload_kwh(part.branch_kva, network.rating_kva, 0.25)
            for part, network in zip(parts, networks, strict=True)
        )
        assert report["overload_kwh"] == pytest.approx(overload, abs=1e-5)
        overloaded += overload > 0.0
    assert overloaded


@pytest.mark.parametrize("seed", range(4))
def test_what_the_feeder_draws_is_what_participants_draw_and_losses(seed):
    community = random_community(np.random.default_rng(seed), n=8, n_buses=9)
    for slot in run(community, 2, seed):
        drawn_kwh = slot.report["net_kwh"].sum(axis=1) + slot.report["losses_kwh"]
        np.testing.assert_allclose(slot.report["feeder_kw"] * 0.25, drawn_kwh, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_those_who_flow_its_way_share_an_overloads_price_by_how_much_they_do(seed):
    community = random_community(np.random.default_rng(seed), n=8, n_buses=6)
    community = with_network(community, rating_kva=np.r_[np.inf, np.full(5, 2.0)])
    seen = 0
    for slot in run(community, 2, seed):
        for b in range(2):
            report = {name: values[b] for name, values in slot.report.items()}
            shared_eur = slot.violation_eur[b] - community.penalties.envelope * report["breach_kwh"]
            price_eur = community.penalties.overload * report["overload_kwh"]
            assert shared_eur.sum() == pytest.approx(price_eur, abs=1e-9)
            toward = np.maximum(0.0, np.sign(report["feeder_kw"]) * report["net_kwh"])
            np.testing.assert_allclose(shared_eur, price_eur * toward / toward.sum(), atol=1e-9)
            seen += price_eur > 0
    assert seen > 10


def test_without_an_overload_nobody_pays():
    community = random_community(np.random.default_rng(3), n=8)
    community = with_network(community, rating_kva=np.full(6, np.inf))
    for slot in run(community, 2):
        assert not slot.report["overload_kwh"].any()
        np.testing.assert_allclose(
            slot.violation_eur, slot.report["breach_kwh"] * community.penalties.envelope
        )


def test_when_reactive_power_alone_overloads_all_bear_it_alike():
    """PV meets the load exactly, so nobody draws or feeds in anything; the cables still carry reactive power."""
    community = random_community(np.random.default_rng(3), n=4)
    load_kw = np.full_like(community.series.load_kw, 8.0)
    nothing = np.zeros_like(load_kw)
    community = with_series(
        community, load_kw=load_kw, pv_kw=load_kw, net_kw=nothing, heat_kw=nothing, car_column=np.full(4, -1)
    )
    absent = np.zeros(4)
    community = with_network(community, rating_kva=np.r_[np.inf, np.full(5, 0.5)])._replace(
        devices=community.devices._replace(
            battery_kwh=absent, battery_initial_kwh=absent, battery_kw=absent, heat_pump_kw=absent
        )
    )
    engine, still = Engine(community), np.zeros((1, 4))
    engine.reset(START, 3)
    for _ in range(2):
        engine.step(still, still, still, np.zeros((1, 4, 4)))
    overload = engine.state.delivered.overload_kwh[0]
    assert overload > 0.0 and not engine.state.delivered.net_kwh.any()
    share_eur = community.penalties.overload * overload / 4
    np.testing.assert_allclose(engine.state.cost_eur[0, :, Cost.VIOLATION], share_eur, rtol=1e-12)


def test_a_collapse_leaves_no_voltage_and_finite_costs():
    community = random_community(np.random.default_rng(3), n=6)
    weak = np.r_[0.0, np.full(5, 30.0)]
    community = with_network(community, r_pu=weak, x_pu=weak, rating_kva=np.r_[np.inf, np.full(5, 1.0)])
    rated_kwh, seen = 0.25 * np.count_nonzero(community.network.parent == 0), 0
    for slot in run(community, 2):
        for b in range(2):
            assert not solve(community.network, *bus_loads(community, slot, b)).converged
            report = {name: values[b] for name, values in slot.report.items()}
            net_kwh = report["net_kwh"].sum()
            assert np.isnan(report["voltage_pu"]).all()
            assert report["losses_kwh"] == 0.0
            assert report["feeder_kw"] == pytest.approx(net_kwh / 0.25)
            assert report["overload_kwh"] == pytest.approx(max(0.0, abs(net_kwh) - rated_kwh))
            expected_eur = report["overload_kwh"] + report["breach_kwh"].sum()
            assert slot.violation_eur[b].sum() == pytest.approx(expected_eur)
            seen += report["overload_kwh"] > 0.0
    assert seen > 10


def test_a_collapse_leaves_the_neighbours_and_the_next_slot_alone():
    """One of two samples has loads that no cable carries, for one slot: only there and then is there no solution."""
    community = random_community(np.random.default_rng(3), n=6)
    load_kw = community.series.load_kw.copy()
    load_kw[START + 3] = 1e6
    wide = np.full(6, 10**9)
    surge = with_series(community, load_kw=load_kw, net_kw=load_kw - community.series.pv_kw)._replace(
        sites=community.sites._replace(import_limit_wh=wide, export_limit_wh=wide)
    )
    engine, still, voltages = Engine(surge, 2), np.zeros((2, 6)), []
    engine.reset(np.array([START, START + 20]), SLOTS)
    for _ in range(8):
        engine.step(
            still,
            still,
            still,
            np.zeros((2, 6, 4)),
            lambda e: voltages.append(e.state.delivered.voltage_pu.copy()),
        )
    collapsed = np.isnan(voltages).all(axis=2)
    assert collapsed[:, 0].tolist() == [n == 3 for n in range(7)]
    assert not collapsed[:, 1].any()


def test_lanes_of_another_tile_report_alike():
    """The same community at the end of one tile of lanes and at the beginning of the next."""
    community = random_community(np.random.default_rng(5), n=6)
    engine, still = Engine(community, LANES + 1), np.zeros((LANES + 1, 6))
    engine.reset(START, 6)
    for _ in range(4):
        engine.step(still, still, still, np.zeros((LANES + 1, 6, 4)))
    for values in (engine.state.delivered.voltage_pu, engine.state.delivered.losses_kwh):
        np.testing.assert_array_equal(values[LANES - 1], values[LANES])
        assert values[0].any()


def flow(community, engine, due):
    """Power flows of the tiles with a community that is due (B,)."""
    grid = make_grid(1, community.network.parent.size)
    for tile in range(-(-due.size // LANES)):
        lanes = sum(1 << int(lane) for lane in np.flatnonzero(due[tile * LANES : (tile + 1) * LANES]))
        if lanes:
            flow_tile(community, engine.state, grid, tile, lanes)


@pytest.mark.parametrize("due_communities", [[1], [0, LANES], range(LANES, LANES + 3)])
def test_only_communities_that_are_due_get_a_power_flow(due_communities):
    """Also where a tile is due in part, and not the first."""
    batch = LANES + 3
    community = random_community(np.random.default_rng(5), n=6)
    engine, still = Engine(community, batch), np.zeros((batch, 6))
    engine.reset(START, 6)
    for _ in range(3):
        engine.step(still, still, still, np.zeros((batch, 6, 4)))
    delivered, due = engine.state.delivered, np.zeros(batch, np.bool_)
    due[list(due_communities)] = True
    before = {name: values.copy() for name, values in delivered._asdict().items()}
    delivered.net_kwh[:] += np.linspace(0.1, 1.0, batch)[:, None]
    flow(community, engine, due)
    for name in ("voltage_pu", "losses_kwh", "feeder_kw"):
        now = getattr(delivered, name)
        np.testing.assert_array_equal(now[~due], before[name][~due])
        assert (now[due] != before[name][due]).any()
    for b in np.flatnonzero(due):
        slot = Slot(engine)
        result = solve(community.network, *bus_loads(community, slot, b))
        np.testing.assert_allclose(
            delivered.voltage_pu[b], np.abs(result.voltage_pu)[community.sites.bus], rtol=0, atol=1e-9
        )
