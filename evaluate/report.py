"""The report of a run: one HTML file that needs nothing else, drawn from what the run left in its folder.

Read are ``summary.json`` (required), ``traces/<controller>.parquet``, ``traces/members.parquet`` and
``chain/fills.parquet``; what is absent is left out with a sentence, what is malformed is refused with one.
The words stand in ``templates/``, the charts in :mod:`gridbid.evaluate.charts`.
"""

import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray

from gridbid.evaluate import charts
from gridbid.evaluate.charts import Chart, Columns, number
from gridbid.evaluate.kpis import KPIS
from gridbid.market.errors import InputError

CONTROLLERS = {
    "nothing": ("Nothing", "No trading; batteries idle, cars charge on arrival."),
    "zero_intelligence": (
        "Zero intelligence",
        "Random limits within the budget: the market without any skill.",
    ),
    "rule": ("Rule", "Own sun first, then truthful trading; cars charge on arrival."),
    "smart_rule": ("Smart rule", "Batteries serve neighbours, cars take the cheapest hours."),
    "selfish_lp": ("Selfish plan", "Each member plans for itself alone."),
    "mpc": ("Planner", "Plans again each slot, with the forecasts that the learned agents see."),
    "mpc_perfect": ("Perfect planner", "Plans again each slot, with perfect forecasts."),
    "learned": ("Learned", "The policy that this run trained."),
    "optimum": ("Optimum", "One plan for all with perfect foresight: a bound that no controller can beat."),
}
"""Label and meaning of the controllers that a ladder may have."""

TRACE_COLUMNS = (
    "week",
    "slot",
    "local_time",
    "feeder_kw",
    "retail_ct",
    "feed_in_ct",
    "mean_price_ct",
    "traded_wh",
    "battery_soc",
    "car_kw",
    "heat_pump_kw",
    "pv_kw",
    "load_kw",
    "min_voltage_pu",
    "max_voltage_pu",
    "carbon_g",
)
MEMBER_COLUMNS = ("controller", "member", "kind", "bill_eur")
FILL_COLUMNS = ("day", "slot", "taker", "maker", "tick", "quantity_wh", "price_ct")
_TEXT_COLUMNS = ("controller", "member", "kind", "day", "taker", "maker")
_MAY_BE_NULL = ("mean_price_ct", "battery_soc")
_SLOTS_A_DAY = 96
_SCORE_TOLERANCE = 0.01
"""How far S may lie from the S of the controllers' costs: figures may be rounded."""


class ReportError(InputError):
    """The run's folder holds something that no report can be made of."""


class Display(NamedTuple):
    """How a figure of a controller is shown; ``digits`` after the point, ``scale`` before showing."""

    label: str
    unit: str
    digits: int
    scale: float = 1.0


_MAIN_FIGURES = {
    "j_eur": Display("Cost J", "EUR", 2),
    "bill_eur": Display("Bill", "EUR", 2),
    "co2_kg": Display("CO₂", "kg", 1),
    "peak_kw": Display("Highest load", "kW", 1),
    "overload_kwh": Display("Overload", "kWh", 1),
    "self_consumption": Display("Own sun used", "%", 1, 100),
    "self_sufficiency": Display("Need covered by own sun", "%", 1, 100),
    "traded_kwh": Display("Traded", "kWh", 1),
    "unmet_ev_kwh": Display("Missing in cars", "kWh", 1),
}
_OTHER_FIGURES = {
    "unmet_ev_eur": Display("Cars left too empty", "EUR", 2),
    "voltage_hours": Display("Voltage out of band", "h", 1),
    "fills": Display("Fills", "", 0),
    "mean_price_ct": Display("Mean price", "ct/kWh", 2),
    "match_share": Display("Possible trades made", "%", 1, 100),
    "worse_off": Display("Members worse off than with nothing", "%", 1, 100),
    "worst_member_eur": Display("Largest loss of a member against nothing", "EUR", 2),
}
_UNITS = {
    "_eur": ("EUR", 2),
    "_kwh": ("kWh", 1),
    "_kw": ("kW", 1),
    "_kg": ("kg", 1),
    "_pu": ("pu", 3),
}
"""Unit and digits by the end of a figure's name, for those that have no line of their own."""


class Node(NamedTuple):
    """A value of a JSON document and where it stands, which an error tells."""

    value: object
    where: str

    def field(self, name: str) -> Self:
        """A field of an object; absent and null are the same."""
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        joint = " " if self.where.endswith(":") else "."
        return self._replace(value=self.value.get(name), where=f"{self.where}{joint}{name}")

    def fields(self) -> dict[str, Self]:
        """All fields of an object; an absent object has none."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        return {name: self.field(name) for name in self.value}

    def items(self) -> list[Self]:
        """All items of an array; an absent array has none."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.refusal("an array")
        return [self._replace(value=item, where=f"{self.where}[{at}]") for at, item in enumerate(self.value)]

    def text(self) -> str:
        """The value as text; numbers are written out."""
        if isinstance(self.value, str) or (isinstance(self.value, int) and not isinstance(self.value, bool)):
            return str(self.value)
        raise self.refusal("a text")

    def number(self) -> float:
        """The value as a finite number."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            if math.isfinite(self.value):
                return float(self.value)
            raise self.refusal("a finite number, or null where there is none")
        raise self.refusal("a number")

    def integer(self) -> int:
        """The value as an integer."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        raise self.refusal("an integer")

    def optional_number(self) -> float | None:
        """The value as a finite number; None where it is absent or NaN, as a share of nothing is."""
        is_nan = isinstance(self.value, float) and math.isnan(self.value)
        return None if self.value is None or is_nan else self.number()

    def refusal(self, expected: str) -> ReportError:
        """What to raise when the value isn't what it must be."""
        found = "is missing" if self.value is None else f"is {self.value!r}"
        return ReportError(f"{self.where} {found}; it must be {expected}")


@dataclass(frozen=True)
class Parity:
    """The replay of days on the chain's market, fill by fill."""

    fills: int
    mismatches: int
    days: tuple[str, ...]


@dataclass(frozen=True)
class LearningPoint:
    """One point of training: when, and the mean return (EUR) of each kind."""

    seconds: float
    agent_steps: float
    returns: dict[str, float]


@dataclass(frozen=True)
class Summary:
    """``summary.json``, checked; optional parts are None or empty where a run has none."""

    name: str
    title: str
    n_members: int
    sha256: str
    transformer_kva: float | None
    controllers: dict[str, dict[str, float | None]]
    score: float | None
    intervals: dict[str, tuple[float, float]]
    weeks: tuple[str, ...]
    parity: Parity | None
    residuals: dict[str, int]
    transactions: int | None
    gas: dict[str, float]
    learning: tuple[LearningPoint, ...]
    stages_s: dict[str, float]
    versions: dict[str, str]

    @property
    def score_interval(self) -> tuple[float, float] | None:
        """Interval of the learned policy's score."""
        return self.intervals.get("learned")

    @property
    def columns(self) -> list[str]:
        """Controllers as a table has them: its subject, its yardsticks, then the cheapest first."""
        first = [name for name in (self.featured, "rule", "optimum") if name in self.controllers]
        return [*first, *(name for name in reversed(self.controllers) if name not in first)]

    @property
    def featured(self) -> str | None:
        """What the report is about: the learned controller, else the cheapest beside rule and optimum."""
        if "learned" in self.controllers:
            return "learned"
        seats = [name for name in self.controllers if name not in ("rule", "optimum")]
        return min(seats, key=self.cost_eur, default=None)

    def cost_eur(self, controller: str) -> float:
        """J of a controller; every controller has one."""
        cost = self.controllers[controller]["j_eur"]
        assert cost is not None
        return cost

    def score_of(self, controller: str) -> float | None:
        """S of a controller from the costs J; None where rule and optimum don't span a scale."""
        if "rule" not in self.controllers or "optimum" not in self.controllers:
            return None
        rule_eur = self.cost_eur("rule")
        span_eur = rule_eur - self.cost_eur("optimum")
        return (rule_eur - self.cost_eur(controller)) / span_eur if span_eur > 0 else None


def write_report(run: Path) -> Path:
    """Write ``run/report.html`` from what the run left in its folder, and return its path.

    Raises:
        ReportError: a file is missing, unreadable or holds a wrong value, which the message names.
            An older report stays as it was.
    """
    page = _page(run)
    path = run / "report.html"
    temporary = run / f".report.{os.getpid()}.html"
    try:
        temporary.write_text(page, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_summary(path: Path) -> Summary:
    """``summary.json`` as a :class:`Summary`; raises ReportError at its first fault."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"{path} is missing; a run writes it before its report") from None
    except ValueError as error:
        raise ReportError(f"{path} isn't JSON: {error}") from error
    root = Node(document, f"{path}:")
    scenario = root.field("scenario")
    chain = root.field("chain")
    summary = Summary(
        name=scenario.field("name").text(),
        title=scenario.field("title").text(),
        n_members=scenario.field("n_members").integer(),
        sha256=scenario.field("sha256").text(),
        transformer_kva=scenario.field("transformer_kva").optional_number(),
        controllers=_controllers(root.field("controllers")),
        score=root.field("S").optional_number(),
        intervals=_intervals(root),
        weeks=tuple(week.text() for week in root.field("weeks").items()),
        parity=_parity(root.field("parity")),
        residuals={name: node.integer() for name, node in root.field("residuals").fields().items()},
        transactions=chain.field("transactions").integer() if chain.value else None,
        gas=_numbers(chain.field("gas_by_action")) if chain.value else {},
        learning=tuple(_learning_point(node) for node in root.field("learning_curve").items()),
        stages_s=_numbers(root.field("stages_s")),
        versions={name: node.text() for name, node in root.field("versions").fields().items()},
    )
    _check_score(summary, path)
    return summary


def _controllers(node: Node) -> dict[str, dict[str, float | None]]:
    """Figures by controller, the most expensive first; each has J and a bill."""
    table = {}
    for controller, figures in node.fields().items():
        for required in ("j_eur", "bill_eur"):
            figures.field(required).number()
        table[controller] = {name: value.optional_number() for name, value in figures.fields().items()}
    if not table:
        raise node.refusal("an object with at least one controller")
    return dict(sorted(table.items(), key=lambda item: -(item[1]["j_eur"] or 0.0)))


def _intervals(root: Node) -> dict[str, tuple[float, float]]:
    """Intervals of S by controller, from ``scores`` and ``S_interval``; one week tells nothing of chance."""
    if len(root.field("weeks").items()) == 1:
        return {}
    intervals = {
        name: (node.field("low").number(), node.field("high").number())
        for name, node in root.field("scores").fields().items()
        if node.field("low").optional_number() is not None
    }
    if root.field("S_interval").value is not None:
        intervals["learned"] = _interval(root.field("S_interval"))
    return intervals


def _interval(node: Node) -> tuple[float, float]:
    bounds = [item.number() for item in node.items()]
    if len(bounds) != 2 or bounds[0] > bounds[1]:
        raise node.refusal("two numbers, the lower first")
    return bounds[0], bounds[1]


def _parity(node: Node) -> Parity | None:
    if node.value is None:
        return None
    return Parity(
        fills=node.field("fills").integer(),
        mismatches=node.field("mismatches").integer(),
        days=tuple(day.text() for day in node.field("days").items()),
    )


def _learning_point(node: Node) -> LearningPoint:
    return LearningPoint(
        seconds=node.field("seconds").number(),
        agent_steps=node.field("agent_steps").number(),
        returns=_numbers(node.field("return")),
    )


def _numbers(node: Node) -> dict[str, float]:
    return {name: value.number() for name, value in node.fields().items()}


def _check_score(summary: Summary, path: Path) -> None:
    """A report must not show two scores: S is what the costs of its controllers say."""
    if summary.score is None or "learned" not in summary.controllers:
        return
    expected = summary.score_of("learned")
    if expected is not None and abs(summary.score - expected) > _SCORE_TOLERANCE * max(1, abs(expected)):
        raise ReportError(
            f"{path}: S is {summary.score}; "
            f"by the costs j_eur of rule, learned and optimum it must be {expected:.4f}"
        )


def _read_columns(path: Path, required: tuple[str, ...]) -> dict[str, NDArray[Any]] | None:
    """Columns of a Parquet file by name, None where there is none; numbers are float64, null is NaN."""
    if not path.exists():
        return None
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise ReportError(f"{path} isn't a readable Parquet file: {error}") from error
    missing = [name for name in required if name not in table.column_names]
    if missing:
        raise ReportError(
            f"{path} lacks the columns {', '.join(missing)}; it must have {', '.join(required)}"
        )
    for name in required:
        if name not in _MAY_BE_NULL and table[name].null_count:
            raise ReportError(f"{path}: column {name} has {table[name].null_count} nulls; it must have none")
    return {name: _column(table[name], name, path) for name in table.column_names}


def _column(column: pa.ChunkedArray, name: str, path: Path) -> NDArray[Any]:
    try:
        if name in _TEXT_COLUMNS:
            return np.asarray(column.cast(pa.string()).to_pylist(), dtype=object)
        if name == "local_time":
            if pa.types.is_timestamp(column.type) and column.type.tz is not None:
                column = pc.local_timestamp(column)
            return np.asarray(column.cast(pa.timestamp("s"), safe=False).to_numpy())
        return np.asarray(column.cast(pa.float64()).to_numpy())
    except (pa.ArrowException, ValueError) as error:
        expected = "texts" if name in _TEXT_COLUMNS else "times" if name == "local_time" else "numbers"
        raise ReportError(f"{path}: column {name} has type {column.type}; it must hold {expected}") from error


class FigureRow(NamedTuple):
    """One figure of all controllers, ready to show."""

    label: str
    unit: str
    meaning: str
    values: list[str]


class Badge(NamedTuple):
    """A check of the books: ``state`` is good, bad or unknown."""

    state: str
    figure: str
    meaning: str


@dataclass(frozen=True)
class WeekStory:
    """The week that is shown, and what the transformer carried (kW) under both controllers."""

    chart: Chart
    week: int
    rule_peak_kw: float
    peak_kw: float
    lowest_voltage_pu: float
    highest_voltage_pu: float
    traded_kwh: float


@dataclass(frozen=True)
class MarketDay:
    """The busiest day of the chain's fills."""

    chart: Chart
    day: str
    n_fills: int
    energy_kwh: float
    mean_price_ct: float
    n_traders: int


@dataclass(frozen=True)
class Members:
    """Members under both controllers; ``pay_more`` names higher bills, ``worse_off`` counts higher J."""

    chart: Chart
    n_members: int
    pay_more: list[str]
    worse_off: int
    header: list[str]
    rows: list[list[str]]


def _page(run: Path) -> str:
    """The whole page as text."""
    summary = read_summary(run / "summary.json")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number,
        quantity=_quantity,
        rough_digits=_rough_digits,
        percent=_percent,
        duration=_duration,
        label=_label,
    )
    return environment.get_template("report.html.j2").render(
        run=run.resolve().name,
        summary=summary,
        palette=charts.PALETTE,
        meanings={name: CONTROLLERS[name] for name in summary.controllers if name in CONTROLLERS},
        verdict=_verdict(summary),
        main_figures=_figure_rows(summary, _MAIN_FIGURES),
        other_figures=_figure_rows(summary, _other_figures(summary)),
        ladder=_ladder(summary),
        learning=_learning(summary),
        still_learning=_still_learning(summary.learning),
        story=_week_story(run / "traces", summary),
        market=_market_day(run / "chain" / "fills.parquet"),
        members=_members(run / "traces" / "members.parquet", summary),
        badges=_badges(summary),
    )


def _verdict(summary: Summary) -> str:
    """What the score says, in one word that the template turns into sentences.

    One of ``unscored``, ``impossible`` (above the bound), ``unclear`` (the interval holds 0), ``better`` and
    ``worse``.
    """
    score = summary.score
    if score is None or "learned" not in summary.controllers:
        return "unscored"
    if score > 1 + _SCORE_TOLERANCE:
        return "impossible"
    lowest, highest = summary.score_interval or (score, score)
    if lowest <= 0 <= highest:
        return "unclear"
    return "better" if score > 0 else "worse"


def _other_figures(summary: Summary) -> list[str]:
    """Names of all figures that any controller has beside the main ones."""
    found = dict.fromkeys(name for figures in summary.controllers.values() for name in figures)
    return [name for name in found if name not in _MAIN_FIGURES]


def _figure_rows(summary: Summary, names: Iterable[str]) -> list[FigureRow]:
    """Rows of a table: a figure each, with the controllers in the order of the summary's columns."""
    meanings = {kpi.name: kpi.meaning for kpi in KPIS}
    rows = []
    for name in names:
        display = _display(name)
        figures = [summary.controllers[controller].get(name) for controller in summary.columns]
        if all(figure is None for figure in figures):
            continue
        scaled = [None if figure is None else figure * display.scale for figure in figures]
        values = [number(figure, display.digits) for figure in scaled]
        rows.append(FigureRow(display.label, display.unit, meanings.get(name, ""), values))
    return rows


def _display(name: str) -> Display:
    """How to show a figure; one without a line of its own by the unit at the end of its name."""
    known = _MAIN_FIGURES.get(name) or _OTHER_FIGURES.get(name)
    if known is not None:
        return known
    for ending, (unit, digits) in _UNITS.items():
        if name.endswith(ending):
            return Display(_words(name.removesuffix(ending)), unit, digits)
    return Display(_words(name), "", 3)


def _words(name: str) -> str:
    """A field's name as words."""
    return name.replace("_", " ").capitalize()


def _ladder(summary: Summary) -> Chart:
    colors = {"learned": "learned", "optimum": "bound"}
    rungs = [
        charts.Rung(
            label=_label(name),
            j_eur=summary.cost_eur(name),
            score=summary.score_of(name),
            interval=summary.intervals.get(name),
            color=colors.get(name, "rule"),
        )
        for name in summary.controllers
    ]
    alt = "Cost J in EUR of each controller: " + ", ".join(
        f"{rung.label} {number(rung.j_eur)}" for rung in rungs
    )
    return charts.ladder_chart(rungs, alt)


def _learning(summary: Summary) -> Chart | None:
    points = summary.learning
    if len(points) < 2:
        return None
    kinds = [kind for kind in points[0].returns if all(kind in point.returns for point in points)]
    if not kinds:
        return None
    returns = {kind: np.array([point.returns[kind] for point in points]) for kind in kinds}
    ends = ", ".join(f"{kind} from {number(r[0], 2)} to {number(r[-1], 2)}" for kind, r in returns.items())
    minutes = np.array([point.seconds for point in points]) / 60
    return charts.learning_chart(minutes, returns, f"Mean return in EUR over training: {ends}")


def _still_learning(points: tuple[LearningPoint, ...]) -> bool:
    """Whether any kind gained more than a twentieth of its whole range in the last quarter of training."""
    quarter = len(points) // 4
    if quarter == 0:
        return False
    for kind in points[0].returns:
        returns = np.array([point.returns.get(kind, np.nan) for point in points])
        gain = returns[-quarter:].mean() - returns[-2 * quarter : -quarter].mean()
        if gain > np.ptp(returns) / 20:
            return True
    return False


def _week_story(folder: Path, summary: Summary) -> WeekStory | None:
    """The week in which the rule loads the transformer most, if rule and featured controller have traces."""
    if summary.featured is None:
        return None
    rule = _read_columns(folder / "rule.parquet", TRACE_COLUMNS)
    best = _read_columns(folder / f"{summary.featured}.parquet", TRACE_COLUMNS)
    if rule is None or best is None or not np.intersect1d(rule["week"], best["week"]).size:
        return None
    shared = np.isin(rule["week"], best["week"])
    week = int(rule["week"][shared][np.argmax(rule["feeder_kw"][shared])])
    rule, best = _one_week(rule, week), _one_week(best, week)
    peaks = float(rule["feeder_kw"].max()), float(best["feeder_kw"].max())
    label = _label(summary.featured)
    alt = (
        f"Week {week} in quarter hours, rule and {label}: prices, transformer, batteries, cars, sun, load. "
        f"Highest load of the transformer: {number(peaks[0], 1)} kW and {number(peaks[1], 1)} kW."
    )
    return WeekStory(
        chart=charts.week_chart(rule, best, label, summary.transformer_kva, alt),
        week=week,
        rule_peak_kw=peaks[0],
        peak_kw=peaks[1],
        lowest_voltage_pu=float(best["min_voltage_pu"].min()),
        highest_voltage_pu=float(best["max_voltage_pu"].max()),
        traded_kwh=float(best["traded_wh"].sum()) / 1000,
    )


def _one_week(trace: Columns, week: int) -> dict[str, NDArray[Any]]:
    chosen = trace["week"] == week
    order = np.argsort(trace["slot"][chosen], kind="stable")
    return {name: column[chosen][order] for name, column in trace.items()}


def _market_day(path: Path) -> MarketDay | None:
    """The day with most fills; its slots are quarter hours from a local midnight on."""
    fills = _read_columns(path, FILL_COLUMNS)
    if fills is None or not len(fills["day"]):
        return None
    if fills["quantity_wh"].min() <= 0:
        raise ReportError(
            f"{path}: quantity_wh is {fills['quantity_wh'].min():g} in a fill; it must be above 0"
        )
    days, counts = np.unique(fills["day"], return_counts=True)
    day = str(days[np.argmax(counts)])
    chosen = fills["day"] == day
    price_ct, quantity_wh = fills["price_ct"][chosen], fills["quantity_wh"][chosen]
    hours = fills["slot"][chosen] % _SLOTS_A_DAY / 4
    mean_price_ct = float(np.average(price_ct, weights=quantity_wh))
    energy_kwh = float(quantity_wh.sum()) / 1000
    alt = f"{len(hours)} fills, {number(energy_kwh, 1)} kWh at {number(mean_price_ct, 1)} ct/kWh in the mean"
    return MarketDay(
        chart=charts.fills_chart(hours, price_ct, quantity_wh, alt),
        day=day,
        n_fills=len(hours),
        energy_kwh=energy_kwh,
        mean_price_ct=mean_price_ct,
        n_traders=len({*fills["taker"][chosen], *fills["maker"][chosen]}),
    )


def _members(path: Path, summary: Summary) -> Members | None:
    """Members that rule and featured controller both bill: by kind, the highest bill of the rule first."""
    table = _read_columns(path, MEMBER_COLUMNS)
    if table is None or summary.featured is None:
        return None
    before, after = _rows_by_member(table, "rule"), _rows_by_member(table, summary.featured)
    kind, bill_eur = table["kind"], table["bill_eur"]
    names = sorted(
        before.keys() & after.keys(), key=lambda name: (kind[before[name]], -bill_eur[before[name]])
    )
    if not names:
        return None
    then, now = [before[name] for name in names], [after[name] for name in names]
    parts = [column for column in table if column.endswith("_eur") and column != "j_eur"]
    cost_eur = np.sum([table[part] for part in parts], axis=0)
    shown = [name.replace("_", " ") for name in names]
    bills = [charts.Member(*bill) for bill in zip(shown, bill_eur[then], bill_eur[now], strict=True)]
    pay_more = [member.name for member in bills if member.change_eur > 0]
    label = _label(summary.featured)
    alt = f"Bills of {len(bills)} members, rule and {label}; {len(pay_more)} pay more than under the rule"
    columns = {"J: rule": cost_eur[then], f"J: {label.lower()}": cost_eur[now], "Bill: rule": bill_eur[then]}
    columns |= {_display(part).label: table[part][now] for part in parts}
    return Members(
        chart=charts.members_chart(bills, label, alt),
        n_members=len(bills),
        pay_more=pay_more,
        worse_off=int(np.sum(cost_eur[now] - cost_eur[then] > charts.CENT_EUR)),
        header=list(columns),
        rows=[
            [name, *(number(float(column[row]), 2) for column in columns.values())]
            for row, name in enumerate(shown)
        ],
    )


def _rows_by_member(table: Columns, controller: str) -> dict[str, int]:
    """Row of each member under a controller."""
    return {table["member"][row]: int(row) for row in np.flatnonzero(table["controller"] == controller)}


def _badges(summary: Summary) -> list[Badge]:
    """Checks of the books; what was not measured says so instead of looking fine."""
    badges = [_parity_badge(summary.parity)]
    if not summary.residuals:
        badges.append(Badge("unknown", "not measured", "Whether energy and cash add up was not recorded."))
    for name, residual in summary.residuals.items():
        quantity, _, unit = name.rpartition("_")
        state = "bad" if residual else "good"
        unit = {"wh": "Wh", "neur": "nEUR"}.get(unit, unit)
        meaning = f"What is left of all {quantity} once every account is added up."
        badges.append(Badge(state, f"{number(residual)} {unit}", meaning))
    return badges


def _parity_badge(parity: Parity | None) -> Badge:
    if parity is None or not parity.fills:
        return Badge("unknown", "not compared", "No fill was replayed on the chain’s market.")
    state = "bad" if parity.mismatches else "good"
    noun = "mismatch" if parity.mismatches == 1 else "mismatches"
    meaning = f"Between simulator and contract, in {number(parity.fills)} fills."
    return Badge(state, f"{number(parity.mismatches)} {noun}", meaning)


def _label(controller: str) -> str:
    """A controller's name for readers."""
    return CONTROLLERS.get(controller, (_words(controller), ""))[0]


def _quantity(value: float | None, unit: str, digits: int = 0) -> str:
    """A number with its unit, never broken over two lines."""
    return f"{number(value, digits)}\u00a0{unit}"


def _rough_digits(value: float, fine: int) -> int:
    """Digits for a reader in a hurry: none after the point of a large number, ``fine`` of a small one."""
    return 0 if abs(value) >= 100 else fine


def _percent(share: float, digits: int = 0) -> str:
    return f"{number(100 * share, digits)}\u202f%"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return _quantity(seconds, "s", 1)
    return _quantity(seconds / 60, "min", 1)
