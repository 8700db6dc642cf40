"""What nobody's decision changes, against the engine itself: it is the bill of who controls nothing."""

import numpy as np
import pytest

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.market.types import Cost
from gridbid.train.inherent_cost import inherent_cost_eur


@pytest.fixture(scope="module")
def rural():
    return compile_community("rural", [0, 1], split="test")


def test_a_site_without_flexibility_pays_it_slot_by_slot(rural):
    community = rural.community
    devices = community.devices
    rigid = np.flatnonzero(devices.battery_kw + devices.charger_kw + devices.heat_pump_kw == 0.0)
    assert rigid.size > 0
    inherent = inherent_cost_eur(community)
    env = BatchEnv(rural, 2, n_slots=96, weeks=(20,))
    env.reset(samples=[0, 1])
    paid, expected = np.zeros((2, rigid.size)), np.zeros((2, rigid.size))

    def delivered(engine):
        for b in range(2):
            expected[b] += inherent[b, engine.state.delivered.slot[b], rigid]

    policy, observations = NothingPolicy(), env.observe()
    for _ in range(96):
        observations, _, _ = env.step(policy.act(observations), delivered)
        paid += env.engine.state.cost_eur[:, rigid, Cost.BILL]
    # Readings are whole Wh, of at most 50 ct/kWh.
    np.testing.assert_allclose(paid, expected, atol=96 * 0.5e-3)


def test_a_car_is_charged_for_on_arrival_at_the_mean_price_of_its_stay(rural):
    community, series = rural.community, rural.community.series
    inherent = inherent_cost_eur(community)
    seat = int(rural.scenario.metered.index(next(s for s in rural.scenario.metered if s.name == "ev_0")))
    column = series.car_column[seat]
    arrivals = np.flatnonzero(series.car_arrival_kwh[1, :, column] >= 0.0)
    np.testing.assert_array_equal(np.flatnonzero(inherent[1, :, seat]), arrivals)
    for slot in arrivals[:20]:
        departure = series.car_departure[1, slot, column]
        due_kwh = series.car_target_kwh[1, slot, column] - series.car_arrival_kwh[1, slot, column]
        price_eur = series.retail[1, slot:departure].mean() * 1e-6
        expected = due_kwh * price_eur / community.devices.charger_efficiency[seat]
        assert inherent[1, slot, seat] == pytest.approx(expected, rel=1e-4)
