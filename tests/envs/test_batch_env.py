"""The batch face: shapes, episodes, errors, rewards as parts of J, and books that close."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import load_scenario, scenario_names
from gridbid.envs.timeline.year import weeks_of
from gridbid.market.conservation import residuals
from gridbid.market.types import Cost

WEEK, SUNNY_WEEK = 45, 22


@pytest.fixture(scope="module")
def tiny():
    return compile_community("tiny", [0, 1])


@pytest.fixture(scope="module")
def rural():
    return compile_community("rural", [0, 1])


def random_actions(env, random):
    shapes = {
        kind: (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape) for kind in env.kinds
    }
    return {kind: random.uniform(-1.0, 1.0, shape).astype(np.float32) for kind, shape in shapes.items()}


def play(env, seed, n_steps, on_delivery=None):
    """Observations and rewards of every step under random actions."""
    random = np.random.default_rng(seed)
    return [env.step(random_actions(env, random), on_delivery)[:2] for _ in range(n_steps)]


def announcing(env, shift):
    """The utility announces a shift, (B, 1) or one for all, and calls no event."""
    action = np.full((env.batch, 1, *fields.action_space("utility").shape), -1.0, np.float32)
    action[..., fields.action_index("utility")["tariff_shift"].start] = shift
    return {"utility": action}


def bytes_of(steps):
    return [
        rows.tobytes()
        for observations, rewards in steps
        for rows in (*observations.values(), *rewards.values())
    ]


# --- shapes


def test_agents_and_seats_are_the_scenarios(rural):
    env = BatchEnv(rural, 2)
    names = [seat.name for seat in rural.scenario.metered]
    assert env.kinds == ("prosumer", "battery", "ev", "utility")
    for kind in ("prosumer", "battery", "ev"):
        assert tuple(names[i] for i in env.seats[kind]) == env.agents[kind]
    assert env.seats["utility"].size == 0
    assert sorted(np.concatenate(list(env.seats.values())).tolist()) == list(range(len(names)))


def test_shapes_and_types(rural):
    env = BatchEnv(rural, 3, n_slots=4)
    observations = env.reset()
    for _ in range(4):
        for kind, rows in observations.items():
            assert rows.dtype == np.float32
            assert rows.shape == (3, len(env.agents[kind]), *fields.observation_space(kind).shape)
        observations, rewards, done = env.step(random_actions(env, np.random.default_rng(0)))
        for kind, reward in rewards.items():
            assert reward.dtype == np.float32 and reward.shape == (3, len(env.agents[kind]))
    assert set(observations) == set(rewards) == set(env.kinds)
    assert done.tolist() == [True, True, True]


def test_what_is_returned_stays_as_it_is(tiny):
    env = BatchEnv(tiny, 2, n_slots=6)
    first = env.reset()
    kept = {kind: rows.copy() for kind, rows in first.items()}
    steps = play(env, 1, 5)
    before = bytes_of(steps)
    play(env, 2, 1)
    env.reset()
    assert bytes_of(steps) == before
    assert all(np.array_equal(first[kind], kept[kind]) for kind in kept)


@pytest.mark.parametrize("rounds", [1, 3])
def test_an_episode_lasts_slots_times_rounds_and_delivers_every_slot_once(tiny, rounds):
    rules = tiny.community.rules._replace(rounds=rounds)
    env = BatchEnv(with_community(tiny, rules=rules), 2, n_slots=5)
    env.reset(weeks=WEEK, samples=[0, 1])
    slots, dones = [], []
    random = np.random.default_rng(0)
    for _ in range(5 * rounds):
        _, _, done = env.step(
            random_actions(env, random), lambda engine: slots.append(engine.state.delivered.slot.copy())
        )
        dones.append(done.all())
    assert dones == [False] * (5 * rounds - 1) + [True]
    start = tiny.year.week_start(WEEK)
    assert np.array(slots).tolist() == [[start + t] * 2 for t in range(5)]


def with_community(compiled, **changes):
    return replace(compiled, community=compiled.community._replace(**changes))


# --- episodes


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_weeks_are_drawn_from_the_split(split):
    env = BatchEnv("tiny", 200, split=split, samples=3, seed=5, n_slots=1)
    scenario = load_scenario("tiny")
    starts = {env.compiled.year.week_start(week): week for week in weeks_of(scenario, split)}
    env.reset()
    drawn = {starts[start] for start in env.engine.state.clock.start.tolist()}
    assert len(drawn) > 0.6 * len(starts)
    assert set(env.engine.state.clock.sample.tolist()) == {0, 1, 2}


def test_given_weeks_narrow_the_split(tiny):
    env = BatchEnv(tiny, 50, weeks=[4, 9], n_slots=1)
    env.reset()
    assert set(env.engine.state.clock.start.tolist()) == {tiny.year.week_start(week) for week in (4, 9)}


def test_week_sample_and_day_can_be_chosen(tiny):
    env = BatchEnv(tiny, 3, n_slots=1)
    env.reset(weeks=[5, 6, 8], samples=[1, 0, 1], day=[0, 6, 2])
    starts = [tiny.year.week_start(week) + 96 * day for week, day in ((5, 0), (6, 6), (8, 2))]
    assert env.engine.state.clock.start.tolist() == starts
    assert env.engine.state.clock.sample.tolist() == [1, 0, 1]


def test_the_seed_determines_everything():
    runs = []
    for seed in (7, 7, 8):
        env = BatchEnv("tiny", 3, seed=seed, n_slots=30, samples=2)
        env.reset()
        runs.append(bytes_of(play(env, 1, 30)))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_seed_at_reset_replays_the_draws(tiny):
    env = BatchEnv(tiny, 4, n_slots=10)
    runs = []
    for seed in (3, 3, 4):
        env.reset(seed=seed)
        runs.append(bytes_of(play(env, 1, 10)))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_masked_reset_leaves_the_others_alone(rural):
    mask = np.array([False, True, False])
    env, undisturbed = (BatchEnv(rural, 3, seed=1, n_slots=20) for _ in range(2))
    for one in (env, undisturbed):
        one.reset(weeks=WEEK, samples=0)
        before = play(one, 1, 8)[-1][0]
    observations = env.reset(mask, weeks=21, samples=1)
    for kind, rows in observations.items():
        np.testing.assert_array_equal(rows[~mask], before[kind][~mask])
    assert env.engine.state.clock.slot[1] == rural.year.week_start(21)
    for ours, theirs in zip(play(env, 2, 12), play(undisturbed, 2, 12), strict=True):
        for kind in env.kinds:
            np.testing.assert_array_equal(ours[0][kind][~mask], theirs[0][kind][~mask])
            np.testing.assert_array_equal(ours[1][kind][~mask], theirs[1][kind][~mask])


def test_communities_run_out_of_step_with_each_other(tiny):
    env = BatchEnv(tiny, 2, n_slots=6)
    env.reset(weeks=WEEK)
    play(env, 1, 4)
    env.reset(np.array([True, False]), weeks=WEEK)
    random = np.random.default_rng(2)
    dones = [env.step(random_actions(env, random))[2].tolist() for _ in range(2)]
    assert dones == [[False, False], [False, True]]
    env.reset(np.array([False, True]))
    assert [env.step(random_actions(env, random))[2].tolist() for _ in range(4)][-1] == [True, False]


def test_a_kind_that_is_left_out_keeps_still(tiny):
    """As if it offered nothing, planned nothing and let its devices follow that plan."""
    still = {"battery": 0.0, "charger": 0.0, "heat_pump": -1.0, "curtail": -1.0}
    runs = []
    for given in (False, True):
        env = BatchEnv(tiny, 2, n_slots=40)
        env.reset(weeks=WEEK, samples=0)
        actions = {}
        for kind in fields.METERED if given else ():
            columns = [still.get(field.name, -1.0) for field in fields.action_fields(kind)]
            actions[kind] = np.tile(np.float32(columns), (2, len(env.agents[kind]), 1))
        runs.append(bytes_of([env.step(actions)[:2] for _ in range(40)]))
        assert not env.engine.state.totals.bought_wh.any()
    assert runs[0] == runs[1]


# --- what is refused


@pytest.fixture
def small(tiny):
    env = BatchEnv(tiny, 2, n_slots=4)
    env.reset()
    return env


@pytest.mark.parametrize("shape", [(1, 1, 4), (2, 4), (2, 2, 4), (2, 1, 5), (2, 1, 3)])
def test_a_wrong_shape_is_refused(small, shape):
    with pytest.raises(ValueError, match=r"actions\['battery'\] has shape .*; it should be \(2, 1, 4\)"):
        small.step({"battery": np.zeros(shape, np.float32)})


@pytest.mark.parametrize("kind", ["battery", "utility"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused(small, kind, value):
    action = np.zeros((2, 1, *fields.action_space(kind).shape), np.float32)
    action[1, 0, -1] = value
    with pytest.raises(ValueError, match=rf"actions\['{kind}'\] holds a value that is not finite"):
        small.step({kind: action})


def test_an_unknown_kind_is_refused(small):
    with pytest.raises(ValueError, match="no kind 'windmill'; it has prosumer, battery, ev, utility"):
        small.step({"windmill": np.zeros((2, 1, 4), np.float32)})


def test_what_was_refused_has_changed_nothing(small, tiny):
    with pytest.raises(ValueError, match="utility"):
        small.step(announcing(small, np.nan))
    other = BatchEnv(tiny, 2, n_slots=4)
    other.reset()
    assert bytes_of(play(small, 1, 4)) == bytes_of(play(other, 1, 4))


def test_a_step_before_the_first_reset_is_refused(tiny):
    with pytest.raises(RuntimeError, match=r"communities \[0, 1\] are done: reset them first"):
        BatchEnv(tiny, 2).step({})


def test_a_step_of_a_done_community_is_refused(tiny):
    env = BatchEnv(tiny, 2, n_slots=3)
    env.reset()
    play(env, 0, 2)
    env.reset(np.array([True, False]))
    play(env, 0, 1)
    with pytest.raises(RuntimeError, match=r"communities \[1\] are done"):
        env.step({})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weeks": 99}, "week: 99 isn't complete in 2016"),
        ({"samples": 2}, r"sample=\[2, 2\]: there are samples 0 to 1"),
        ({"samples": [0, -1]}, r"sample=\[0, -1\]"),
        ({"day": 7}, "day is 7; the days of a week are 0 to 6"),
        ({"mask": np.array([True])}, r"mask has shape \(1,\); it should be \(2,\)"),
    ],
)
def test_an_episode_that_does_not_exist_is_refused(small, options, message):
    with pytest.raises(ValueError, match=message):
        small.reset(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch=0"),
        ({"community_weight": 1.5}, "community_weight=1.5"),
        ({"split": "holiday"}, "holiday"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        BatchEnv("tiny", **options)


# --- rewards


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_rewards_mix_own_and_community(rural, weight):
    env = BatchEnv(rural, 2, n_slots=30, community_weight=weight)
    env.reset(weeks=WEEK)
    random = np.random.default_rng(3)
    for _ in range(30):
        _, rewards, _ = env.step(random_actions(env, random))
        cost_eur = env.engine.state.cost_eur.sum(axis=2)
        for b in range(2):
            mean = sum(cost_eur[b]) / len(cost_eur[b])
            assert rewards["utility"][b, 0] == pytest.approx(-mean, rel=1e-6, abs=1e-9)
            for kind, seats in env.seats.items():
                expected = [-(1 - weight) * cost_eur[b, i] - weight * mean for i in seats]
                if kind != "utility":
                    assert rewards[kind][b] == pytest.approx(expected, rel=1e-6, abs=1e-9)


class Bill:
    """J of one community by participant and part, recomputed from what was delivered (EUR)."""

    def __init__(self, env):
        self.env = env
        self.parts = np.zeros((env.community.n_participants, len(Cost)))
        self.shared_eur = 0.0

    def __call__(self, engine):
        delivered, prices = engine.state.delivered, self.env.scenario.penalties
        for i, seat in enumerate(self.env.scenario.metered):
            part = self.parts[i]
            part[Cost.BILL] -= delivered.cash_neur[0, i] / 1e9
            if seat.battery:
                wear_ct = seat.battery.wear_ct_per_kwh * abs(delivered.device_kwh[0, i, 0])
                part[Cost.WEAR] += wear_ct / 100
            part[Cost.DISCOMFORT] += prices.discomfort_eur_per_kwh_th * delivered.unserved_kwh[0, i]
            part[Cost.UNMET_EV] += prices.unmet_ev_eur_per_kwh * delivered.unmet_kwh[0, i]
            part[Cost.VIOLATION] += prices.envelope_eur_per_kwh * delivered.breach_kwh[0, i]
        self.shared_eur += prices.overload_eur_per_kwh * delivered.overload_kwh[0]


def value_of_stores(env):
    """What batteries and heat stores hold is worth, EUR by participant."""
    ct, stores = env.scenario.penalties.stored_energy_value_ct_per_kwh, env.engine.state.stores
    value = []
    for i, seat in enumerate(env.scenario.metered):
        kwh = stores.battery_kwh[0, i] * seat.battery.discharge_efficiency if seat.battery else 0.0
        kwh += stores.heat_kwh[0, i] / seat.heat_pump.cop if seat.heat_pump else 0.0
        value.append(ct / 100 * kwh)
    return np.array(value)


def still_due(env):
    """What cars that stay plugged in at the end still need is worth, EUR by participant."""
    ct, year, clock = (
        env.scenario.penalties.stored_energy_value_ct_per_kwh,
        env.compiled.year,
        env.engine.state.clock,
    )
    end, sample = int(clock.end[0]), int(clock.sample[0])
    due = np.zeros(env.community.n_participants)
    for i, seat in enumerate(env.scenario.metered):
        column = year.ev_column[i]
        if column >= 0 and year.ev_departure[sample, end - 1, column] > end:
            missing = year.ev_target_kwh[sample, end - 1, column] - env.engine.state.stores.car_kwh[0, i]
            due[i] = ct / 100 * max(0.0, missing) / seat.charge_point.efficiency
    return due


def test_the_parts_of_j_are_what_was_delivered_and_stored_value_telescopes(rural):
    env = BatchEnv(rural, 1, n_slots=96 * 2 + 90)
    env.reset(weeks=SUNNY_WEEK, samples=0)
    bill, cost_eur = Bill(env), np.zeros((env.community.n_participants, len(Cost)))
    before, random = value_of_stores(env), np.random.default_rng(4)
    for _ in range(env.n_slots):
        env.step(random_actions(env, random), bill)
        cost_eur += env.engine.state.cost_eur[0]
    own = [Cost.BILL, Cost.WEAR, Cost.DISCOMFORT, Cost.UNMET_EV]
    np.testing.assert_allclose(cost_eur[:, own], bill.parts[:, own], atol=1e-9)
    violations_eur = bill.parts[:, Cost.VIOLATION].sum() + bill.shared_eur
    assert cost_eur[:, Cost.VIOLATION].sum() == pytest.approx(violations_eur, abs=1e-9)
    assert still_due(env).any()
    gained = value_of_stores(env) - still_due(env) - before
    np.testing.assert_allclose(-cost_eur[:, Cost.STORED], gained, atol=1e-6)
    assert bill.shared_eur > 0.0
    assert bill.parts[:, [Cost.BILL, Cost.WEAR]].any(axis=0).all()


# --- the utility's tariff


def shifts(env):
    """The shift of the slot that trades, nEUR/Wh (B,)."""
    clock, series = env.engine.state.clock, env.community.series
    return env.engine.retail_neur() - series.retail[clock.sample, clock.slot]


@pytest.mark.parametrize("week", [12, 21, 43])
@pytest.mark.parametrize("lean", [0.5, -0.2])
def test_shifts_are_bounded_and_no_local_day_earns_by_them(tiny, week, lean):
    """Weeks 12 and 43 of 2016 hold the changes of the clocks."""
    env = BatchEnv(tiny, 2, n_slots=96 * 8)
    env.reset(weeks=week)
    days = tiny.year.local_start.astype("datetime64[D]")
    random, by_day, largest = np.random.default_rng(week), {}, 0
    for _ in range(env.n_slots):
        now, slot = shifts(env), int(env.engine.state.clock.slot[0])
        by_day[days[slot]] = by_day.get(days[slot], 0) + now
        assert (by_day[days[slot]] <= 0).all()
        largest = max(largest, np.abs(now).max())
        env.step(announcing(env, np.clip(random.normal(lean, 1.0, (2, 1)), -1.5, 1.5)))
    assert largest == 20_000
    assert min(total.min() for total in by_day.values()) < 0


def test_a_shift_is_announced_a_day_ahead_and_stays(tiny):
    env = BatchEnv(tiny, 1, n_slots=200)
    env.reset(weeks=WEEK, samples=0)
    for _ in range(120):
        slot = int(env.engine.state.clock.slot[0])
        wanted = -0.5 if slot % 7 == 0 else 0.0
        env.step(announcing(env, wanted))
        announced = env.engine.retail_neur(95)[0] - env.community.series.retail[0, slot + 96]
        assert announced == (-10_000 if slot % 7 == 0 else 0)
    for _ in range(60):
        slot = int(env.engine.state.clock.slot[0])
        expected = -10_000 if (slot - 96) % 7 == 0 and slot - 96 < tiny.year.week_start(WEEK) + 120 else 0
        assert shifts(env)[0] == expected
        env.step({})


def test_only_the_first_round_announces(tiny):
    rules = tiny.community.rules._replace(rounds=2)
    env = BatchEnv(with_community(tiny, rules=rules), 1, n_slots=4)
    env.reset(weeks=WEEK, samples=0)
    slot = tiny.year.week_start(WEEK)
    for wanted in (-0.5, -1.0):
        env.step(announcing(env, wanted))
    assert env.engine.retail_neur(95)[0] - env.community.series.retail[0, slot + 96] == -10_000


def test_a_shift_moves_the_bills_of_its_slot_alone(tiny):
    """Two runs in which nobody trades, one with the tariff of one slot lowered by 2 ct/kWh."""
    cash, readings = [], None
    for wanted in (0.0, -1.0):
        env, taken = BatchEnv(tiny, 1, n_slots=110), []
        env.reset(weeks=WEEK, samples=0)
        for step in range(110):
            shift = wanted if step == 5 else 0.0
            env.step(announcing(env, shift), lambda e, t=taken: t.append(delivered(e)))
        cash.append(np.array([neur for neur, _ in taken]))
        readings = np.array([wh for _, wh in taken])
    saved = cash[1] - cash[0]
    assert (readings[101] > 0).any()
    assert saved[101].tolist() == [20_000 * max(0, int(wh)) for wh in readings[101]]
    assert not np.delete(saved, 101, axis=0).any()


def delivered(engine):
    return engine.state.delivered.cash_neur[0].copy(), engine.state.delivered.reading_wh[0].copy()


# --- conservation


@pytest.mark.parametrize("name", scenario_names())
@pytest.mark.parametrize("rounds", [1, 2])
def test_the_books_close_whatever_everybody_does(name, rounds):
    compiled = compile_community(name, [0, 1])
    rules = compiled.community.rules._replace(rounds=rounds)
    env = BatchEnv(with_community(compiled, rules=rules), 2, seed=6, n_slots=96)
    env.reset(weeks=WEEK, day=3)
    play(env, 6, 96 * rounds)
    totals = env.engine.state.totals
    assert totals.bought_wh.any()
    assert totals.cash_neur.any()
    assert residuals(env.engine) == {"energy_wh": 0, "cash_neur": 0}
