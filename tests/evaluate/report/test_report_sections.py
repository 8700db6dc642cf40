"""A week, a day on the chain's market and the members, as the report shows them."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.report.folder.node import ReportError

MONDAYS = {7: "24 February", 20: "26 May", 33: "25 August"}
"""First days of the sample run's weeks."""


def test_the_week_is_the_one_that_loads_the_transformer_most(sample, whole):
    tables = {
        seed: {week: sample.trace(week, skill, seed) for week in sample.weeks}
        for seed, skill in enumerate((0.0, 0.8))
    }
    worst = max(sample.weeks, key=lambda week: np.abs(tables[0][week]["feeder_kw"]).max())
    rule, learned = (tables[seed][worst] for seed in (0, 1))
    assert (
        f"Week {worst}, from {MONDAYS[worst]} on, is the one in which the rule loads the transformer most"
        in whole.text
    )
    assert (
        f"is {rule['feeder_kw'].max():.1f} kW then, and {learned['feeder_kw'].max():.1f} kW with"
        in whole.text
    )
    assert "rated for 100 kVA" in whole.text
    low, high = learned["min_voltage_pu"].min(), learned["max_voltage_pu"].max()
    assert f"between {100 * low:.1f}% and {100 * high:.1f}% of nominal" in whole.text


def write_week(sample, run, rule, learned):
    """One week of both controllers, each made from the sample's columns by a change of its transformer load."""
    (run / "traces").mkdir()
    for name, feeder_kw in (("rule", rule), ("learned", learned)):
        columns = sample.trace(7, 0.0, 0)
        columns["feeder_kw"] = feeder_kw(columns["feeder_kw"])
        pq.write_table(pa.table(columns), run / "traces" / f"{name}.parquet")


def test_feeding_in_can_be_the_highest_load(sample, tmp_path):
    sample.write_summary(tmp_path)
    write_week(sample, tmp_path, lambda kw: kw - 300, lambda kw: kw - 250)
    feeder_kw = sample.trace(7, 0.0, 0)["feeder_kw"]
    rule_kw, learned_kw = 300 - feeder_kw.min(), 250 - feeder_kw.min()
    page = sample.page(tmp_path)
    assert f"highest load is {rule_kw:.1f} kW then, fed into the grid, and {learned_kw:.1f} kW" in page.text


@pytest.mark.parametrize(
    ("scale", "n_lines"), [(0.01, 0), (0.8, 1), (-0.8, 1)], ids=["far below", "drawn", "fed in"]
)
def test_the_rating_is_drawn_where_the_load_comes_near(sample, tmp_path, scale, n_lines):
    sample.write_summary(tmp_path)
    write_week(sample, tmp_path, lambda kw: scale * kw, lambda kw: scale * kw)
    chart = re.search(
        r'<svg class="wide"[^>]*aria-label="Week 7.*?</svg>', sample.page(tmp_path).source, re.DOTALL
    )
    assert chart is not None
    assert chart[0].count(">rating<") == n_lines


@pytest.mark.parametrize("zone", ["none", "text", "Europe/Berlin"])
def test_local_time_may_be_naive_text_or_zoned(sample, tmp_path, zone):
    sample.write_summary(tmp_path)
    (tmp_path / "traces").mkdir()
    columns = sample.trace(7, 0.0, 0)
    if zone == "text":
        columns["local_time"] = np.datetime_as_string(columns["local_time"])
    elif zone != "none":
        utc = columns["local_time"] - np.timedelta64(1, "h")
        columns["local_time"] = pa.array(utc, pa.timestamp("s", tz=zone))
    for controller in ("rule", "learned"):
        pq.write_table(pa.table(columns), tmp_path / "traces" / f"{controller}.parquet")
    chart = re.search(
        r'<svg class="wide"[^>]*aria-label="Week 7.*?</svg>', sample.page(tmp_path).source, re.DOTALL
    )
    assert chart is not None
    assert re.findall(r">(Mon|Tue|Wed|Thu|Fri|Sat|Sun)<", chart[0]) == [
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
    ]


def test_a_community_without_batteries_has_no_panel_for_them(sample, whole, tmp_path):
    assert "Stored in batteries, %" in whole.source
    sample.write_summary(tmp_path)
    (tmp_path / "traces").mkdir()
    columns = sample.trace(7, 0.0, 0) | {"battery_soc": pa.nulls(672, pa.float32())}
    for controller in ("rule", "learned"):
        pq.write_table(pa.table(columns), tmp_path / "traces" / f"{controller}.parquet")
    page = sample.page(tmp_path)
    assert "Stored in batteries, %" not in page.source
    assert "Cars, kW" in page.source


def test_the_day_with_most_fills_is_shown(sample, whole, tmp_path):
    sample.write_fills(tmp_path)
    fills = pq.read_table(tmp_path / "chain" / "fills.parquet").to_pylist()
    day = [fill for fill in fills if fill["day"] == "2025-02-12"]
    energy_wh = sum(fill["quantity_wh"] for fill in day)
    price_ct = sum(fill["quantity_wh"] * fill["price_ct"] for fill in day) / energy_wh
    assert (
        f"The busiest day on the chain’s market (2025-02-12): {len(day)} trades among 21 traders"
        in whole.text
    )
    assert f"{energy_wh / 1000:.1f} kWh at {price_ct:.1f} ct/kWh" in whole.text


def test_members_who_pay_more_are_named_and_marked(sample, whole, tmp_path):
    sample.write_traces(tmp_path)
    rows = pq.read_table(tmp_path / "traces" / "members.parquet").to_pylist()
    by_member = {}
    for row in rows:
        by_member.setdefault(row["member"], {})[row["controller"]] = row
    more = {
        name for name, row in by_member.items() if row["learned"]["bill_eur"] - row["rule"]["bill_eur"] > 0.01
    }
    worse = [
        name
        for name, row in by_member.items()
        if sum(
            row["learned"][part] - row["rule"][part] for part in ("bill_eur", "wear_eur", "discomfort_eur")
        )
        > 0.01
    ]
    assert 0 < len(more) < len(by_member)
    marked = re.findall(r'<th scope="row" class="worse">(\w+) (\w+) ▲</th>', whole.source)
    assert {f"{kind}_{index}" for kind, index in marked} == more
    assert f"{len(more)} of 21 members" in whole.text
    assert re.search(rf"{len(worse)} (is|are) worse off", whole.text)


def test_many_who_pay_more_are_counted_and_the_worst_is_named(sample, tmp_path):
    sample.write_summary(tmp_path)
    (tmp_path / "traces").mkdir()
    names = [f"prosumer_{index}" for index in range(9)]
    rows = [
        {"controller": controller, "member": name, "kind": "prosumer", "bill_eur": 10.0 + rise * index}
        for controller, rise in (("rule", 0.0), ("learned", 0.5))
        for index, name in enumerate(names)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "traces" / "members.parquet")
    text = sample.page(tmp_path).text
    assert "8 of 9 members pay more than under the rule: most of all prosumer 8, by 4.00 EUR." in text


def test_a_trade_of_nothing_is_refused(sample, tmp_path):
    sample.write_summary(tmp_path)
    sample.write_fills(tmp_path)
    path = tmp_path / "chain" / "fills.parquet"
    fills = pq.read_table(path).to_pylist()
    fills[0]["quantity_wh"] = 0
    pq.write_table(pa.Table.from_pylist(fills), path)
    with pytest.raises(ReportError, match="quantity_wh is 0 in a fill; it must be above 0"):
        sample.page(tmp_path)
