"""Envelopes of a scenario: what the key in scenario.yaml does, and that deliveries inside them spare the feeder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from gridbid.envs.compile import compile_community
from gridbid.envs.envelopes import scenario_envelopes
from gridbid.envs.scenario import BUILT_IN, Scenario, ScenarioError, load_scenario, save_scenario
from gridbid.market.engine import Engine
from gridbid.market.grid.envelopes import Allocation
from gridbid.market.grid.limits import HIGHEST_PU, LOWEST_PU
from gridbid.market.types import Control

SUNNY_WEEK = 22


@pytest.fixture(scope="module")
def rural() -> Scenario:
    return load_scenario("rural")


def sharing(scenario: Scenario, allocation: Allocation) -> Scenario:
    return replace(scenario, market=replace(scenario.market, envelopes=allocation))


@pytest.mark.parametrize("allocation", ["equal", "proportional", "throughput"])
def test_they_stay_inside_the_connections_and_use_the_transformer(
    rural: Scenario, allocation: Allocation
) -> None:
    found = scenario_envelopes(rural, allocation)
    for limit_wh, connection_kw in (
        (found.import_limit_wh, [seat.import_limit_kw for seat in rural.metered]),
        (found.export_limit_wh, [seat.export_limit_kw for seat in rural.metered]),
    ):
        assert (limit_wh >= 0).all() and (limit_wh <= 250.0 * np.array(connection_kw)).all()
        assert 0.9 * 160.0 < limit_wh.sum() / 250.0 < 160.0
    assert LOWEST_PU < found.lowest_pu < found.highest_pu < HIGHEST_PU
    assert 0.99 < found.loading <= 1.0


def test_without_the_key_the_connections_are_the_limits() -> None:
    tiny = load_scenario("tiny")
    assert tiny.market.envelopes is None
    sites = compile_community(tiny, [0]).community.sites
    assert sites.import_limit_wh.tolist() == [round(250.0 * seat.import_limit_kw) for seat in tiny.metered]
    assert sites.export_limit_wh.tolist() == [round(250.0 * seat.export_limit_kw) for seat in tiny.metered]


def test_with_the_key_the_engine_has_the_envelopes(rural: Scenario) -> None:
    sites = compile_community(sharing(rural, "proportional"), [0]).community.sites
    expected = scenario_envelopes(rural, "proportional")
    assert sites.bus.tolist() == [seat.bus for seat in rural.metered]
    np.testing.assert_array_equal(sites.import_limit_wh, expected.import_limit_wh)
    np.testing.assert_array_equal(sites.export_limit_wh, expected.export_limit_wh)


def test_the_key_is_written_and_read(tmp_path: Path) -> None:
    tiny = load_scenario("tiny")
    folder = save_scenario(
        tmp_path / "shared", sharing(tiny, "throughput"), tiny.network, tiny.profiles, "free"
    )
    assert load_scenario(folder).market.envelopes == "throughput"
    document = yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    document["market"]["envelopes"] = "fair"
    (folder / "scenario.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"market\.envelopes: 'fair'; expected one of equal, prop"):
        load_scenario(folder)
    assert "envelopes" not in (BUILT_IN / "tiny" / "scenario.yaml").read_text(encoding="utf-8")


def delivered(scenario: Scenario, n_slots: int = 192) -> dict[str, np.ndarray]:
    """Two sunny days on which all devices do the same, now one way, now the other: overload, voltages, breach by slot."""
    compiled = compile_community(scenario, [0])
    engine, n = Engine(compiled.community), len(scenario.metered)
    engine.reset(compiled.year.week_start(SUNNY_WEEK), n_slots)
    random, still, slots = np.random.default_rng(5), np.zeros((1, n)), []

    def note(engine: Engine) -> None:
        report = engine.state.delivered
        voltages = report.voltage_pu[0]
        slots.append((report.overload_kwh[0], voltages.min(), voltages.max(), report.breach_kwh[0].max()))

    for _ in range(n_slots):
        controls = np.full((1, n, len(Control)), random.choice([-1.0, 1.0]))
        controls[:, :, Control.CURTAIL] = 0.0
        engine.step(still, still, still, controls, note)
    return dict(zip(("overload", "lowest", "highest", "breach"), np.array(slots).T, strict=True))


def test_deliveries_inside_them_overload_nothing(rural: Scenario) -> None:
    """Who can't keep an envelope (a load that can't be shed) breaches it; where nobody does, the feeder is safe."""
    free, kept = delivered(rural), delivered(sharing(rural, "equal"))
    assert (free["overload"] > 0.0).sum() > 10
    inside = kept["breach"] == 0.0
    assert inside.sum() > 100
    assert not kept["overload"][inside].any()
    assert kept["lowest"][inside].min() >= LOWEST_PU and kept["highest"][inside].max() <= HIGHEST_PU
    assert kept["overload"].sum() < 0.01 * free["overload"].sum()
