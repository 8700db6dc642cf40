"""The year of the built-in scenarios: shapes, sums and splits."""

import datetime
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.timeline.year import YearData, build_year, weeks_of

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GRIDBID_DATA", ROOT.parent / "shared" / "data"))
SLOTS = 35_136


@pytest.fixture(scope="module")
def rural() -> Scenario:
    return load_scenario("rural")


@pytest.fixture(scope="module")
def year(rural: Scenario) -> YearData:
    return build_year(rural, [0, 1], split="test")


def test_arrays_have_their_shapes_and_lie_in_one_piece(year: YearData) -> None:
    shapes = {
        "utc_start": (SLOTS,),
        "load_kw": (SLOTS, 21),
        "pv_kw": (SLOTS, 21),
        "heat_kw": (SLOTS, 21),
        "spot_ct": (2, SLOTS),
        "carbon_g": (2, SLOTS),
        "ev_column": (21,),
        "ev_departure": (2, SLOTS, 7),
        "ev_arrival_kwh": (2, SLOTS, 7),
        "ev_target_kwh": (2, SLOTS, 7),
    }
    for name, shape in shapes.items():
        array = getattr(year, name)
        assert array.shape == shape and array.flags.c_contiguous, name
    assert year.ev_column.tolist() == [-1] * 14 + list(range(7))


def test_profiles_are_scaled_by_their_seats(rural: Scenario, year: YearData) -> None:
    for i, seat in enumerate(rural.metered):
        if seat.load is None:
            assert not year.load_kw[:, i].any()
            continue
        late = seat.load.lag_rows
        wanted = seat.load.rated_kw * rural.profiles[seat.load.profile].astype(float)
        assert year.load_kw[late:, i] == pytest.approx(wanted[: SLOTS - late], abs=1e-5)


def test_heat_is_electricity_times_cop(rural: Scenario, year: YearData) -> None:
    pumps = [seat.heat_pump for seat in rural.metered]
    for i, pump in enumerate(pumps):
        if pump is None:
            assert not year.heat_kw[:, i].any()
        else:
            assert year.heat_kw[:, i].max() == pytest.approx(pump.power_kw * pump.cop, rel=1e-6)


def test_pv_is_dark_at_night_and_never_negative(year: YearData) -> None:
    assert (year.pv_kw >= 0).all()
    assert not year.pv_kw[(year.local_hour < 3) | (year.local_hour >= 23)].any()


def test_the_feeder_exports_more_than_its_transformer_carries(rural: Scenario, year: YearData) -> None:
    """Without flexible devices the year has a few hundred hours above 160 kVA, around summer noon."""
    pumps = [seat.heat_pump for seat in rural.metered]
    cop = np.array([pump.cop if pump else 1.0 for pump in pumps])
    net_kw = (year.load_kw - year.pv_kw + year.heat_kw / cop).sum(axis=1)
    over = net_kw < -160.0
    assert 200 < over.sum() / 4 < 400
    assert ((year.local_hour[over] > 8) & (year.local_hour[over] < 18)).all()


def test_splits_are_disjoint_and_cover_the_complete_weeks(rural: Scenario, year: YearData) -> None:
    train, validation, test = (set(weeks_of(rural, split)) for split in ("train", "validation", "test"))
    assert test == {3, 7, 16, 20, 29, 33, 42, 46} and validation == {11, 24, 37, 50}
    assert not train & validation and not train & test and not validation & test
    assert train | validation | test == set(year.complete_weeks()) == set(range(1, 52))


def test_local_mondays_are_pythons(year: YearData) -> None:
    for week in year.complete_weeks():
        monday = datetime.date.fromisocalendar(2016, week, 1)
        assert year.local_start[year.week_start(week)] == np.datetime64(monday)


def test_the_same_seeds_give_the_same_year(rural: Scenario, year: YearData) -> None:
    again = build_year(rural, [0, 1], split="test")
    for name, array in vars(year).items():
        assert np.array_equal(array, getattr(again, name)), name


def test_real_series_are_taken_only_when_named(rural: Scenario, year: YearData, tmp_path: Path) -> None:
    """On the real series where they are at hand; on generated files of the same form where not."""
    prices, sessions = real_files(tmp_path)
    real = build_year(rural, [0, 1], split="test", prices=prices, sessions=sessions)
    assert (real.spot_ct[0] == real.spot_ct[1]).all() and (year.spot_ct[0] != year.spot_ct[1]).any()
    assert (real.ev_departure[0] != real.ev_departure[1]).any()
    for name in ("spot_ct", "carbon_g", "ev_departure", "ev_arrival_kwh", "ev_target_kwh"):
        ours, theirs = getattr(real, name), getattr(year, name)
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    assert (real.load_kw == year.load_kw).all()


def real_files(scratch: Path) -> tuple[Path, Path]:
    prices, sessions = DATA / "smard_de_2025_hourly.parquet", DATA / "ev_home_sessions_norway.parquet"
    if prices.is_file() and sessions.is_file():
        return prices, sessions
    stamp = pa.timestamp("ns", "UTC")
    hours = np.datetime64("2024-12-31T23", "h") + np.arange(8760)
    figures = np.linspace(-50.0, 250.0, 8760)
    table = {"time_utc": pa.array(hours.astype("datetime64[ns]"), stamp)}
    table |= {"price_eur_per_mwh": figures, "ci_g_per_kwh": figures + 100.0}
    pq.write_table(pa.table(table), scratch / "prices.parquet")
    users = np.repeat(np.arange(40), 400)
    days, minutes = np.timedelta64(1, "D"), np.timedelta64(15, "m")
    plug_in = np.datetime64("2018-12-01T17", "ns") + np.tile(np.arange(400), 40) * days + users * minutes
    table = {"user": [f"user_{u}" for u in users], "plug_in_utc": pa.array(plug_in, stamp)}
    table |= {
        "plug_out_utc": pa.array(plug_in + np.timedelta64(9, "h"), stamp),
        "energy_kwh": 8.0 + users / 10.0,
    }
    pq.write_table(pa.table(table), scratch / "sessions.parquet")
    return scratch / "prices.parquet", scratch / "sessions.parquet"


def test_wrong_arguments_are_named(rural: Scenario) -> None:
    with pytest.raises(ValueError, match="split: 'exam'; expected one of train, validation, test"):
        build_year(rural, [0], split="exam")
    with pytest.raises(ValueError, match="split: 'exam'"):
        weeks_of(rural, "exam")
    with pytest.raises(ValueError, match=r"seeds: \[\]; expected at least one"):
        build_year(rural, [])
    with pytest.raises(ValueError, match=r"seeds: \[-1\]"):
        build_year(rural, [-1])
