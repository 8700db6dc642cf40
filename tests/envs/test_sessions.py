"""Charging sessions: sampled ones against the published figures, real ones against their file."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.envs.specification import ChargePoint
from gridbid.envs.timeline.calendar import Calendar, year_calendar
from gridbid.envs.timeline.randomness import SPLITS
from gridbid.envs.timeline.real_sessions import SessionFile, left_out, read_sessions, split_of, weeks_of_users
from gridbid.envs.timeline.sessions import (
    CarSeries,
    Sessions,
    empty_cars,
    lay_sessions,
    real_cars,
    sampled_cars,
    without_overlap,
)
from gridbid.market.devices import charge_point as car_rules

BERLIN = "Europe/Berlin"
ROOT = Path(__file__).parents[2]
REAL = (
    Path(os.environ.get("GRIDBID_DATA", ROOT.parent / "shared" / "data")) / "ev_home_sessions_norway.parquet"
)
POINT = ChargePoint()


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return year_calendar(2016, BERLIN)


@pytest.fixture(scope="module")
def cars(calendar: Calendar) -> CarSeries:
    """Ten samples of seven charge points."""
    return sampled_cars(calendar, [POINT] * 7, range(10), "train")


@pytest.fixture(scope="module")
def sessions_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated sessions of the real file's form: 40 users, an evening session every other day of 2019."""
    rows = [(f"user_{u}", day, u) for u in range(40) for day in range(0, 364, 2)]
    begin = [datetime(2019, 1, 1, 17, u % 60, tzinfo=UTC) + timedelta(days=day) for _, day, u in rows]
    end = [start + timedelta(hours=9) for start in begin]
    stamp = pa.timestamp("ns", "UTC")
    table = {
        "user": [user for user, _, _ in rows],
        "plug_in_utc": pa.array(begin, stamp),
        "plug_out_utc": pa.array([None, *end[1:]], stamp),
        "energy_kwh": [5.0 + u for _, _, u in rows],
    }
    path = tmp_path_factory.mktemp("sessions") / "sessions.parquet"
    pq.write_table(pa.table(table), path)
    return path


def stays(cars: CarSeries) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arrival slot, stay in hours and AC energy of every session."""
    at = cars.arrival_kwh >= 0.0
    arrival = np.nonzero(at)[1]
    energy_kwh = (cars.target_kwh[at].astype(float) - cars.arrival_kwh[at]) / POINT.efficiency
    return arrival, (cars.departure[at] - arrival) / 4.0, energy_kwh


def test_arrival_hours_are_elaadnls(calendar: Calendar, cars: CarSeries) -> None:
    arrival, _, _ = stays(cars)
    share = np.bincount(calendar.local_hour[arrival].astype(int), minlength=24) / arrival.size
    assert share.argmax() == 18
    assert share[[17, 18, 19]] == pytest.approx([0.121, 0.170, 0.115], abs=0.015)


def test_stays_are_elaadnls(cars: CarSeries) -> None:
    _, stay_h, _ = stays(cars)
    assert np.quantile(stay_h, [0.1, 0.5, 0.9]) == pytest.approx([1.5, 11.0, 20.3], abs=0.6)
    assert stay_h.mean() == pytest.approx(11.8, abs=0.5)


def test_energies_are_elaadnls(cars: CarSeries) -> None:
    """The 10 % quantile is the Weibull's weak end: 4.2 instead of 3.3 kWh."""
    _, _, energy_kwh = stays(cars)
    assert np.quantile(energy_kwh, 0.1) == pytest.approx(3.3, abs=1.2)
    assert np.quantile(energy_kwh, [0.5, 0.9]) == pytest.approx([19.4, 51.4], rel=0.05)
    assert energy_kwh.mean() == pytest.approx(23.9, rel=0.05)


def test_sessions_come_as_often_as_the_point_says(calendar: Calendar) -> None:
    points = [ChargePoint(sessions_per_day=0.0), ChargePoint(sessions_per_day=0.2)]
    cars = sampled_cars(calendar, points, range(20), "train")
    per_day = (cars.arrival_kwh >= 0).sum(axis=(0, 1)) / 20 / 366
    assert per_day[0] == 0 and per_day[1] == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("power_kw", [2.3, 11.0])
def test_full_power_from_arrival_meets_every_target(calendar: Calendar, power_kw: float) -> None:
    """Slot by slot with the charge point's own rules, in the float32 of the arrays."""
    point = ChargePoint(power_kw=power_kw, battery_kwh=60.0)
    cars = sampled_cars(calendar, [point], [5], "test")
    stored = 0.0
    for slot in range(calendar.n_slots):
        departure = cars.departure[0, slot, 0]
        if departure < 0:
            continue
        if cars.arrival_kwh[0, slot, 0] >= 0.0:
            stored = float(cars.arrival_kwh[0, slot, 0])
        target = float(cars.target_kwh[0, slot, 0])
        _, most = car_rules.limits_kwh(
            stored, 60.0, target, departure - slot - 1, power_kw, 0.0, point.efficiency, 0.25
        )
        stored = car_rules.stored_after_kwh(stored, most, 60.0, point.efficiency)
        if slot + 1 == departure:
            assert stored >= target


def test_arrays_say_the_same_session_throughout_a_stay(cars: CarSeries) -> None:
    plugged = cars.departure[0, :, 0] >= 0
    slots = np.arange(plugged.size)
    assert (cars.departure[0, plugged, 0] > slots[plugged]).all()
    assert (cars.target_kwh[0, :, 0] > 0).tolist() == plugged.tolist()
    assert (cars.target_kwh <= POINT.battery_kwh).all()
    changed = np.flatnonzero(np.diff(cars.departure[0, :, 0], prepend=-1) != 0)
    arrivals = np.flatnonzero(cars.arrival_kwh[0, :, 0] >= 0)
    assert set(arrivals) <= set(changed)
    assert {int(cars.departure[0, a, 0]) for a in arrivals} == set(cars.departure[0, plugged, 0].tolist())


def test_overlapping_and_outside_sessions_are_left_out() -> None:
    arrival, departure = np.array([30, -2, 10, 15, 20, 95]), np.array([40, 5, 20, 25, 30, 101])
    kept = without_overlap(Sessions(arrival, departure, np.arange(6.0)), 100)
    assert kept.arrival_s.tolist() == [10, 20, 30]
    assert kept.departure_s.tolist() == [20, 30, 40]
    assert kept.energy_kwh.tolist() == [2.0, 4.0, 0.0]


def test_energy_is_cut_to_what_the_stay_and_the_battery_allow(calendar: Calendar) -> None:
    cars = empty_cars(1, calendar.n_slots, 1)
    sessions = Sessions(np.array([0, 100]) * 900, np.array([4, 190]) * 900, np.array([50.0, 900.0]))
    lay_sessions(cars, 0, 0, sessions, POINT, calendar)
    due = cars.target_kwh[0, [0, 100], 0] - cars.arrival_kwh[0, [0, 100], 0]
    assert due == pytest.approx([11.0 * 0.95, 75.0], rel=1e-4)
    assert cars.target_kwh[0, [0, 100], 0] == pytest.approx([60.0, 75.0])


def test_seed_split_and_column_alone_decide(calendar: Calendar) -> None:
    two = sampled_cars(calendar, [POINT, POINT], [4, 7], "train")
    one = sampled_cars(calendar, [POINT], [7], "train")
    assert (two.departure[1, :, 0] == one.departure[0, :, 0]).all()
    assert (two.departure[1, :, 0] != two.departure[1, :, 1]).any()
    assert (one.departure != sampled_cars(calendar, [POINT], [7], "test").departure).any()


def test_users_are_in_one_split_each(calendar: Calendar, sessions_file: Path) -> None:
    """On the generated file, and on the real one where it is at hand."""
    for path in [sessions_file, *([REAL] if REAL.is_file() else [])]:
        users = set(read_sessions(path, BERLIN).user.tolist())
        by_split = {split: {user for user in users if split_of(user) == split} for split in SPLITS}
        assert all(by_split.values())
        assert sum(map(len, by_split.values())) == len(users)


def test_a_split_sees_only_its_users_energies(calendar: Calendar, sessions_file: Path) -> None:
    """Each user of the generated file always draws 5 kWh plus its number."""
    point = ChargePoint(power_kw=22.0)
    for split in SPLITS:
        cars = real_cars(calendar, [point] * 3, [0, 1], split, sessions_file)
        _, _, energy_kwh = stays(cars)
        seen = set(np.round(energy_kwh - 5.0).astype(int).tolist())
        assert len(seen) > 2
        assert seen <= {u for u in range(40) if split_of(f"user_{u}") == split}


def test_real_sessions_keep_weekday_clock_and_stay(calendar: Calendar, sessions_file: Path) -> None:
    """17:mm UTC is 18:mm by the clock in winter and 19:mm in summer, in the source's year and in the
    calendar's."""
    weeks = weeks_of_users(read_sessions(sessions_file, BERLIN), calendar, "train")
    arrival = np.concatenate([users[0][0] for users in weeks]) // 900
    stay_s = np.concatenate([users[0][1] - users[0][0] for users in weeks])
    inside = (arrival >= 0) & (arrival < calendar.n_slots)
    hours = set(calendar.local_hour[arrival[inside]].astype(int).tolist())
    assert hours <= {17, 18, 19}
    assert set(stay_s.tolist()) == {9 * 3600}
    assert inside.sum() == pytest.approx(182, abs=8)


def test_real_cars_are_feasible_and_seeded(calendar: Calendar, sessions_file: Path) -> None:
    path = REAL if REAL.is_file() else sessions_file
    first, again = (real_cars(calendar, [POINT] * 2, [1, 2], "test", path) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (first.departure[0] != first.departure[1]).any()
    arrival, stay_h, energy_kwh = stays(first)
    assert arrival.size > 200
    assert (energy_kwh <= POINT.power_kw * stay_h).all() and (energy_kwh > 0).all()


def test_faulty_session_files_are_refused(calendar: Calendar, sessions_file: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"user": ["a"]}), tmp_path / "columns.parquet")
    with pytest.raises(ValueError, match="columns plug_in_utc, plug_out_utc, energy_kwh are missing"):
        read_sessions(tmp_path / "columns.parquet", BERLIN)
    table = pq.read_table(sessions_file)
    zero = pa.array(np.zeros(table.num_rows))
    pq.write_table(table.set_column(3, "energy_kwh", zero), tmp_path / "zero.parquet")
    with pytest.raises(ValueError, match=r"none of its .* sessions has a stay"):
        read_sessions(tmp_path / "zero.parquet", BERLIN)
    pq.write_table(table.slice(1, 5), tmp_path / "few.parquet")
    split = split_of("user_0")
    with pytest.raises(ValueError, match=f"no user of the {split} split was active in the weeks from"):
        real_cars(calendar, [POINT], [0], split, tmp_path / "few.parquet")


# --- logs as they are found


def write_log(path: Path, rows: list[tuple[object, ...]]) -> Path:
    """Rows of user, hours from 2019-01-07 on when plugged in and out (None: unknown), and energy."""
    begin, stamp = datetime(2019, 1, 7, tzinfo=UTC), pa.timestamp("s", "UTC")

    def times(column: int) -> pa.Array:
        hours = [row[column] for row in rows]
        return pa.array([None if h is None else begin + timedelta(hours=h) for h in hours], stamp)

    users, energies = ([row[column] for row in rows] for column in (0, 3))
    table = {"user": pa.array(users, pa.string()), "plug_in_utc": times(1), "plug_out_utc": times(2)}
    pq.write_table(pa.table(table | {"energy_kwh": pa.array(energies, pa.float64())}), path)
    return path


def test_what_is_no_charging_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        ("a", 0, 8, 10.0),
        ("a", 30, None, 10.0),
        ("a", 60, 68, 0.0),
        ("a", 90, 98, None),
        ("a", 120, 120, 4.0),
        ("a", 0, 8, 10.0),
        ("b", 0, 24 * 21, 30.0),
        (None, 0, 8, 10.0),
        ("b", 400, 404, float("nan")),
        ("b", 0, 8, 10.0),
    ]
    log = write_log(tmp_path / "log.parquet", rows)
    sessions = read_sessions(log, BERLIN)
    assert sessions.user.tolist() == ["a", "b"] and sessions.stay_s.tolist() == [8 * 3600] * 2
    assert left_out(log) == {
        "no time": 1,
        "no user": 1,
        "no energy": 3,
        "no stay": 1,
        "a stay above 96 h": 1,
        "the same again": 1,
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            ("a", 8, 7, 10.0),
            r"plug_out_utc in row 1 is 2019-01-07T07:00:00; expected a time after plug_in_utc",
        ),
        (("a", 8, 9, -1.0), r"energy_kwh in row 1 is -1.0; expected kWh, at least 0, or none"),
        (("a", 8, 9, float("inf")), r"energy_kwh in row 1 is inf"),
        (("a", 8, 9, 19_960.0), r"energy_kwh is 9985 in the middle; expected what a car draws, kWh; are"),
    ],
)
def test_what_cannot_be_right_in_a_log_is_refused(
    tmp_path: Path, row: tuple[object, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_sessions(write_log(tmp_path / "log.parquet", [("a", 0, 3, 10.0), row]), BERLIN)


def test_an_empty_log_and_one_of_other_types_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it has no rows"):
        read_sessions(write_log(tmp_path / "empty.parquet", []), BERLIN)
    log = pq.read_table(write_log(tmp_path / "log.parquet", [("a", 0, 8, 10.0)]))
    pq.write_table(log.set_column(1, "plug_in_utc", pa.array([17.5])), tmp_path / "log.parquet")
    with pytest.raises(ValueError, match="plug_in_utc is a column of double; expected time stamps"):
        read_sessions(tmp_path / "log.parquet", BERLIN)


def test_columns_of_a_log_may_have_other_names_and_users_numbers(tmp_path: Path) -> None:
    log = pq.read_table(write_log(tmp_path / "log.parquet", [("7", 0, 8, 10.0), ("8", 1, 9, 11.0)]))
    log = log.set_column(0, "user", pa.array([7, 8])).rename_columns(["car", "from", "to", "kWh"])
    pq.write_table(log, tmp_path / "log.parquet")
    file = SessionFile(tmp_path / "log.parquet", user="car", plug_in="from", plug_out="to", energy="kWh")
    sessions = read_sessions(file, BERLIN)
    assert sessions.user.tolist() == ["7", "8"] and sessions.energy_kwh.tolist() == [10.0, 11.0]


def test_overlapping_sessions_of_a_log_are_laid_one_after_another(calendar: Calendar, tmp_path: Path) -> None:
    """Every Monday at 17:00 for nine hours and again at 20:00; more energy than the car holds or the charger brings."""
    rows: list[tuple[object, ...]] = []
    for user in range(40):
        for week in range(-1, 53):
            begin = 24 * 7 * week + 16
            rows += [(f"u{user}", begin, begin + 9, 400.0), (f"u{user}", begin + 3, begin + 12, 5.0)]
            rows += [(f"u{user}", begin + 30, begin + 31, 30.0)] * 3
    rows += [(f"u{user}", 9_000 + hour, 9_001 + hour, 3.0) for user in range(40) for hour in range(200)]
    file = write_log(tmp_path / "log.parquet", rows)
    cars = real_cars(calendar, [POINT], [0], "train", file)
    arrival, stay_h, energy_kwh = stays(cars)
    days = calendar.weekday[arrival] < 2
    arrival, stay_h, energy_kwh = arrival[days], stay_h[days], energy_kwh[days]
    assert energy_kwh[stay_h == 9.0] == pytest.approx(75.0 / POINT.efficiency, rel=1e-4)
    assert energy_kwh[stay_h == 1.0].max() == pytest.approx(11.0, rel=1e-4)
    assert (stay_h == 9.0).sum() == pytest.approx(52, abs=2)


def test_sessions_within_a_slot_of_each_other_are_kept_apart() -> None:
    """Hours: a car waits for the slot in which the one before it has gone, and is left out if it has left by then."""
    hours = year_calendar(2016, BERLIN, 3600)
    cars = empty_cars(1, hours.n_slots, 1)
    arrival_h, departure_h = np.array([10.5, 12.75, 13.0]), np.array([12.6, 12.95, 15.0])
    energy_kwh = np.array([60.0, 2.0, 60.0])
    sessions = Sessions((arrival_h * 3600).astype(int), (departure_h * 3600).astype(int), energy_kwh)
    lay_sessions(cars, 0, 0, sessions, POINT, hours)
    assert cars.departure[0, 9:16, 0].tolist() == [-1, 13, 13, 13, 15, 15, -1]
    due = cars.target_kwh[0, [10, 13], 0] - cars.arrival_kwh[0, [10, 13], 0]
    assert due == pytest.approx([2.1 * 11.0 * 0.95, 2.0 * 11.0 * 0.95], rel=1e-4)
