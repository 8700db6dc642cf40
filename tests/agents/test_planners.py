"""Rolling plans: their order of cost, what they know, and that nothing odd that is seen stops them."""

import pickle
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.named import named_policy
from gridbid.agents.planners.facts import Facts, facts_of
from gridbid.agents.planners.informed_mpc import MpcPerfect, MpcPersistence
from gridbid.agents.planners.mpc import MpcPolicy, plan_community
from gridbid.agents.planners.seen_outlook import seen_outlook, seen_plant
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.planners.selfish_lp import SelfishPolicy
from gridbid.agents.planners.truth import Truth
from gridbid.agents.policy import Configured, Informed, Remembers
from gridbid.agents.programs.optimum import solve_week
from gridbid.agents.programs.outlook import Foresight
from gridbid.agents.programs.solver import Solver
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import METERED, action_index, action_space, observation_index, observation_space
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.market.errors import InputError
from gridbid.market.forecast import perfect_forecast

DAY, WEEKS = 96, (11, 37)
PLANNERS = (MpcPolicy, SelfishPolicy)


@pytest.fixture(scope="module")
def compiled():
    return compile_community("tiny", [1_000_000_000], split="validation")


def j_eur(compiled, policy, n_slots, weeks=WEEKS):
    """J summed over weeks that are cut to ``n_slots``."""
    cases = Cases(np.array(weeks), np.zeros(len(weeks), np.int64), n_slots, 0)
    return sum(record.j_eur for record in run_policy(compiled, policy, cases).records)


def with_perfect_forecasts(compiled):
    series = compiled.community.series._replace(forecast=perfect_forecast(DAY))
    return replace(compiled, community=compiled.community._replace(series=series))


def seen_rows(env, observations, b=0):
    return SeenRows({kind: rows[b] for kind, rows in observations.items() if kind in METERED})


def metered(observations):
    return {kind: rows for kind, rows in observations.items() if kind in METERED}


def test_who_knows_more_pays_less(compiled):
    """The first day of two held-out weeks; whole Wh may cost or save the bound two cents."""
    bound = sum(solve_week(compiled.community, compiled.year.week_start(w), DAY).j_eur for w in WEEKS)
    perfect = j_eur(compiled, MpcPerfect(), DAY)
    seen = j_eur(compiled, MpcPolicy(), DAY)
    nothing = j_eur(compiled, NothingPolicy(), DAY)
    selfish = j_eur(compiled, SelfishPolicy(), DAY)
    assert bound <= perfect + 0.02
    assert perfect <= seen
    assert max(seen, selfish) <= nothing


def test_a_perfect_plan_played_costs_what_it_said(compiled):
    """One plan for a whole day, traded in the market and delivered: the bound's cost but for whole Wh.

    Forecasts are perfect, too, since orders are made of them.
    """
    compiled = with_perfect_forecasts(compiled)
    bound = solve_week(compiled.community, compiled.year.week_start(11), DAY)
    assert j_eur(compiled, MpcPerfect(every=DAY), DAY, (11,)) == pytest.approx(bound.j_eur, abs=0.05)


@pytest.mark.parametrize("planner", PLANNERS)
def test_what_is_not_seen_changes_nothing(compiled, planner):
    """Another load, other PV and other cars from the afternoon on: all the same until it is seen."""
    series, start = compiled.community.series, compiled.year.week_start(11)
    change = start + 40
    load_kw = series.load_kw.copy()
    load_kw[change:, 0] += 3.0
    moved = series._replace(
        load_kw=load_kw,
        net_kw=load_kw - series.pv_kw,
        car_departure=series.car_departure.copy(),
        car_arrival_kwh=series.car_arrival_kwh.copy(),
    )
    moved.car_departure[:, change:] = -1
    moved.car_arrival_kwh[:, change:] = -1.0
    other = replace(compiled, community=compiled.community._replace(series=moved))
    acted = []
    for one in (compiled, other):
        env = BatchEnv(one, 1, weeks=(11,), n_slots=DAY)
        policy = planner(facts_of(one.community))
        policy.reset(0)
        observations = env.reset(weeks=11, samples=0)
        actions = []
        for _ in range(38):
            action = policy.act(observations)
            actions.append(np.concatenate([action[kind].ravel() for kind in METERED]))
            observations, _, _ = env.step(action)
        acted.append(np.array(actions))
    assert (acted[0] == acted[1]).all()


def test_the_whole_need_is_offered_at_its_true_value(compiled):
    env = BatchEnv(compiled, 1, weeks=(11,), n_slots=DAY)
    actions = MpcPolicy().act(env.reset(weeks=11, samples=0))
    decision = env.decide(actions)
    assert decision.offer == pytest.approx(np.ones((1, 3)))
    assert set(np.round(decision.limit, 6).ravel()) <= {0.0, 1.0}


def random_rows(random, kind, shape):
    """Anything that the table allows."""
    space = observation_space(kind)
    return random.uniform(space.low, space.high, (*shape, space.shape[0])).astype(np.float32)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_nothing_odd_stops_a_plan(seed):
    """Rows at random, contradictions included; absent members, who see next to nothing; values that aren't finite."""
    random = np.random.default_rng(seed)
    rows = {kind: random_rows(random, kind, (2, 2)) for kind in METERED}
    for values in rows.values():
        values[1, 0] = 0.0
        values[0, 1][random.random(values.shape[2]) < 0.1] = random.choice([np.nan, np.inf, -np.inf])
    for planner in PLANNERS:
        policy = planner(Facts(transformer_kva=50.0), workers=1)
        policy.reset(0)
        for kind, actions in policy.act(rows).items():
            assert actions.shape == (2, 2, action_space(kind).shape[0])
            assert np.isfinite(actions).all() and (np.abs(actions) <= 1.0).all()


def one_row(kind, **values):
    """A seat of 11 kW at 28 ct/kWh, feed-in 8 and fee 4 ct/kWh."""
    rows, index = np.zeros((1, 1, observation_space(kind).shape[0]), np.float32), observation_index(kind)
    seat = {"present": 1.0, "site_kw": 0.11, "import_room": 4.0, "export_room": 4.0}
    prices = {"retail_ct": 0.7, "feed_in_ct": 0.2, "fee_ct": 0.1}
    for name, value in (seat | prices | values).items():
        rows[0, 0, index[name]] = value
    return {kind: rows}


def test_a_hopeless_car_is_charged_at_full_power():
    """Twenty hours due, two left: the plan softens, and does what can be done."""
    rows = one_row(
        "ev", charger_kw=1.0, car_plugged=1.0, car_due=2.0, car_departure=2 / 12, car_least=1.0, car_most=1.0
    )
    for planner in PLANNERS:
        assert planner().act(rows)["ev"][0, 0, -1] == pytest.approx(1.0)


@pytest.mark.parametrize("kind", METERED)
def test_a_seat_without_any_device_is_planned_for(kind):
    """Nothing to decide: no set point, and the forecast's need at its true value."""
    row = one_row(kind, net_forecast=0.1) if kind == "prosumer" else one_row(kind)
    for planner in PLANNERS:
        action = planner().act(row)[kind][0, 0]
        index = action_index(kind)
        assert action[index["limit"]] == (1.0 if kind == "prosumer" else -1.0)
        for device in {"battery", "charger", "heat_pump"} & set(index):
            assert action[index[device]] == 0.0


def test_the_transformer_is_spared_where_it_is_known():
    """Energy is cheap for an hour: an empty battery of 11 kW takes all it can, or what 5 kVA let through."""
    retail = np.array([0.15] + [1.5] * 23)
    rows = one_row(
        "battery", retail_ct=retail, battery_kw=1.0, battery_hours=1.0, battery_least=0.0, battery_most=1.0
    )
    free, tied = (
        MpcPolicy(Facts(transformer_kva=kva)).act(rows)["battery"][0, 0, -1] for kva in (np.inf, 5.0)
    )
    assert free == pytest.approx(1.0)
    assert tied == pytest.approx(0.97 * 5.0 / 11.0, abs=1e-5)


def test_a_car_waits_for_the_cheap_hours_of_its_stay():
    """Two hours due, ten to go, two of them cheap: it waits, or begins at once when they come first."""
    retail = np.array([0.8] * 6 + [0.5] * 2 + [0.8] * 16)
    car = {"charger_kw": 1.0, "car_plugged": 1.0, "car_due": 0.2, "car_departure": 10 / 12, "car_most": 1.0}
    for planner in PLANNERS:
        waits = planner().act(one_row("ev", retail_ct=retail, **car))["ev"][0, 0, -1]
        goes = planner().act(one_row("ev", retail_ct=np.roll(retail, -6), **car))["ev"][0, 0, -1]
        assert waits == pytest.approx(0.0, abs=1e-6)
        assert goes == pytest.approx(1.0)


def test_a_site_s_plan_depends_on_its_own_row_alone():
    random = np.random.default_rng(3)
    rows = {kind: random_rows(random, kind, (2, 5)) for kind in METERED}
    retail = 0.7 + 0.1 * random.random(24)
    for kind, values in rows.items():  # what is published is the same for all of a community
        for name, value in (("retail_ct", retail), ("feed_in_ct", 0.2), ("fee_ct", 0.1)):
            values[:, :, observation_index(kind)[name]] = value
    together = SelfishPolicy().act(rows)
    for kind, values in rows.items():
        for b in range(2):
            for n in range(5):
                alone = SelfishPolicy(workers=1).act({kind: values[b : b + 1, n : n + 1]})[kind]
                assert alone[0, 0].tolist() == together[kind][b, n].tolist()


def test_it_plans_for_whom_it_is_asked(compiled):
    env = BatchEnv(compiled, 3, weeks=(11,), n_slots=DAY)
    observations = env.reset(weeks=11, samples=0)
    policy = MpcPolicy()
    policy.reset(0)
    assert set(policy.act({"battery": observations["battery"]})) == {"battery"}
    assert {kind: a.shape[:2] for kind, a in policy.act(observations).items()} == dict.fromkeys(
        METERED, (3, 1)
    )
    assert policy.act({"utility": observations["utility"]}) == {}


def test_threads_change_nothing_and_an_episode_repeats_itself(compiled):
    first = [j_eur(compiled, MpcPolicy(workers=workers), 12) for workers in (1, 2)]
    policy = MpcPolicy()
    again = [j_eur(compiled, policy, 12) for _ in range(2)]
    assert len({*first, *again}) == 1


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_copy_plans_for_itself(compiled, planner):
    """Copied in the middle of its work, to another process too."""
    env = BatchEnv(compiled, 2, weeks=(11,), n_slots=DAY)
    observations, policy = env.reset(weeks=11, samples=0), planner()
    first = policy.act(observations)
    for twin in (deepcopy(policy), pickle.loads(pickle.dumps(policy))):
        again = twin.act(observations)
        assert all(again[kind] == pytest.approx(first[kind], abs=1e-6) for kind in METERED)


def test_a_plan_is_kept_until_it_is_due(compiled):
    """Planned for an hour, the first slot's actions are those of who plans slot by slot, and forgetting plans anew."""
    env = BatchEnv(compiled, 1, weeks=(11,), n_slots=DAY)
    observations = metered(env.reset(weeks=11, samples=0))
    hourly, always = MpcPolicy(every=4), MpcPolicy()
    first, expected = hourly.act(observations), always.act(observations)
    assert all((first[kind] == expected[kind]).all() for kind in METERED)
    moved = {kind: rows.copy() for kind, rows in observations.items()}
    for kind, rows in moved.items():
        rows[:, :, observation_index(kind)["retail_ct"]] = np.linspace(0.1, 3.0, 24)
    kept = hourly.act(moved)["battery"][0, 0, -1]
    hourly.forget(np.array([True]))
    anew = hourly.act(moved)["battery"][0, 0, -1]
    assert anew == MpcPolicy().act(moved)["battery"][0, 0, -1] == 1.0
    assert kept != anew


def planned_eur(schedule, plant, outlook):
    """Bill, wear and the value of what is stored, of a schedule within all limits."""
    devices, worth = plant.devices, plant.penalties.stored_energy_value
    battery_kwh, _, pump_kwh = np.moveaxis(schedule.device_kwh, 2, 0)
    stored_kwh = np.where(
        battery_kwh > 0.0, battery_kwh * devices.charge_efficiency, battery_kwh / devices.discharge_efficiency
    )
    all_kwh = schedule.net_kwh.sum(axis=1)
    bill_eur = (
        outlook.feed_in * all_kwh
        + (outlook.retail - outlook.fee - outlook.feed_in) * np.maximum(0.0, all_kwh)
        + outlook.fee * np.maximum(0.0, schedule.net_kwh).sum(axis=1)
    )
    kept = (1.0 - devices.heat_loss_per_h[0]) ** (24.0 - np.cumsum(outlook.hours))
    return (
        bill_eur.sum()
        + (devices.wear_eur_per_kwh * np.abs(battery_kwh)).sum()
        - worth * (stored_kwh * devices.discharge_efficiency).sum()
        - worth * (kept[:, None] * pump_kwh).sum()
    )


def test_a_warm_plan_costs_what_a_cold_one_does(compiled):
    """The same slots planned one after the other by one solver, and each by a new one."""
    env = BatchEnv(compiled, 1, weeks=(11,), n_slots=DAY)
    observations, facts, solver = env.reset(weeks=11, samples=0), facts_of(compiled.community), Solver()
    policy = MpcPolicy(facts)
    for _ in range(12):
        rows = seen_rows(env, observations)
        plant = seen_plant(rows, facts)
        outlook = seen_outlook(rows, plant, facts)
        costs_eur = [
            planned_eur(plan_community(plant, outlook, facts.transformer_kva, one), plant, outlook)
            for one in (solver, Solver())
        ]
        assert costs_eur[0] == pytest.approx(costs_eur[1], abs=1e-5)
        observations, _, _ = env.step(policy.act(observations))


def test_rows_tell_what_is_so(compiled):
    """Stores, prices and the sum of an hour's forecasts, read back from rows and known from the environment."""
    env = BatchEnv(compiled, 1, weeks=(11,), n_slots=2 * DAY)
    observations, facts = env.reset(weeks=11, samples=0), facts_of(compiled.community)
    policy, truth = MpcPolicy(facts), Truth(env)
    for _ in range(40):
        observations, _, _ = env.step(policy.act(observations))
        rows = seen_rows(env, observations)
        plant = seen_plant(rows, facts)
        seen = seen_outlook(rows, plant, facts)
        stores = truth.stores()[0]
        known = truth.outlook(0, np.arange(3), stores, DAY, Foresight.DAY)
        assert plant.devices.battery_kwh == pytest.approx(compiled.community.devices.battery_kwh, rel=1e-5)
        assert seen.battery_kwh == pytest.approx(stores.battery_kwh, abs=1.0)
        assert seen.retail[4:] == pytest.approx(known.retail.reshape(-1, 4).mean(axis=1)[1:], rel=1e-5)
        hour_kwh = rows["net_forecast_day"][:, 0] * rows["site_kw"]
        assert seen.net_kwh[:4].sum(axis=0) == pytest.approx(hour_kwh, abs=1e-6)


@pytest.mark.parametrize("name", ["selfish_lp", "mpc", "mpc_persistence", "mpc_perfect"])
def test_more_rounds_trade_the_same_need(compiled, name):
    """What the first round has traded isn't asked for again: the same cost, but for what a round's rounding leaves."""
    rules = compiled.community.rules._replace(rounds=3)
    longer = replace(compiled, community=compiled.community._replace(rules=rules))
    once, thrice = (j_eur(one, named_policy(name), 16) for one in (compiled, longer))
    assert thrice == pytest.approx(once, abs=0.02)


def test_an_informed_plan_needs_something_to_look_into(compiled):
    observations = BatchEnv(compiled, 1, weeks=(11,), n_slots=DAY).reset(weeks=11, samples=0)
    with pytest.raises(InputError, match=r"mpc_perfect.*attach"):
        MpcPerfect().act(observations)


def test_what_makes_no_sense_is_refused():
    for every in (0, 5):
        with pytest.raises(InputError, match=f"every={every}"):
            MpcPolicy(every=every)
    half_hours = Facts(slot_h=0.5)
    with pytest.raises(InputError, match="every=3: a plan begins with 2 slots"):
        MpcPolicy(half_hours, every=3)
    with pytest.raises(InputError, match="every=4: a plan begins with 2 slots"):
        MpcPolicy(every=4).configure(half_hours)
    for slot_h, every in ((1.0, 4), (0.5, 2), (1 / 12, 4)):
        MpcPolicy(Facts(slot_h=slot_h), every=every)


@pytest.mark.parametrize("slot_h", [1.0, 0.5, 0.25, 1 / 12, 1 / 60])
def test_slots_of_any_length_make_a_day(slot_h):
    """Energies too: the first hour's is that of its mean, whatever the slots are."""
    facts = Facts(slot_h=slot_h)
    row = one_row("prosumer", net_forecast=0.3, net_forecast_day=np.linspace(0.1, 0.4, 24))
    rows = SeenRows({"prosumer": row["prosumer"][0]})
    outlook = seen_outlook(rows, seen_plant(rows, facts), facts)
    assert outlook.hours.sum() == pytest.approx(24.0)
    in_first_hour = outlook.hours.size - 23
    assert outlook.net_kwh[:in_first_hour].sum() == pytest.approx(0.1 * 11.0 if slot_h < 1.0 else 0.3 * 11.0)
    assert outlook.net_kwh[0, 0] == pytest.approx(0.3 * 11.0 * slot_h)
    assert outlook.net_kwh[in_first_hour:, 0] == pytest.approx(11.0 * np.linspace(0.1, 0.4, 24)[1:])
    assert np.isfinite(MpcPolicy(facts).act(row)["prosumer"]).all()


def test_names_and_faces():
    """Only yardsticks look into the environment."""
    kinds = {name: named_policy(name) for name in ("selfish_lp", "mpc", "mpc_persistence", "mpc_perfect")}
    assert {name: policy.name for name, policy in kinds.items()} == {name: name for name in kinds}
    assert {name for name, policy in kinds.items() if isinstance(policy, Informed)} == {
        "mpc_persistence",
        "mpc_perfect",
    }
    assert {name for name, policy in kinds.items() if isinstance(policy, Configured)} == {"mpc", "selfish_lp"}
    assert all(isinstance(policy, Remembers) for policy in kinds.values())


def test_yesterday_stands_in_for_tomorrow(compiled):
    """Load and PV are those of the day before, as far as they are known; cars that come are not foreseen."""
    community, start = compiled.community, compiled.year.week_start(11)
    env = BatchEnv(compiled, 1, weeks=(11,), n_slots=DAY)
    env.reset(weeks=11, samples=0)
    truth, everybody = Truth(env), np.arange(3)
    outlook = truth.outlook(0, everybody, truth.stores()[0], DAY, Foresight.YESTERDAY)
    yesterday_kwh = community.series.net_kw[start - DAY : start] * community.rules.slot_h
    assert outlook.net_kwh[:-1] == pytest.approx(yesterday_kwh[:-1])
    assert outlook.net_kwh[-1] == pytest.approx(community.series.net_kw[start - DAY - 1] * 0.25)
    assert not outlook.cars.begins[1:].any()
    assert j_eur(compiled, MpcPersistence(), 8) < np.inf


def test_constants_are_the_scenario_s(compiled):
    facts, devices = facts_of(compiled.community), compiled.community.devices
    assert facts.slot_h == 0.25
    assert facts.transformer_kva == compiled.community.network.rating_kva[1]
    assert facts.battery_efficiency == pytest.approx(0.95)
    assert facts.cop == pytest.approx(devices.cop[devices.heat_pump_kw > 0.0][0])
    assert facts.heat_store_h == pytest.approx(2.0)
    assert facts.penalties == compiled.community.penalties
