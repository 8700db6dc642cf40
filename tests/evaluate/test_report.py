"""The report says what the run's files say, in one file that needs nothing else."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.charts import PALETTE
from gridbid.evaluate.report import write_report
from gridbid.evaluate.run_folder import ReportError

THIN_SPACE = "\u202f"
SLOTS = np.arange(672)
WEEKS = (7, 20, 33)

SUMMARY: dict[str, Any] = {
    "scenario": {
        "name": "rural",
        "title": "Rural feeder",
        "n_members": 21,
        "sha256": "9f2c" * 16,
        "transformer_kva": 100.0,
    },
    "controllers": {
        "nothing": {
            "bill_eur": 1702.31,
            "j_eur": 1731.77,
            "co2_kg": 2411.6,
            "peak_kw": 131.2,
            "self_consumption": 0.412,
            "self_sufficiency": 0.187,
            "overload_kwh": 14.2,
            "traded_kwh": 0.0,
        },
        "zero_intelligence": {
            "bill_eur": 1648.02,
            "j_eur": 1689.51,
            "co2_kg": 2377.1,
            "peak_kw": 139.9,
            "self_consumption": 0.448,
            "self_sufficiency": 0.204,
            "overload_kwh": 19.7,
            "traded_kwh": 611.3,
        },
        "rule": {
            "bill_eur": 1559.48,
            "j_eur": 1587.25,
            "co2_kg": 2280.4,
            "peak_kw": 128.6,
            "self_consumption": 0.583,
            "self_sufficiency": 0.266,
            "overload_kwh": 12.9,
            "traded_kwh": 702.8,
        },
        "optimum": {
            "bill_eur": 1301.12,
            "j_eur": 1318.25,
            "co2_kg": 2011.9,
            "peak_kw": 92.4,
            "self_consumption": 0.791,
            "self_sufficiency": 0.362,
            "overload_kwh": 0.0,
            "traded_kwh": None,
        },
        "learned": {
            "bill_eur": 1388.66,
            "j_eur": 1410.05,
            "co2_kg": 2107.3,
            "peak_kw": 103.7,
            "self_consumption": 0.724,
            "self_sufficiency": 0.331,
            "overload_kwh": 1.3,
            "traded_kwh": 893.5,
        },
    },
    "S": 0.6587,
    "S_interval": [0.61, 0.7],
    "weeks": list(WEEKS),
    "parity": {"fills": 1342, "mismatches": 0, "days": ["2025-02-12", "2025-05-14"]},
    "residuals": {"energy_wh": 0, "cash_neur": 0},
    "chain": {"transactions": 4127, "gas_by_action": {"place": 48213, "one_fill": 55102, "cancel": 44871}},
    "learning_curve": [
        {
            "seconds": 11.0 * step,
            "iteration": step,
            "agent_steps": 268_800 * step,
            "return": {
                "prosumer": -34.0 + 9.5 * (1 - 0.93**step),
                "battery": -1.5 + 4.0 * (1 - 0.9**step),
                "ev": -12.5 + 3.2 * (1 - 0.95**step),
            },
        }
        for step in range(1, 61)
    ],
    "stages_s": {"compile": 2.1, "train": 661.4, "evaluate": 92.3, "chain": 38.8},
    "versions": {"gridbid": "0.1.0", "numba": "0.68.0"},
}

KIND_OF_MEMBER = (
    {f"prosumer_{i}": "prosumer" for i in range(13)}
    | {"battery_0": "battery"}
    | {f"ev_{i}": "ev" for i in range(7)}
)


def trace(week: int, skill: float, seed: int) -> dict[str, Any]:
    """A plausible week: ``skill`` 0..1 moves cars and batteries away from the evening peak."""
    draw = np.random.default_rng(1000 * week + seed)
    weather = np.random.default_rng(week)
    hour = SLOTS % 96 / 4
    cloud = np.repeat(weather.uniform(0.3, 1.0, 7), 96)
    sun = np.clip(np.sin((hour - 6) / 14 * np.pi), 0, None) * (hour > 6) * (hour < 20)
    pv_kw = 62 * sun * cloud
    load_kw = (
        16
        + 14 * np.exp(-((hour - 19) ** 2) / 8)
        + 6 * np.exp(-((hour - 8) ** 2) / 4)
        + draw.normal(0, 1.2, 672)
    )
    evening = np.exp(-((hour - 18.5) ** 2) / 5)
    night = np.exp(-((hour - 3) ** 2) / 12) + np.exp(-((hour - 27) ** 2) / 12)
    car_kw = 44 * ((1 - skill) * evening + 0.65 * skill * night)
    heat_pump_kw = 9 + 4 * np.cos((hour - 5) / 24 * 2 * np.pi)
    battery_kw = (8 + 10 * skill) * (cloud * np.clip(sun - 0.2, 0, None) - 0.9 * evening)
    soc = 0.5 + (np.cumsum(battery_kw) - np.cumsum(battery_kw)[-1] * SLOTS / 672) * 0.25 / 210
    traded_wh = np.floor(np.clip(draw.normal(3000, 900, 672) * (sun + 0.2), 0, None))
    retail_ct = np.repeat(
        29 + 8 * np.sin((np.arange(168) % 24 - 13) / 12 * np.pi) + weather.normal(0, 1, 168), 4
    )
    price_ct = np.where(
        traded_wh > 500, 9 + (retail_ct - 14) * (0.6 - 0.35 * sun) + draw.normal(0, 0.6, 672), np.nan
    )
    feeder_kw = load_kw + car_kw + heat_pump_kw + battery_kw - pv_kw
    feeder_kw *= 1.6
    monday = np.datetime64("2025-01-06") + np.timedelta64(7 * week, "D")
    return {
        "week": np.full(672, week),
        "slot": SLOTS,
        "local_time": (monday + SLOTS * np.timedelta64(15, "m")).astype("datetime64[s]"),
        "feeder_kw": feeder_kw,
        "retail_ct": retail_ct,
        "feed_in_ct": np.full(672, 7.86),
        "mean_price_ct": pa.array(price_ct, from_pandas=True),
        "traded_wh": traded_wh,
        "battery_soc": soc,
        "car_kw": car_kw,
        "heat_pump_kw": heat_pump_kw,
        "pv_kw": pv_kw,
        "load_kw": load_kw,
        "min_voltage_pu": 1.0 - feeder_kw / 3000,
        "max_voltage_pu": 1.01 + pv_kw / 3000,
        "carbon_g": 380 - 150 * sun,
    }


def write_traces(run: Path) -> None:
    """Traces of the rule and the learned controller, and bills by member."""
    folder = run / "traces"
    folder.mkdir()
    for seed, (controller, skill) in enumerate({"rule": 0.0, "learned": 0.8}.items()):
        weeks = [pa.table(trace(week, skill, seed)) for week in WEEKS]
        pq.write_table(pa.concat_tables(weeks), folder / f"{controller}.parquet")
    draw = np.random.default_rng(5)
    base = draw.uniform(-20, 160, len(KIND_OF_MEMBER))
    change = {"rule": 0.0, "learned": draw.normal(-8, 7, len(KIND_OF_MEMBER))}
    tables = [
        pa.table(
            {
                "controller": [controller] * len(KIND_OF_MEMBER),
                "member": list(KIND_OF_MEMBER),
                "kind": list(KIND_OF_MEMBER.values()),
                "bill_eur": base + extra,
                "wear_eur": draw.uniform(0, 2, len(KIND_OF_MEMBER)),
                "discomfort_eur": draw.uniform(0, 1, len(KIND_OF_MEMBER)),
            }
        )
        for controller, extra in change.items()
    ]
    pq.write_table(pa.concat_tables(tables), folder / "members.parquet")


def write_fills(run: Path) -> None:
    """Two days of fills, the first with more of them."""
    draw = np.random.default_rng(9)
    days = np.repeat(["2025-02-12", "2025-05-14"], [802, 540])
    slot = np.clip(draw.normal(54, 15, 1342), 0, 95).astype(int)
    names = np.array(list(KIND_OF_MEMBER))
    (run / "chain").mkdir()
    pq.write_table(
        pa.table(
            {
                "day": days,
                "slot": slot,
                "taker": draw.choice(names, 1342),
                "maker": draw.choice(names, 1342),
                "tick": draw.integers(40, 120, 1342),
                "quantity_wh": draw.integers(20, 1500, 1342),
                "price_ct": 17 + 5 * np.cos(slot / 96 * 2 * np.pi) + draw.normal(0, 1.5, 1342),
            }
        ),
        run / "chain" / "fills.parquet",
    )


def write_summary(run: Path, change: Callable[[dict[str, Any]], Any] | None = None) -> None:
    """The sample summary, changed in place by ``change``."""
    summary = deepcopy(SUMMARY)
    if change is not None:
        change(summary)
    (run / "summary.json").write_text(json.dumps(summary))


def write_run(run: Path) -> Path:
    """A whole run with every optional part."""
    run.mkdir(parents=True)
    write_summary(run)
    write_traces(run)
    write_fills(run)
    return run


class Page(HTMLParser):
    """A page as its visible text, its tags' attributes and its ids."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._texts: list[str] = []
        self._in_style = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self._texts.append(data)

    @property
    def text(self) -> str:
        """Visible text with single spaces; narrow spaces between digits and at units are gone."""
        joined = " ".join(self._texts).replace(THIN_SPACE, "").replace("\u00a0", " ")
        return re.sub(r"\s+([.,:;])", r"\1", " ".join(joined.split()))

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report of a run that has everything."""
    return Page(write_report(write_run(tmp_path_factory.mktemp("runs") / "demo")))


def bare_page(run: Path, change: Callable[[dict[str, Any]], Any] | None = None) -> Page:
    """The report of a run that left only its summary."""
    write_summary(run, change)
    return Page(write_report(run))


def shown(value: float, digits: int) -> str:
    """A number as a reader sees it, without its narrow spaces."""
    return f"{value:.{digits}f}".replace("-", "−")


def set_score(score: float, interval: list[float] | None) -> Callable[[dict[str, Any]], None]:
    """A change of the summary to another score, with the learned costs that go with it."""

    def change(summary: dict[str, Any]) -> None:
        rule, optimum = (summary["controllers"][name]["j_eur"] for name in ("rule", "optimum"))
        summary["controllers"]["learned"]["j_eur"] = rule - score * (rule - optimum)
        summary["S"] = score
        summary["S_interval"] = interval

    return change


def test_one_file_needs_nothing_else(whole: Page) -> None:
    tags = {tag for tag, _ in whole.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert "http" not in whole.source
    assert "@import" not in whole.source
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", whole.source))
    assert all(target.startswith("#") for target in whole.values("href"))
    assert len(whole.source.encode()) < 2_000_000


def test_ids_are_unique_and_all_references_lead_somewhere(whole: Page) -> None:
    ids = whole.values("id")
    assert len(ids) == len(set(ids))
    references = whole.values("href") + re.findall(r"url\((#[^)]*)\)", whole.source)
    assert {reference.removeprefix("#") for reference in references} <= set(ids)


def test_charts_have_a_description_and_only_the_page_s_colours(whole: Page) -> None:
    charts = re.findall(r"<svg.*?</svg>", whole.source, flags=re.DOTALL)
    assert len(charts) == 10  # five charts, for wide and for narrow pages
    for chart in charts:
        assert re.match(
            r'<svg class="(wide|narrow)" viewBox="[\d. ]+" role="img" aria-label="[^"]{20,}">', chart
        )
        assert not re.search(r"(fill|stroke): ?#|font-family", chart)
        assert set(re.findall(r"var\(--(\w+)\)", chart)) <= set(PALETTE)
        assert "nan" not in chart.lower()


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_paper_as_wcag_asks(theme: int) -> None:
    def luminance(color: str) -> float:
        parts = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    paper = luminance(PALETTE["paper"][theme])
    card = luminance(PALETTE["card"][theme])
    for name in ("ink", "muted", "learned", "good", "bad"):
        text = luminance(PALETTE[name][theme])
        for background in (paper, card):
            low, high = sorted((text, background))
            assert (high + 0.05) / (low + 0.05) >= 4.5, name


def test_all_figures_of_the_summary_appear(whole: Page) -> None:
    digits = {"self_consumption": 1, "self_sufficiency": 1, "bill_eur": 2, "j_eur": 2}
    for figures in SUMMARY["controllers"].values():
        for name, value in figures.items():
            if value is not None:
                scale = 100 if name.startswith("self_") else 1
                assert shown(value * scale, digits.get(name, 1)) in whole.text, name
    for text in (
        "0.66",
        "0.61 to 0.70",
        "1342",
        "4127",
        "48213",
        "55102",
        "44871",
        "16128000",
        SUMMARY["scenario"]["sha256"],
    ):
        assert text in whole.text
    for text in (
        "train 11.0 min",
        "chain 38.8 s",
        "numba 0.68.0",
        "7, 20, 33",
        "2025-02-12, 2025-05-14",
        "21 members",
    ):
        assert text in whole.text


def test_every_controller_gets_the_score_of_its_cost(whole: Page) -> None:
    cost = {name: figures["j_eur"] for name, figures in SUMMARY["controllers"].items()}
    for eur in cost.values():
        score = (cost["rule"] - eur) / (cost["rule"] - cost["optimum"])
        assert f"<td>{shown(score, 2)}</td>" in whole.source


def test_the_summary_says_what_was_gained(whole: Page) -> None:
    assert "The learned agents went 66% of the way from a simple rule to perfect foresight" in whole.text
    assert "come to 1559 EUR together" in whole.text
    assert "1389 EUR with the learned agents: 171 EUR less." in whole.text
    assert "fell from 129 to 104 kW" in whole.text
    assert "All 1342 trades replayed on the chain’s market came out the same there" in whole.text


@pytest.mark.parametrize(
    ("score", "interval", "headline", "sentence"),
    [
        (
            -0.42,
            [-0.6, -0.2],
            "did worse than a simple rule",
            "below zero, so use the rule and not this policy",
        ),
        (
            -0.05,
            [-0.3, 0.2],
            "can’t yet be told apart from a simple rule",
            "the interval includes 0, so this may be luck",
        ),
        (
            0.08,
            [-0.1, 0.3],
            "can’t yet be told apart from a simple rule",
            "the interval includes 0, so this may be luck",
        ),
        (0.9, None, "went 90% of the way", "No interval was computed"),
        (1.3, [1.2, 1.4], "A score above its bound", "don’t use its figures"),
    ],
)
def test_the_words_are_honest_whatever_the_score(
    tmp_path: Path, score: float, interval: list[float] | None, headline: str, sentence: str
) -> None:
    page = bare_page(tmp_path, set_score(score, interval))
    heading = re.search(r"<h1>(.*?)</h1>", page.source, flags=re.DOTALL)
    assert heading is not None
    assert headline in heading[1].replace(THIN_SPACE, "")
    assert sentence in page.text
    assert shown(score, 2) in page.text


def test_a_single_week_has_no_interval(tmp_path: Path) -> None:
    page = bare_page(tmp_path, lambda summary: summary.update(weeks=[7], S_interval=[0.6587, 0.6587]))
    assert "No interval was computed" in page.text
    assert "95 %" not in page.text


def test_a_higher_bill_is_called_more(tmp_path: Path) -> None:
    page = bare_page(
        tmp_path, lambda summary: summary["controllers"]["learned"].update(bill_eur=1600.0, peak_kw=150.0)
    )
    assert "1600 EUR with the learned agents: 41 EUR more." in page.text
    assert "rose from 129 to 150 kW" in page.text


def test_what_is_missing_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    def only_required(summary: dict[str, Any]) -> None:
        for part in set(summary) - {"scenario", "controllers"}:
            del summary[part]
        del summary["scenario"]["transformer_kva"]
        summary["controllers"] = {"rule": {"bill_eur": 12.5, "j_eur": 14.25}}

    page = bare_page(tmp_path, only_required)
    for sentence in (
        "No learned policy was scored in this run",
        "This run recorded no learning curve.",
        "This run kept no traces",
        "This run left no fills of the chain’s market.",
        "This run kept no bills by member",
        "No fill was replayed on the chain’s market.",
        "Whether energy and cash add up was not recorded.",
    ):
        assert sentence in page.text
    assert "14.25" in page.text
    assert "✓" not in page.text


def test_without_a_learned_policy_the_cheapest_other_controller_is_compared(tmp_path: Path) -> None:
    def no_policy(summary: dict[str, Any]) -> None:
        del summary["controllers"]["learned"], summary["S"], summary["S_interval"]

    page = bare_page(tmp_path, no_policy)
    assert "1648 EUR with the controller “Zero intelligence”: 89 EUR more." in page.text


@pytest.mark.parametrize("figure", ["null", "NaN"])
def test_a_figure_without_a_meaning_is_a_dash(tmp_path: Path, figure: str) -> None:
    write_summary(tmp_path)
    path = tmp_path / "summary.json"
    path.write_text(path.read_text().replace('"traded_kwh": 0.0', f'"traded_kwh": {figure}'))
    assert "<td>–</td>" in Page(write_report(tmp_path)).source


def test_failed_checks_are_red(tmp_path: Path) -> None:
    def break_books(summary: dict[str, Any]) -> None:
        summary["parity"]["mismatches"] = 3
        summary["residuals"]["cash_neur"] = -17

    page = bare_page(tmp_path, break_books)
    badges = re.findall(r'<li class="(\w+)"><strong>(.*?)</strong>', page.source)
    assert badges == [("bad", "✗ 3 mismatches"), ("good", "✓ 0 Wh"), ("bad", "✗ −17 nEUR")]
    assert "Of 1342 trades replayed on the chain’s market, 3 came out differently" in page.text
    assert "The books don’t close" in page.text
    assert "Find the error first" in page.text


def test_closed_books_are_green(whole: Page) -> None:
    badges = re.findall(r'<li class="(\w+)"><strong>(.*?)</strong>', whole.source)
    assert badges == [("good", "✓ 0 mismatches"), ("good", "✓ 0 Wh"), ("good", "✓ 0 nEUR")]


def test_the_week_is_the_one_that_loads_the_transformer_most(whole: Page, tmp_path: Path) -> None:
    tables = {
        seed: {week: trace(week, skill, seed) for week in WEEKS} for seed, skill in enumerate((0.0, 0.8))
    }
    worst = max(WEEKS, key=lambda week: tables[0][week]["feeder_kw"].max())
    rule, learned = (tables[seed][worst] for seed in (0, 1))
    assert f"Week {worst}, the one in which the rule loads the transformer most" in whole.text
    assert (
        f"is {rule['feeder_kw'].max():.1f} kW then, and {learned['feeder_kw'].max():.1f} kW with"
        in whole.text
    )
    assert "rated for 100 kVA" in whole.text
    low, high = learned["min_voltage_pu"].min(), learned["max_voltage_pu"].max()
    assert f"between {low:.3f} and {high:.3f} of nominal" in whole.text


@pytest.mark.parametrize("zone", ["none", "text", "Europe/Berlin"])
def test_local_time_may_be_naive_text_or_zoned(tmp_path: Path, zone: str) -> None:
    write_summary(tmp_path)
    (tmp_path / "traces").mkdir()
    columns = trace(7, 0.0, 0)
    if zone == "text":
        columns["local_time"] = np.datetime_as_string(columns["local_time"])
    elif zone != "none":
        utc = columns["local_time"] - np.timedelta64(1, "h")
        columns["local_time"] = pa.array(utc, pa.timestamp("s", tz=zone))
    for controller in ("rule", "learned"):
        pq.write_table(pa.table(columns), tmp_path / "traces" / f"{controller}.parquet")
    chart = re.search(
        r'<svg class="wide"[^>]*aria-label="Week 7.*?</svg>', Page(write_report(tmp_path)).source, re.DOTALL
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


def test_a_community_without_batteries_has_no_panel_for_them(whole: Page, tmp_path: Path) -> None:
    assert "Stored in batteries, %" in whole.source
    write_summary(tmp_path)
    (tmp_path / "traces").mkdir()
    columns = trace(7, 0.0, 0) | {"battery_soc": pa.nulls(672, pa.float32())}
    for controller in ("rule", "learned"):
        pq.write_table(pa.table(columns), tmp_path / "traces" / f"{controller}.parquet")
    page = Page(write_report(tmp_path))
    assert "Stored in batteries, %" not in page.source
    assert "Cars, kW" in page.source


def test_intervals_may_come_with_the_scores_of_all_controllers(tmp_path: Path) -> None:
    def with_scores(summary: dict[str, Any]) -> None:
        del summary["S_interval"]
        summary["scores"] = {
            "learned": {"value": 0.6587, "low": 0.55, "high": 0.75},
            "nothing": {"value": -0.54, "low": None, "high": None},
        }

    page = bare_page(tmp_path, with_scores)
    assert "95 % interval 0.55 to 0.75" in page.text


def test_the_day_with_most_fills_is_shown(whole: Page, tmp_path: Path) -> None:
    write_fills(tmp_path)
    fills = pq.read_table(tmp_path / "chain" / "fills.parquet").to_pylist()
    day = [fill for fill in fills if fill["day"] == "2025-02-12"]
    energy_wh = sum(fill["quantity_wh"] for fill in day)
    price_ct = sum(fill["quantity_wh"] * fill["price_ct"] for fill in day) / energy_wh
    assert f"Day 2025-02-12 on the chain’s market: {len(day)} fills among 21 traders" in whole.text
    assert f"{energy_wh / 1000:.1f} kWh at {price_ct:.1f} ct/kWh" in whole.text


def test_members_who_pay_more_are_named_and_marked(whole: Page, tmp_path: Path) -> None:
    write_traces(tmp_path)
    rows = pq.read_table(tmp_path / "traces" / "members.parquet").to_pylist()
    by_member: dict[str, dict[str, dict[str, Any]]] = {}
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


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_report(write_run(tmp_path / "one" / "demo")).read_bytes()
    assert write_report(write_run(tmp_path / "two" / "demo")).read_bytes() == first


def test_text_of_a_run_can_t_become_markup(tmp_path: Path) -> None:
    def attack(summary: dict[str, Any]) -> None:
        summary["scenario"]["title"] = "<script>alert(1)</script>"
        summary["controllers"]['"><script>'] = {"bill_eur": 1.0, "j_eur": 1.0}

    page = bare_page(tmp_path, attack)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>" in page.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("scenario"), "scenario is missing; it must be an object"),
        (lambda s: s["scenario"].pop("title"), "scenario.title is missing; it must be a text"),
        (lambda s: s["scenario"].update(n_members="21"), "scenario.n_members is '21'; it must be an integer"),
        (
            lambda s: s.update(controllers={}),
            "controllers is {}; it must be an object with at least one controller",
        ),
        (
            lambda s: s["controllers"]["rule"].pop("j_eur"),
            "controllers.rule.j_eur is missing; it must be a number",
        ),
        (
            lambda s: s["controllers"]["rule"].update(co2_kg="much"),
            "controllers.rule.co2_kg is 'much'; it must be a number",
        ),
        (
            lambda s: s["controllers"]["rule"].update(co2_kg=float("inf")),
            "controllers.rule.co2_kg is inf; it must be a finite",
        ),
        (lambda s: s.update(S=True), "S is True; it must be a number"),
        (
            lambda s: s.update(S=0.9),
            "S is 0.9; by the costs j_eur of rule, learned and optimum it must be 0.6587",
        ),
        (
            lambda s: s.update(S_interval=[0.9, 0.1]),
            r"S_interval is \[0.9, 0.1\]; it must be two numbers, the lower first",
        ),
        (lambda s: s.update(S_interval=0.1), "S_interval is 0.1; it must be an array"),
        (lambda s: s["parity"].update(fills=2.5), "parity.fills is 2.5; it must be an integer"),
        (
            lambda s: s["residuals"].update(energy_wh=None),
            "residuals.energy_wh is missing; it must be an integer",
        ),
        (
            lambda s: s["learning_curve"][3].pop("seconds"),
            r"learning_curve\[3\].seconds is missing; it must be a number",
        ),
        (
            lambda s: s["chain"].update(gas_by_action=[1]),
            r"chain.gas_by_action is \[1\]; it must be an object",
        ),
    ],
)
def test_a_malformed_summary_gives_one_clear_error(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    write_summary(tmp_path, change)
    with pytest.raises(ReportError, match=f"summary.json: {message}"):
        write_report(tmp_path)


def test_a_missing_or_broken_summary_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"summary\.json is missing"):
        write_report(tmp_path)
    (tmp_path / "summary.json").write_text("{")
    with pytest.raises(ReportError, match=r"summary\.json isn't JSON"):
        write_report(tmp_path)


def test_malformed_tables_are_named(tmp_path: Path) -> None:
    write_summary(tmp_path)
    (tmp_path / "chain").mkdir()
    path = tmp_path / "chain" / "fills.parquet"
    fill = {
        "day": "2025-02-12",
        "slot": 40,
        "taker": "ev_0",
        "maker": "ev_1",
        "tick": 9,
        "quantity_wh": 5,
        "price_ct": 9.5,
    }
    for wrong, message in (
        ({"price_ct": None}, "column price_ct has 1 nulls; it must have none"),
        ({"price_ct": "cheap"}, "column price_ct has type string; it must hold numbers"),
        ({"quantity_wh": 0}, "quantity_wh is 0 in a fill; it must be above 0"),
    ):
        pq.write_table(pa.Table.from_pylist([fill | wrong]), path)
        with pytest.raises(ReportError, match=message):
            write_report(tmp_path)
    pq.write_table(pa.Table.from_pylist([fill]).drop_columns(["price_ct", "tick"]), path)
    with pytest.raises(ReportError, match=r"fills\.parquet lacks the columns tick, price_ct"):
        write_report(tmp_path)
    path.write_bytes(b"not a table")
    with pytest.raises(ReportError, match=r"fills\.parquet isn't a readable Parquet file"):
        write_report(tmp_path)


def test_an_older_report_stays_whole_when_the_new_one_fails(tmp_path: Path) -> None:
    older = bare_page(tmp_path).source
    write_summary(tmp_path, lambda summary: summary.pop("controllers"))
    with pytest.raises(ReportError):
        write_report(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == older
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "summary.json"}


def test_nothing_half_written_is_left_when_the_page_can_t_be_put_in_place(tmp_path: Path) -> None:
    write_summary(tmp_path)
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_report(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "summary.json"}
