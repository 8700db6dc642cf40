"""Policies for the utility's seat: what they announce, on rows and in played episodes, and who may be seated there."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.agents.named import UTILITIES, named_utility
from gridbid.agents.utilities.leader import leader_price
from gridbid.agents.utilities.stackelberg import StackelbergPolicy
from gridbid.agents.utilities.time_of_use import TimeOfUsePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import OBSERVATIONS, UTILITY, action_index, observation_index, observation_space
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.market.errors import InputError
from gridbid.market.tariff import MAX_SHIFT

DAY, WEEK, DAYS = 96, 37, 4
SCALES = {field.name: field.scale for field in OBSERVATIONS}


@pytest.fixture(scope="module")
def compiled():
    return compile_community("tiny", [3, 4], split="validation")


@pytest.fixture(scope="module", params=sorted(UTILITIES))
def announced(request):
    """A utility's shifts in nEUR/Wh (slots, 2), and the days and hours of the slots that they are for.

    Members wait for cheap hours: demand falls with the price, or the leader would leave the tariff as it is.
    """
    env = BatchEnv("rural", 2, samples=2, split="validation", weeks=[WEEK], n_slots=DAYS * DAY)
    utility, rule, shifts, slots = named_utility(request.param), SmartRulePolicy(), [], []
    utility.reset(0)
    observations = env.reset(weeks=WEEK, samples=[0, 1])
    for _ in range(DAYS * DAY):
        slot, engine = int(env.engine.state.clock.slot[0]), env.engine
        published = env.community.series.retail[[0, 1], slot + DAY]
        actions = rule.act(observations) | utility.act({UTILITY: observations[UTILITY]})
        env.pull_levers(actions)
        shifts.append(engine.retail_neur(DAY) - published)
        slots.append(slot + DAY)
        observations, _, _ = env.step(actions)
    series = env.community.series
    return request.param, np.array(shifts), series.day_of_year[slots], series.local_hour[slots]


def test_shifts_stay_in_their_bounds_and_no_day_earns_more(announced):
    """At no time of a local day do its shifts so far sum to more than zero."""
    name, shifts, days, _ = announced
    assert np.abs(shifts).max() <= MAX_SHIFT
    for day in np.unique(days):
        assert (np.cumsum(shifts[days == day], axis=0) <= 0).all()
    assert shifts.any() == (name != "flat")


def test_time_of_use_moves_the_evening_to_noon(announced):
    name, shifts, _, hours = announced
    expected = np.where((hours >= 10) & (hours < 16), -MAX_SHIFT, 0)
    expected[(hours >= 17) & (hours < 21)] = MAX_SHIFT
    if name == "time_of_use":
        assert (shifts == expected[:, None]).all()
    else:
        assert (shifts != expected[:, None]).any()


# --- on rows


def row_of(**values):
    """A utility's row of zeros but for some fields, in the table's units."""
    row = np.zeros((1, 1, *observation_space(UTILITY).shape), np.float32)
    for name, value in values.items():
        row[..., observation_index(UTILITY)[name]] = np.asarray(value) / SCALES[name]
    return row


def at_hour(hour):
    angle = hour * (2.0 * np.pi / 24.0)
    return {"hour_sin": np.sin(angle), "hour_cos": np.cos(angle)}


def shift_ct_of(policy, row):
    action = policy.act({UTILITY: row})[UTILITY][0, 0]
    index = action_index(UTILITY)
    assert action[index["event_target"].start] <= 0.0
    return 2.0 * float(action[index["tariff_shift"].start])


@pytest.mark.parametrize("name", UTILITIES)
def test_who_isnt_the_utility_is_never_asked_for(name):
    rows = {kind: np.zeros((2, 3, *observation_space(kind).shape), np.float32) for kind in ("ev", UTILITY)}
    actions = named_utility(name).act(rows)
    assert {kind: action.shape for kind, action in actions.items()} == {UTILITY: (2, 3, 3)}
    assert named_utility(name).act({"ev": rows["ev"]}) == {}


@pytest.mark.parametrize(
    ("hour", "shift_ct"), [(9.75, 0.0), (10.0, -1.5), (15.75, -1.5), (16.0, 0.0), (17.0, 1.5), (21.0, 0.0)]
)
def test_time_of_use_knows_the_hour_to_the_slot(hour, shift_ct):
    policy = TimeOfUsePolicy(shift_ct=1.5)
    assert shift_ct_of(policy, row_of(**at_hour(hour))) == pytest.approx(shift_ct, abs=1e-6)


def test_hours_and_shifts_that_make_no_sense_are_named_together():
    with pytest.raises(InputError, match=r"cheap=\(16.0, 10.0\).*dear=\(17.0, 25.0\).*shift_ct=3.0"):
        TimeOfUsePolicy((16.0, 10.0), (17.0, 25.0), 3.0)


class Followers:
    """A feeder whose flexible demand is that of one follower. Procurement costs 10 or 14 ct/kWh in turn."""

    def __init__(self, omega, zeta):
        self.omega, self.zeta = omega, zeta
        self.random = np.random.default_rng(1)
        self.load = []

    def row(self, t, price_ct, room_ct=20.0, **seen):
        """What the utility sees in slot t, in which the price is such; its load is known two slots later."""
        inflexible = 0.2 + 0.1 * self.random.uniform()
        self.load.append(inflexible + self.omega / price_ct - self.zeta)
        known = self.load[t - 2] if t >= 2 else 0.0
        return row_of(
            retail_ct=price_ct, feeder_load=known, feeder_forecast=inflexible,
            **{"wholesale_ct": cost_ct(t), "shift_room": room_ct, **at_hour(t % 96 / 4.0), **seen},
        )  # fmt: skip


def cost_ct(t):
    return 10.0 + 4.0 * (t % 2)


def announced_by(followers, n_slots=150, **seen):
    """The shifts of two more slots, at 30 ct/kWh and without any yesterday, after so many slots of random prices."""
    policy = StackelbergPolicy(patience=n_slots, forgetting=1.0)
    for t in range(n_slots):
        assert shift_ct_of(policy, followers.row(t, 30.0 + 10.0 * followers.random.uniform(-1.0, 1.0))) == 0.0
    return [shift_ct_of(policy, followers.row(n_slots + n, 30.0, **seen)) for n in range(2)]


def test_the_leader_learns_the_followers_and_shifts_towards_the_closed_form():
    """What it wishes for in the second slot exceeds the mean of both wishes by half of what the best prices differ."""
    omega, zeta = 9.3, 0.3
    cheap, dear = (leader_price([omega], [zeta], cost) for cost in (10.0, 14.0))
    first, second = announced_by(Followers(omega, zeta))
    assert first == pytest.approx(0.0, abs=1e-3)
    assert second == pytest.approx((dear - cheap) / 2.0, abs=1e-3)
    assert 1.0 < second < 2.0


def test_the_leader_stays_in_its_bounds_and_in_the_days_room():
    followers = (9.3, 0.1)  # best prices are 30.5 and 36.1 ct/kWh
    assert announced_by(Followers(*followers))[1] == pytest.approx(2.0)
    assert announced_by(Followers(*followers), room_ct=0.7)[1] == pytest.approx(0.7, abs=1e-6)


@pytest.mark.parametrize(
    ("omega", "zeta", "seen"),
    [
        (9.0, -0.05, {}),  # bought whatever it costs
        (-9.0, 0.1, {}),  # bought the more the dearer it is: no follower
        (9.3, 0.1, {"wholesale_ct": -1.0}),  # procurement brings money
    ],
)
def test_without_a_best_price_the_tariff_stays(omega, zeta, seen):
    assert announced_by(Followers(omega, zeta), **seen) == [0.0, 0.0]


def test_the_leader_forgets_where_episodes_begin():
    followers, policy = Followers(9.3, 0.1), StackelbergPolicy(patience=20)

    def shifts(t):
        row = followers.row(t, 25.0 + t % 7)
        return policy.act({UTILITY: np.concatenate([row, row])})[UTILITY][:, 0, 0]

    for t in range(40):
        first, second = shifts(t)
        assert first == second
    policy.forget(np.array([True, False]))
    first, second = shifts(40)
    assert first == 0.0 != second


# --- in the seat


def cases_of(n_slots):
    return Cases(np.array([WEEK, WEEK]), np.array([0, 1]), n_slots, 0)


def test_a_flat_utility_changes_nothing(compiled):
    alone, beside = (
        run_policy(compiled, RulePolicy(), cases_of(DAY), utility=utility)
        for utility in (None, named_utility("flat"))
    )
    for ours, theirs in zip(alone.records, beside.records, strict=True):
        np.testing.assert_array_equal(ours.cost_eur, theirs.cost_eur)
        np.testing.assert_array_equal(ours.reading_wh, theirs.reading_wh)


def test_a_tariff_that_moves_is_paid_and_the_books_close(compiled):
    published, shifted = (
        run_policy(compiled, NothingPolicy(), cases_of(3 * DAY), utility=utility)
        for utility in (None, named_utility("time_of_use"))
    )
    assert all(
        ours.j_eur != theirs.j_eur for ours, theirs in zip(published.records, shifted.records, strict=True)
    )
    assert shifted.residuals == {"energy_wh": 0, "cash_neur": 0}


def test_a_scenario_without_the_seat_says_so(compiled):
    seats = tuple(seat for seat in compiled.scenario.seats if seat.kind != UTILITY)
    without = replace(compiled, scenario=replace(compiled.scenario, seats=seats))
    with pytest.raises(InputError, match="utility 'flat': tiny has no seat for it"):
        run_policy(without, RulePolicy(), cases_of(1), utility=named_utility("flat"))


def test_an_unknown_utility_is_named():
    with pytest.raises(InputError, match=r"'greedy'.*flat, time_of_use, stackelberg"):
        named_utility("greedy")
