"""The environment as training meets it: where episodes lie, when they are cut, and what is earned."""

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.timeline.year import weeks_of
from gridbid.train.inherent_cost import inherent_cost_eur
from gridbid.train.lessons import Lessons

EUR_PER_KWH = 1e-6
"""Of one nEUR/Wh."""


def play(lessons, n_steps):
    """Savings by kind, summed over steps, and the steps after which an episode was cut."""
    policy, cuts, total = RulePolicy(), [], dict.fromkeys(lessons.agents, 0.0)
    for step in range(n_steps):
        rewards, last_seen = lessons.step(policy.act(lessons.observations))
        if last_seen is not None:
            cuts.append(step)
        for kind in total:
            total[kind] = total[kind] + rewards[kind]
    return total, cuts


def fetched_eur(community, sample, slot):
    """What a kWh fetches locally at most in the mean of the day that begins after a slot."""
    series = community.series
    day = slice(slot + 1, slot + 97)
    return (series.retail[sample, day].mean() - series.fee[day].mean()) * EUR_PER_KWH


def worth_eur(community, sample, slot, seat, battery_kwh, car_kwh):
    """What a seat's stores are worth at the end of a slot beyond J's own value of them, from the series themselves."""
    series, devices = community.series, community.devices
    beyond = fetched_eur(community, sample, slot) - community.penalties.stored_energy_value
    worth = beyond * battery_kwh * devices.discharge_efficiency[seat]
    column = series.car_column[seat]
    if column >= 0 and series.car_departure[sample, slot, column] > slot + 1:
        arrival, departure = slot, series.car_departure[sample, slot, column]
        while series.car_arrival_kwh[sample, arrival, column] < 0.0:
            arrival -= 1
        missing_kwh = max(0.0, series.car_target_kwh[sample, slot, column] - car_kwh)
        price = series.retail[sample, arrival:departure].mean() * EUR_PER_KWH
        worth -= price * missing_kwh / devices.charger_efficiency[seat]
    return worth


def worths_eur(env, slots):
    """The same for all communities and seats, (B, N)."""
    stores, samples = env.engine.state.stores, env.engine.state.clock.sample
    seats = range(env.community.n_participants)
    return np.array(
        [
            [
                worth_eur(env.community, samples[b], slot, i, stores.battery_kwh[b, i], stores.car_kwh[b, i])
                for i in seats
            ]
            for b, slot in enumerate(slots)
        ]
    )


def test_episodes_are_cut_after_their_days_and_begin_anew():
    lessons = Lessons(scenario="tiny", batch=3, days=1)
    _, cuts = play(lessons, 200)
    assert cuts == [95, 191]


def test_every_slot_played_lies_in_a_training_week():
    lessons = Lessons(scenario="tiny", batch=50, days=2, seed=3)
    year = lessons.compiled.year
    starts = [year.week_start(week) for week in weeks_of(lessons.compiled.scenario, "train")]
    trained = np.concatenate([np.arange(start, start + 672) for start in starts])
    clock = lessons.engine.state.clock
    for _ in range(3):
        assert np.isin(clock.slot, trained).all()
        assert np.isin(clock.slot + 2 * 96 - 1, trained).all()
        assert len(np.unique(clock.slot)) > 10
        play(lessons, 2 * 96)


@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize(("weight", "gamma"), [(0.0, 1.0), (0.25, 0.99)])
def test_savings_are_rewards_plus_inherent_cost_and_what_stores_gained(seed, weight, gamma):
    """A day of it, against the batch environment run beside it with the same draws."""
    n_steps = 90
    lessons = Lessons(scenario="tiny", batch=2, days=1, seed=seed, community_weight=weight, gamma=gamma)
    clock = lessons.engine.state.clock
    starts, samples = clock.start.copy(), clock.sample.copy()
    twin = BatchEnv("tiny", 2, seed=seed, n_slots=97, community_weight=weight)
    twin.engine.seed = lessons.engine.seed
    twin.reset()
    twin.engine.reset(starts, 97, samples)
    saved, _ = play(lessons, n_steps)
    before, policy, observations = worths_eur(twin, starts - 1), RulePolicy(), twin.observe()
    earned = dict.fromkeys(lessons.agents, 0.0)
    held, efficiency = np.zeros(before.shape), twin.community.devices.discharge_efficiency
    for step in range(n_steps):
        observations, rewards, _ = twin.step(policy.act(observations))
        for kind in earned:
            earned[kind] = earned[kind] + rewards[kind]
        for b in range(2 if step > 0 else 0):
            fetched = fetched_eur(twin.community, samples[b], starts[b] + step - 1)
            held[b] += fetched * twin.engine.state.stores.battery_kwh[b] * efficiency
    delivered = n_steps - 1
    added = worths_eur(twin, starts + delivered - 1) - before - (1.0 - gamma) * held
    inherent = inherent_cost_eur(twin.community)
    for b in range(2):
        added[b] += inherent[samples[b], starts[b] : starts[b] + delivered].sum(axis=0)
    mixed = (1.0 - weight) * added + weight * added.mean(axis=1, keepdims=True)
    for kind in lessons.agents:
        np.testing.assert_allclose(saved[kind] - earned[kind], mixed[:, twin.seats[kind]], atol=2e-3)


def test_the_same_seed_begins_the_same_episodes_and_another_one_others():
    first, same, other = (Lessons(scenario="tiny", batch=8, days=1, seed=seed) for seed in (1, 1, 2))
    for kind in first.agents:
        np.testing.assert_array_equal(first.observations[kind], same.observations[kind])
        assert not np.array_equal(first.observations[kind], other.observations[kind])


def test_days_that_do_not_fit_a_week_are_refused():
    with pytest.raises(ValueError, match="days: 7; an episode of training has 1 to 6"):
        Lessons(scenario="tiny", batch=1, days=7)
