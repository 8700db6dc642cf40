"""Slots of any length: what happens in a year is the same in time, only looked at more or less finely."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import Scenario, ScenarioError, load_scenario, save_scenario
from gridbid.envs.specification import ChargePoint
from gridbid.envs.timeline.calendar import year_calendar
from gridbid.envs.timeline.prices import sampled_series
from gridbid.envs.timeline.resampling import hour_means, slot_means
from gridbid.envs.timeline.sessions import SECONDS_PER_HOUR, draw_sessions
from gridbid.envs.timeline.year import YearData, build_year
from gridbid.market.conservation import residuals

BERLIN = "Europe/Berlin"
FINER_AND_COARSER = [300, 450, 600, 1200, 1800, 3600]


def in_slots(slot_seconds: int, **changes: object) -> Scenario:
    return replace(load_scenario("tiny"), slot_seconds=slot_seconds, **changes)


@pytest.fixture(scope="module")
def quarters() -> YearData:
    return build_year(in_slots(900), [0, 1], split="test")


@pytest.fixture(scope="module", params=FINER_AND_COARSER)
def other(request: pytest.FixtureRequest) -> YearData:
    return build_year(in_slots(request.param), [0, 1], split="test")


def by_hour(year: YearData, name: str) -> np.ndarray:
    """Energy of each hour, kWh (hours, N)."""
    per_hour = 3600 // year.slot_seconds
    values = getattr(year, name).astype(float)
    return values.reshape(-1, per_hour, values.shape[1]).mean(axis=1)


@pytest.mark.parametrize("name", ["load_kw", "pv_kw", "heat_kw"])
def test_each_hours_energy_is_the_same(quarters: YearData, other: YearData, name: str) -> None:
    np.testing.assert_allclose(by_hour(other, name), by_hour(quarters, name), rtol=1e-6, atol=1e-6)


def test_prices_and_carbon_are_the_same(quarters: YearData, other: YearData) -> None:
    for name in ("spot_ct", "carbon_g"):
        ours, theirs = getattr(other, name), getattr(quarters, name)
        hours = (ours[:, :: 3600 // other.slot_seconds], theirs[:, ::4])
        assert np.array_equal(*hours)
        assert np.array_equal(np.repeat(hours[1], 3600 // other.slot_seconds, axis=1), ours)


def test_cars_come_at_the_same_times_and_are_due_the_same(quarters: YearData, other: YearData) -> None:
    """Within a slot of each other; a slot longer than a quarter of an hour may delay a car that follows at once."""

    def sessions(year: YearData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at = np.nonzero(year.ev_arrival_kwh >= 0.0)
        due_kwh = year.ev_target_kwh[at].astype(float) - year.ev_arrival_kwh[at]
        return at[1] * year.slot_seconds, year.ev_departure[at] * year.slot_seconds, due_kwh

    ours, theirs = sessions(other), sessions(quarters)
    assert ours[0].size == theirs[0].size > 100
    longest = max(other.slot_seconds, 900)
    assert np.abs(ours[0] - theirs[0]).max() < longest and np.abs(ours[1] - theirs[1]).max() < 2 * longest
    np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-5, atol=1e-4)
    if 900 % other.slot_seconds == 0:
        assert all((mine == its).all() for mine, its in zip(ours, theirs, strict=True))


def test_a_lag_is_the_same_in_time() -> None:
    tiny = load_scenario("tiny")
    late = replace(tiny.seats[0], load=replace(tiny.seats[0].load, lag_rows=6))
    for slot_seconds in (300, 900, 3600):
        scenario = replace(tiny, slot_seconds=slot_seconds, seats=(late, *tiny.seats[1:]))
        on_time, lagging = (
            by_hour(build_year(s, [0], split="test"), "load_kw")[:, 0]
            for s in (replace(tiny, slot_seconds=slot_seconds), scenario)
        )
        rows = tiny.seats[0].load.rated_kw * tiny.profiles[tiny.seats[0].load.profile].astype(float)
        np.testing.assert_allclose(lagging, np.roll(rows, 6).reshape(-1, 4).mean(axis=1), rtol=1e-6)
        assert not np.allclose(on_time, lagging)


@pytest.mark.parametrize("profile_seconds", [300, 1800, 3600])
def test_profiles_may_have_rows_of_another_length(profile_seconds: int) -> None:
    tiny = load_scenario("tiny")
    n_rows = sum(1 for _ in range(366 * 24 * 3600 // profile_seconds))
    random = np.random.default_rng(3)
    profiles = {name: random.random(n_rows).astype(np.float32) for name in tiny.profiles}
    scenario = replace(tiny, profiles=profiles, profile_seconds=profile_seconds)
    year = build_year(scenario, [0], split="test")
    wanted = profiles[tiny.seats[0].pv.profile].reshape(-1, 3600 // profile_seconds).mean(axis=1)
    np.testing.assert_allclose(by_hour(year, "pv_kw")[:, 0], tiny.seats[0].pv.peak_kw * wanted, rtol=1e-5)


@pytest.mark.parametrize(
    ("slot_seconds", "row_seconds"), [(600, 900), (900, 600), (1, 7), (3600, 450), (7, 3600)]
)
def test_a_slots_mean_is_that_of_its_seconds(slot_seconds: int, row_seconds: int) -> None:
    """Against every second written out; lengths that share no divisor too."""
    n_slots = 40
    seconds = n_slots * slot_seconds
    rows = np.random.default_rng(1).random(-(-seconds // row_seconds))
    each_second = np.repeat(rows, row_seconds)[:seconds]
    starts = np.arange(n_slots) * slot_seconds
    means = slot_means(slot_seconds, row_seconds, lambda after: rows[(starts + after) // row_seconds])
    np.testing.assert_allclose(means, each_second.reshape(n_slots, slot_seconds).mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("slots_per_hour", [1, 3, 4, 60, 240])
def test_hour_means_are_those_of_the_slots_ahead(slots_per_hour: int) -> None:
    """In any part of the series to the bit, and across the blocks in which they are taken."""
    values = np.random.default_rng(2).normal(0.0, 50.0, (9_000, 2)).astype(np.float32)
    means = hour_means(values, slots_per_hour)
    padded = np.concatenate([values, np.repeat(values[-1:], slots_per_hour, axis=0)]).astype(float)
    for slot in (0, 17, 8_190, 8_191, 8_192, 8_990, 8_999):
        np.testing.assert_allclose(
            means[slot], padded[slot : slot + slots_per_hour].mean(axis=0), rtol=1e-5, atol=1e-5
        )
    part = hour_means(values[1_000:3_000], slots_per_hour)
    assert np.array_equal(part[: 2_000 - slots_per_hour], means[1_000 : 3_000 - slots_per_hour])


def test_a_year_of_cars_and_prices_is_drawn_alike_whatever_the_slot() -> None:
    calendars = [year_calendar(2016, BERLIN, seconds) for seconds in (60, 900)]
    for calendar in calendars:
        sessions = draw_sessions(calendar, 0.35, np.random.default_rng(5))
        assert (sessions.arrival_s % 900 == 0).all() and sessions.energy_kwh.sum() > 1_000.0
    fine, coarse = (sampled_series(calendar, [4], "train").spot_ct[0] for calendar in calendars)
    assert np.array_equal(fine[::15], coarse)
    assert SECONDS_PER_HOUR == 3_600


@pytest.mark.parametrize("slot_seconds", [60, 300, 1800, 3600])
def test_an_episode_can_be_played_in_slots_of_any_length(slot_seconds: int) -> None:
    """Half a day of a window; books close, and every slot has its hour's prices."""
    n_slots = 12 * 3600 // slot_seconds
    env = BatchEnv(in_slots(slot_seconds), 2, split="test", weeks=[20], n_slots=min(n_slots, 90), samples=1)
    assert env.community.rules.slots_per_day == 86_400 // slot_seconds
    policy, observations = RulePolicy(), env.reset(day=3)
    clock, year = env.engine.state.clock, env.compiled.year
    assert year.local_start[clock.start[0]] == np.datetime64("2016-05-19T00:00:00")
    done = np.zeros(2, np.bool_)
    while not done.all():
        assert all(np.isfinite(rows).all() for rows in observations.values())
        observations, _, done = env.step(policy.act(observations))
    assert residuals(env.engine) == {"energy_wh": 0, "cash_neur": 0}


def test_a_scenario_of_another_slot_is_written_and_read(tmp_path) -> None:
    tiny = load_scenario("tiny")
    folder = save_scenario(tmp_path / "fine", in_slots(60), tiny.network, tiny.profiles, "Terms.")
    assert load_scenario(folder).slot_seconds == 60
    compiled = compile_community(str(folder), [0], weeks=[5], n_slots=60)
    assert compiled.community.rules.slots_per_day == 1_440


@pytest.mark.parametrize("slot_seconds", [0, 7, 1_000, 3_601, 900.5])
def test_a_slot_that_is_no_part_of_an_hour_is_refused(tmp_path, slot_seconds: float) -> None:
    tiny = load_scenario("tiny")
    with pytest.raises(ScenarioError, match=f"slot_seconds: {slot_seconds}; expected"):
        save_scenario(
            tmp_path / "odd", replace(tiny, slot_seconds=slot_seconds), tiny.network, tiny.profiles, "Terms."
        )


def test_a_charge_point_keeps_its_energy_at_low_power() -> None:
    """Cut by what a slow charger brings in the stay, which doesn't depend on the slot."""
    slow = ChargePoint(power_kw=2.3)
    tiny = load_scenario("tiny")
    seats = tuple(
        replace(seat, charge_point=slow) if seat.charge_point is not None else seat for seat in tiny.seats
    )
    dues = []
    for slot_seconds in (450, 900, 3600):
        year = build_year(replace(tiny, seats=seats, slot_seconds=slot_seconds), [0], split="test")
        at = year.ev_arrival_kwh >= 0.0
        dues.append((year.ev_target_kwh[at].astype(float) - year.ev_arrival_kwh[at]).sum())
    assert dues[0] == pytest.approx(dues[1]) and dues[2] == pytest.approx(dues[1], rel=1e-3)
