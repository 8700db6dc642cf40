"""What is read from files of smart meters, against pandas' own time zones and against hand-made figures."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.envs.importers.findings import Finding, Findings
from gridbid.envs.importers.meter_columns import MeterOptions, meter_of, role_of, unit_of
from gridbid.envs.importers.meter_data import MeterData, read_meters

ZONE = "Europe/Berlin"
LOCAL = MeterOptions(clock="local")


def write(folder: Path, text: str, name: str = "meters.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def stamps(begin: str, end: str, step: str = "15min", form: str = "%Y-%m-%d %H:%M") -> list[str]:
    """Local stamps of Berlin from begin to before end, as a meter writes them."""
    times = pd.date_range(begin, end, freq=step, tz=ZONE, inclusive="left")
    return list(times.strftime(form))


def wide(
    times: Sequence[str], *columns: Sequence[object], header: str = "time,a_kwh,b_kwh,c_kwh", sep: str = ","
) -> str:
    head = sep.join(header.split(",")[: 1 + len(columns)])
    return "\n".join([head, *(sep.join(map(str, row)) for row in zip(times, *columns, strict=True))]) + "\n"


def read(path: Path, options: MeterOptions = LOCAL) -> MeterData:
    data, findings = read_meters(path, options, ZONE)
    findings.refuse_faults()
    assert data is not None
    return data


def found(path: Path, options: MeterOptions = LOCAL) -> Findings:
    return read_meters(path, options, ZONE)[1]


def only(findings: Findings, severity: str = "fault") -> Finding:
    (one,) = [finding for finding in findings.found if finding.severity == severity]
    return one


def values(n: int, seed: int = 0) -> np.ndarray:
    return np.round(np.random.default_rng(seed).gamma(1.5, 0.1, n), 4)


@pytest.mark.parametrize(
    ("begin", "end"),
    [("2023-03-24", "2023-03-28"), ("2023-10-27", "2023-10-31"), ("2024-02-27", "2024-03-02")],
)
def test_a_local_clock_with_its_changes_and_a_leap_day_becomes_utc(
    tmp_path: Path, begin: str, end: str
) -> None:
    """pandas knows the zone by itself: every interval lies where it says."""
    truth = pd.date_range(begin, end, freq="15min", tz=ZONE, inclusive="left")
    kwh = values(truth.size)
    data = read(write(tmp_path, wide(stamps(begin, end), kwh)))
    assert data.series.start_s == truth[0].timestamp()
    assert (data.series.step_s, data.series.kw.shape) == (900, (truth.size, 1))
    assert data.series.kw[:, 0] == pytest.approx(kwh * 4.0)


def test_a_change_of_clocks_within_the_file_shows_that_the_clock_is_local(tmp_path: Path) -> None:
    for begin, end in (("2023-03-20", "2023-03-31"), ("2023-10-20", "2023-11-02")):
        times = stamps(begin, end)
        told = found(write(tmp_path, wide(times, values(len(times)))), MeterOptions())
        assert not told.of("fault")
        assert told.facts["clock"] == "Europe/Berlin, with daylight saving"


def test_a_clock_without_changes_or_out_of_their_sight_is_asked_for(tmp_path: Path) -> None:
    utc = [str(t)[:16] for t in pd.date_range("2023-03-20", "2023-03-31", freq="15min")]
    for times in (utc, stamps("2023-05-01", "2023-05-09")):
        told = only(found(write(tmp_path, wide(times, values(len(times)))), MeterOptions()))
        assert "say --clock" in told.remedy


@pytest.mark.parametrize(
    ("clock", "shift_h"), [("utc", 0), ("+01:00", 1), ("-0330", -3.5), ("Europe/Lisbon", 0), ("local", 1)]
)
def test_a_clock_may_be_named(tmp_path: Path, clock: str, shift_h: float) -> None:
    times = [str(t)[:16] for t in pd.date_range("2023-01-02", "2023-01-03", freq="1h", inclusive="left")]
    path = write(tmp_path, wide(times, values(24)))
    start_s = read(path, MeterOptions(clock=clock, stamps="start")).series.start_s
    assert start_s == pd.Timestamp("2023-01-02", tz="UTC").timestamp() - shift_h * 3600


def test_offsets_in_the_stamps_count(tmp_path: Path) -> None:
    truth = pd.date_range("2023-10-28", "2023-10-31", freq="30min", tz=ZONE, inclusive="left")
    for form in (lambda t: t.isoformat(), lambda t: t.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")):
        path = write(tmp_path, wide([form(t) for t in truth], values(truth.size)))
        series = read(path, MeterOptions()).series
        assert (series.start_s, series.step_s, series.kw.shape[0]) == (truth[0].timestamp(), 1800, truth.size)


def test_an_hour_that_the_clock_skips_is_refused_unless_it_is_empty(tmp_path: Path) -> None:
    times = [str(t)[:16] for t in pd.date_range("2023-03-25", "2023-03-28", freq="1h", inclusive="left")]
    full = list(values(len(times)))
    fault = only(found(write(tmp_path, wide(times, full))))
    assert (fault.rows, fault.value) == ((28,), "2023-03-26 02:00:00")
    full[26] = ""
    assert not found(write(tmp_path, wide(times, full))).of("fault")


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("%d.%m.%Y %H:%M", MeterOptions()),
        ("%Y/%m/%d %H:%M:%S", MeterOptions()),
        ("%Y-%m-%dT%H:%M:%S.000", MeterOptions()),
        ("%m/%d/%Y %I:%M %p", MeterOptions()),
        ("%d/%m/%Y %H:%M", MeterOptions()),
    ],
)
def test_usual_forms_of_dates(tmp_path: Path, form: str, options: MeterOptions) -> None:
    times = stamps("2023-10-20", "2023-11-02", form=form)
    told = found(write(tmp_path, wide(times, values(len(times)))), options)
    assert not told.of("fault")
    assert told.facts["period"] == "2023-10-19 22:00:00 to 2023-11-01 23:00:00 UTC"


def test_day_and_month_that_can_be_either_are_asked_for(tmp_path: Path) -> None:
    times = stamps("2023-02-01", "2023-02-02", form="%d/%m/%Y %H:%M")
    path = write(tmp_path, wide(times, values(96)))
    assert "say --date-order" in only(found(path)).remedy
    for order, month in (("dmy", 2), ("mdy", 1)):
        start_s = read(path, MeterOptions(clock="utc", date_order=order, stamps="start")).series.start_s
        assert pd.Timestamp(start_s, unit="s").month == month


def test_date_and_time_in_two_columns_with_24_00_and_decimal_commas(tmp_path: Path) -> None:
    days = [day for day in ("30.03.2023", "31.03.2023") for _ in range(96)]
    hours = [
        f"{(quarter + 1) // 4:02d}:{(quarter + 1) % 4 * 15:02d}" for _ in range(2) for quarter in range(96)
    ]
    kw = values(192)
    lines = [
        f"{day};{hour};{str(value).replace('.', ',')}"
        for day, hour, value in zip(days, hours, kw, strict=True)
    ]
    path = write(tmp_path, "Datum;Uhrzeit;Zähler 1 [kW]\n" + "\n".join(lines), encoding="cp1252")
    data = read(path)
    assert data.meters == ("Zähler_1",)
    assert data.series.start_s == pd.Timestamp("2023-03-30", tz=ZONE).timestamp()
    assert data.series.kw[:, 0] == pytest.approx(kw)


def test_ends_of_intervals_are_recognised_in_a_file_of_whole_days(tmp_path: Path) -> None:
    times = list(pd.date_range("2023-06-01 00:15", "2023-06-04", freq="15min").strftime("%Y-%m-%d %H:%M"))
    told = found(write(tmp_path, wide(times, values(len(times)))))
    assert told.facts["stamps"] == "end of the interval"
    assert told.facts["period"].startswith("2023-05-31 22:00:00")
    told = found(write(tmp_path, wide(times[3:-7], values(len(times) - 10))))
    assert "say --stamps" in only(told).remedy


@pytest.mark.parametrize(
    ("unit", "kw_per_value"),
    [("kW", 1.0), ("W", 0.001), ("MW", 1000.0), ("kWh", 4.0), ("Wh", 0.004), ("MWh", 4000.0)],
)
def test_units_in_names_and_by_option(tmp_path: Path, unit: str, kw_per_value: float) -> None:
    times, amounts = stamps("2023-06-01", "2023-06-03"), values(192)
    for header, options in (
        (f"time,house 1 [{unit}]", LOCAL),
        ("time,house 1", MeterOptions(clock="local", unit=unit)),
    ):
        data = read(write(tmp_path, wide(times, amounts, header=header)), options)
        assert data.series.kw[:, 0] == pytest.approx(amounts * kw_per_value)


def test_a_unit_that_nothing_says_is_asked_for(tmp_path: Path) -> None:
    told = found(write(tmp_path, wide(stamps("2023-06-01", "2023-06-03"), values(192), header="time,a")))
    assert "say --unit" in only(told).remedy


def test_a_register_is_recognised_and_its_gaps_keep_their_energy(tmp_path: Path) -> None:
    kwh = values(400)
    register = np.round(np.cumsum(kwh) + 1234.5, 4)
    rows: list[object] = list(register)
    rows[100:103] = ["", "", ""]
    path = write(tmp_path, wide(stamps("2023-06-01", "2023-06-06")[:400], rows, header="time,a_kwh"))
    told = found(path)
    assert told.facts["units"] == "kWh-register"
    series = read(path).series
    assert series.kw[:, 0].sum() / 4.0 == pytest.approx(register[-1] - register[0])
    assert series.kw[99:103, 0] == pytest.approx(np.full(4, (register[103] - register[99]) / 4 * 4))
    assert series.kw[200, 0] == pytest.approx(kwh[201] * 4.0)
    assert "from the register" in only(told, "warning").remedy


def test_a_register_that_is_reset_or_full(tmp_path: Path) -> None:
    rise = np.round(values(2 * 672), 3) + 0.001
    register = np.cumsum(rise) + 99_999.0 - np.cumsum(rise)[700]
    full = np.where(register >= 100_000.0, register - 100_000.0, register)
    reset = np.where(np.arange(register.size) > 900, register - register[901], register)
    times = stamps("2023-06-01", "2023-06-15")
    options = MeterOptions(clock="local", unit="kWh-register")
    for readings, word in ((full, "starts again"), (reset, "reset")):
        path = write(tmp_path, wide(times, np.round(readings, 4), header="time,a"))
        told = found(path, options)
        assert any(word in str(warning) for warning in told.of("warning"))
        kw = read(path, options).series.kw[:, 0]
        right = np.delete(rise[1:] * 4.0, 900)
        assert np.delete(kw, 900) == pytest.approx(right, abs=1e-3)


def test_long_files_with_directions_make_net_loads_and_generation(tmp_path: Path) -> None:
    times = stamps("2023-06-01", "2023-06-03")
    lines = ["meter_id;obis;timestamp;value [kWh]"]
    for meter in ("m1", "m2"):
        for code, amount in (("1.8.0", 0.5), ("2.8.0", 0.2)):
            lines += [f"{meter};{code};{time};{amount}" for time in times]
    data = read(write(tmp_path, "\n".join(lines)))
    assert (data.meters, data.generators) == (("m1", "m2"), ())
    assert data.series.kw == pytest.approx(np.full((192, 2), 1.2))


def test_generation_columns_become_pv(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        wide(
            stamps("2023-06-01", "2023-06-03"), values(192), values(192, 1), values(192, 2),
            header="time,h1_load_kwh,h1_pv_kwh,h2_load_kwh",
        ),
    )  # fmt: skip
    data = read(path)
    assert (data.meters, data.generators) == (("h1", "h2"), ("h1",))
    assert data.series.kw == pytest.approx(
        np.column_stack([values(192), values(192, 2), values(192, 1)]) * 4.0
    )


def test_parquet_with_a_zone_is_read_like_csv(tmp_path: Path) -> None:
    truth = pd.date_range("2023-10-28", "2023-10-31", freq="15min", tz=ZONE, inclusive="left")
    kw = values(truth.size)
    pq.write_table(pa.table({"time": pa.array(truth), "a_kw": kw}), tmp_path / "meters.parquet")
    data = read(tmp_path / "meters.parquet", MeterOptions())
    assert data.series.start_s == truth[0].timestamp()
    assert data.series.kw[:, 0] == pytest.approx(kw)


@pytest.mark.parametrize("step", ["1s", "10s", "1min", "5min", "30min", "1h"])
def test_steps_of_a_second_to_an_hour(tmp_path: Path, step: str) -> None:
    end = "2023-06-01 03:00" if step.endswith("s") else "2023-06-08"
    times = stamps("2023-06-01", end, step=step, form="%Y-%m-%d %H:%M:%S")
    options = MeterOptions(clock="local", stamps="start")
    series = read(write(tmp_path, wide(times, values(len(times)), header="time,a_kw")), options).series
    assert series.step_s == pd.Timedelta(step).total_seconds()
    assert series.kw.shape[0] == len(times)


def test_a_step_above_an_hour_is_refused(tmp_path: Path) -> None:
    times = stamps("2023-06-01", "2023-06-30", step="1D")
    assert "1 s to 1 h" in only(found(write(tmp_path, wide(times, values(len(times)))))).remedy


def test_missing_rows_are_filled_by_line_or_from_the_week_before_and_told(tmp_path: Path) -> None:
    times = stamps("2023-06-01", "2023-07-01")
    kwh = values(len(times))
    gone = {*range(1500, 1503), *range(2000, 2020)}
    kept = [i for i in range(len(times)) if i not in gone]
    path = write(tmp_path, wide([times[i] for i in kept], [kwh[i] for i in kept]))
    warning = only(found(path), "warning")
    assert warning.value == "23 intervals missing"
    assert "3 by a straight line, 20 from the weeks near by" in warning.remedy
    assert (warning.count, warning.rows[0]) == (23, 1501)
    kw = read(path).series.kw[:, 0]
    assert kw[2000:2020] == pytest.approx(kwh[2000 - 672 : 2020 - 672] * 4.0)
    assert kw[1500:1503] == pytest.approx(np.linspace(kwh[1499], kwh[1503], 5)[1:4] * 4.0)


def test_too_many_missing_values_are_refused(tmp_path: Path) -> None:
    times = stamps("2023-06-01", "2023-07-01")
    rows: list[object] = list(values(len(times)))
    rows[100:600] = ["NA"] * 500
    path = write(tmp_path, wide(times, rows, values(len(times))))
    fault = only(found(path))
    assert (fault.field, "--most-filled" in fault.remedy) == ("column a_kwh", True)
    assert not found(path, MeterOptions(clock="local", most_filled=0.2)).of("fault")
    assert read(path, MeterOptions(clock="local", leave_out=("a",))).meters == ("b",)


def test_rows_that_stand_twice(tmp_path: Path) -> None:
    times, kwh = stamps("2023-06-01", "2023-06-03"), values(192)
    again = write(tmp_path, wide([*times, times[5]], [*kwh, kwh[5]]))
    assert only(found(again), "warning").rows == (194,)
    assert read(again).series.kw[:, 0] == pytest.approx(kwh * 4.0)
    other = write(tmp_path, wide([*times, times[5]], [*kwh, 1.0]))
    assert only(found(other)).remedy == "keep one, or say --duplicates last or mean"
    for policy, wanted in (("last", 1.0), ("mean", (kwh[5] + 1.0) / 2.0)):
        series = read(other, MeterOptions(clock="local", duplicates=policy)).series
        assert series.kw[5, 0] == pytest.approx(wanted * 4.0)


def spoil_number(rows: list[object]) -> None:
    rows[3:5] = ["1.234.5", "x"]


def spoil_unit(rows: list[object]) -> None:
    rows[:] = [float(str(value)) * 1e6 for value in rows]


def spoil_sign(rows: list[object]) -> None:
    rows[:] = [-float(str(value)) for value in rows]


@pytest.mark.parametrize(
    ("spoil", "field", "value", "remedy"),
    [
        (spoil_number, "column a_kwh", "'1.234.5'", "without signs between thousands"),
        (spoil_unit, "column a_kwh", "kW", "is the unit right"),
        (spoil_sign, "column a_kwh", "kW", "--flip-sign"),
    ],
)
def test_values_that_cannot_be_right_are_refused_with_row_and_remedy(
    tmp_path: Path, spoil: Callable[[list[object]], None], field: str, value: str, remedy: str
) -> None:
    rows: list[object] = list(values(192) + 0.001)
    spoil(rows)
    fault = only(found(write(tmp_path, wide(stamps("2023-06-01", "2023-06-03"), rows))))
    assert fault.field == field
    assert value in fault.value
    assert remedy in fault.remedy
    assert fault.rows[0] >= 2


def test_odd_values_are_warned_of_and_taken(tmp_path: Path) -> None:
    n = 14 * 96
    base = values(n) + 0.01
    spike, stuck, silent, partly = base.copy(), base.copy(), np.zeros(n), base.copy()
    spike[700] = 300.0
    stuck[200:320] = 0.0777
    partly[10] = -0.3
    text = wide(
        stamps("2023-06-01", "2023-06-15"), spike, stuck, silent, partly,
        header="time,spike_kwh,stuck_kwh,silent_kwh,partly_kwh",
    )  # fmt: skip
    told = {finding.field: finding for finding in found(write(tmp_path, text)).of("warning")}
    assert told["column spike_kwh"].rows == (702,)
    assert told["column stuck_kwh"].rows == (202,)
    assert "0 in the whole period" in told["column silent_kwh"].value
    assert told["column partly_kwh"].rows == (12,)
    assert read(write(tmp_path, text)).series.kw[700, 0] == 1200.0


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    times = stamps("2023-06-01", "2023-06-03")
    times[7] = "2023-13-01 00:00"
    rows: list[object] = list(values(192))
    rows[9] = "broken"
    text = wide(times, rows, values(192)) + "1,2\n"
    told = found(write(tmp_path, text)).of("fault")
    assert [fault.field for fault in told] == ["row", "column a_kwh", "column time"]
    assert [fault.rows for fault in told] == [(194,), (11,), (9,)]
    with pytest.raises(ValueError, match=r"meters.csv has 3 kind\(s\) of fault"):
        read(tmp_path / "meters.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected a header"),
        ("time,a_kwh\n", "expected at least a week"),
        ("a,b\n1,2\n3,4\n", "no column of time stamps"),
        ("time,a,a\n2023-01-01 00:00,1,2\n", "stands twice in the header"),
    ],
)
def test_files_without_a_series_are_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in str(only(found(write(tmp_path, text))))


def test_names_say_meter_role_and_unit() -> None:
    assert [meter_of(name) for name in ("house_1_load_kwh", "MAC000002 [kWh/hh]", "kWh")] == [
        "house_1",
        "MAC000002",
        "kWh",
    ]
    assert [unit_of(name) for name in ("a_kwh", "Leistung (W)", "Zählerstand kWh", "a")] == [
        "kWh",
        "W",
        "kWh-register",
        None,
    ]
    assert [role_of(name) for name in ("a_pv", "Einspeisung", "1-0:2.8.0", "x")] == [
        "pv",
        "export",
        "export",
        None,
    ]
