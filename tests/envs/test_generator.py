"""Generated communities: standard equipment as pandapower has it, the shares that were asked for, any size."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandapower as pp
import pytest

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.generator.community import make_population, write_community
from gridbid.envs.generator.feeders import SPACING_KM, STRINGS, TRANSFORMERS, lay_feeders, transformer_for
from gridbid.envs.generator.members import draw_members
from gridbid.envs.importers.pandapower_grid import network_from_pandapower
from gridbid.envs.scenario import load_scenario
from gridbid.market.errors import InputError


def pandapower_twin(members):
    """The same feeders of pandapower's standard types, and the bus of every member."""
    net = pp.create_empty_network(sn_mva=1.0)
    source = pp.create_bus(net, 20.0)
    pp.create_ext_grid(net, source, vm_pu=1.0)
    buses = []
    for count in members:
        busbar = pp.create_bus(net, 0.4)
        rating_mva = transformer_for(count).rating_kva / 1000.0
        pp.create_transformer(net, source, busbar, f"{rating_mva:g} MVA 20/0.4 kV")
        ends = [busbar] * STRINGS
        for n in range(count):
            end = pp.create_bus(net, 0.4)
            pp.create_line(net, ends[n % STRINGS], end, SPACING_KM, "NAYY 4x150 SE")
            ends[n % STRINGS] = end
            buses.append(end)
    return net, buses


@pytest.mark.parametrize("members", [[7], [45, 80, 130]])
def test_the_grid_is_pandapowers(members):
    net, their_buses = pandapower_twin(members)
    theirs, position = network_from_pandapower(net)
    ours, buses = lay_feeders(members)
    order = np.full(ours.parent.size, -1)
    pairs = {0: 0} | {int(a): position[b] for a, b in zip(buses, their_buses, strict=True)}
    for a in np.flatnonzero(ours.parent == 0):  # busbars: the parents of the first members
        (child,) = [bus for bus in buses if ours.parent[bus] == a][:1]
        pairs[int(a)] = int(theirs.parent[pairs[int(child)]])
    for a, b in pairs.items():
        order[a] = b
    assert sorted(order) == list(range(ours.parent.size))
    for name in ("r_pu", "x_pu", "g_pu", "b_pu", "rating_kva"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name)[order], rtol=1e-9, atol=1e-12, err_msg=name
        )
    assert np.array_equal(order[ours.parent[1:]], theirs.parent[order[1:]])


def test_transformers_grow_with_their_members():
    ratings = [transformer_for(members).rating_kva for members in (1, 50, 51, 80, 81, 126, 160)]
    assert ratings == [250.0, 250.0, 400.0, 400.0, 630.0, 630.0, 630.0]
    assert [t.rating_kva for t in TRANSFORMERS] == [250.0, 400.0, 630.0]


def test_shares_are_those_that_were_asked_for():
    population = make_population(
        4_000, seed=5, pv_share=0.5, battery_share=0.1, heat_pump_share=0.3, charge_point_share=0.2
    )
    seats = draw_members(population, load_scenario("town"), [80] * 50)
    kinds = Counter(seat.kind for seat in seats)
    assert (kinds["battery"], kinds["ev"], len(seats)) == (50, 800, 4_000)
    homes = [seat for seat in seats if seat.kind == "prosumer"]
    for device, share in (("pv", 0.5), ("battery", 0.1), ("heat_pump", 0.3)):
        found = np.mean([getattr(home, device) is not None for home in homes])
        assert found == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / len(homes)))


def test_homes_are_as_large_as_their_models_on_average():
    town = load_scenario("town")
    seats = draw_members(make_population(8_000, load_spread=0.5), town, [80] * 100)
    drawn = [seat.load.rated_kw for seat in seats if seat.load]
    models = [seat.load.rated_kw for seat in town.metered if seat.load]
    spread = np.std(drawn) / np.sqrt(len(drawn))
    assert np.mean(drawn) == pytest.approx(np.mean(models), abs=4.0 * spread)


def test_the_same_seed_gives_the_same_community(tmp_path: Path):
    ours, again, other = (
        load_scenario(write_community(tmp_path / str(n) / "c", make_population(40, seed=seed)))
        for n, seed in enumerate((1, 1, 2))
    )
    assert ours.digest == again.digest
    assert ours.seats == again.seats != other.seats


@pytest.mark.parametrize(("members", "feeders"), [(10, 1), (120, 2)])
def test_a_community_trades(tmp_path: Path, members: int, feeders: int):
    scenario = load_scenario(write_community(tmp_path / "c", make_population(members, feeders=feeders)))
    assert len(scenario.metered) == members
    assert np.count_nonzero(scenario.network.parent == 0) == feeders
    env = BatchEnv(scenario, samples=1, weeks=[21], n_slots=4)
    env.reset(seed=0)
    for _ in range(4):
        _, _, done = env.step({})
    assert done.all()
    voltages = env.engine.state.delivered.voltage_pu
    assert ((voltages > 0.9) & (voltages < 1.1)).all()


@pytest.mark.parametrize(
    ("members", "feeders", "message"),
    [
        (9, 1, "members: 9; expected 10 to 10000"),
        (10_001, 100, "members: 10001; expected 10 to 10000"),
        (400, 2, "feeders: 2 for 400 members; expected 3 to 400, so that a feeder has 1 to 160"),
        (10, 11, "feeders: 11 for 10 members; expected 1 to 10"),
    ],
)
def test_impossible_communities_are_refused(tmp_path: Path, members: int, feeders: int, message: str):
    with pytest.raises(InputError, match=message):
        write_community(tmp_path / "c", make_population(members, feeders=feeders))
    assert not list(tmp_path.iterdir())
