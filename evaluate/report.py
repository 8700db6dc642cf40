"""The report of a run: one HTML file that needs nothing else, drawn from what the run left in its folder.

Read are ``summary.json`` (required), ``traces/<controller>.parquet``, ``traces/members.parquet`` and
``chain/fills.parquet``; what is absent is left out with a sentence, what is malformed is refused with one. The words
stand in ``templates/``, the charts in :mod:`gridbid.evaluate.charts`.
"""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

from gridbid.evaluate import charts
from gridbid.evaluate.charts import Chart, Columns

CONTROLLERS = {
    "nothing": ("Nothing", "No trading; batteries idle, cars charge on arrival."),
    "zero_intelligence": ("Zero intelligence", "Random limits within the budget: the market without any skill."),
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
_SLOTS_A_DAY = 96
_SCORE_TOLERANCE = 0.01
"""How far S may lie from the S of the controllers' costs: figures may be rounded."""


class ReportError(ValueError):
    """The run's folder holds something that no report can be made of."""


class Kpi(NamedTuple):
    """How a figure of a controller is shown; ``digits`` after the point, ``scale`` before showing."""

    label: str
    unit: str
    digits: int
    scale: float = 1.0


_KPIS = {
    "j_eur": Kpi("Cost J", "EUR", 2),
    "bill_eur": Kpi("Bills", "EUR", 2),
    "co2_kg": Kpi("CO₂", "kg", 1),
    "peak_kw": Kpi("Highest load", "kW", 1),
    "self_consumption": Kpi("Own sun used", "%", 1, 100),
    "self_sufficiency": Kpi("Need covered by own sun", "%", 1, 100),
}
_UNITS = {
    "_ct_per_kwh": ("ct/kWh", 2),
    "_ct": ("ct/kWh", 2),
    "_eur": ("EUR", 2),
    "_kwh": ("kWh", 1),
    "_wh": ("Wh", 0),
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
        return self._replace(value=self.value.get(name), where=f"{self.where}{name}")

    def fields(self) -> dict[str, Self]:
        """All fields of an object; an absent object has none."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        inside = self.inside()
        return {str(name): inside.field(str(name)) for name in self.value}

    def items(self) -> list[Self]:
        """All items of an array; an absent array has none."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.refusal("an array")
        return [self._replace(value=item, where=f"{self.where}[{at}]") for at, item in enumerate(self.value)]

    def inside(self) -> Self:
        """The same object, as the place where its fields stand."""
        return self._replace(where=f"{self.where}.")

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
        """The value as a finite number, None where it is absent."""
        return None if self.value is None else self.number()

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
    score_interval: tuple[float, float] | None
    weeks: tuple[str, ...]
    parity: Parity | None
    residuals: dict[str, int]
    transactions: int | None
    gas: dict[str, float]
    learning: tuple[LearningPoint, ...]
    stages_s: dict[str, float]
    versions: dict[str, str]

    @property
    def featured(self) -> str | None:
        """The controller that the report is about: the learned one, else the cheapest beside rule and optimum."""
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
        ReportError: a file is missing, unreadable or holds a wrong value; the message names it. An older report stays.
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
    root = Node(document, f"{path}: ")
    scenario = root.field("scenario").inside()
    chain = root.field("chain")
    summary = Summary(
        name=scenario.field("name").text(),
        title=scenario.field("title").text(),
        n_members=scenario.field("n_members").integer(),
        sha256=scenario.field("sha256").text(),
        transformer_kva=scenario.field("transformer_kva").optional_number(),
        controllers=_controllers(root.field("controllers")),
        score=root.field("S").optional_number(),
        score_interval=_interval(root.field("S_interval")),
        weeks=tuple(week.text() for week in root.field("weeks").items()),
        parity=_parity(root.field("parity")),
        residuals={name: node.integer() for name, node in root.field("residuals").fields().items()},
        transactions=None if chain.value is None else chain.inside().field("transactions").integer(),
        gas={} if chain.value is None else _numbers(chain.inside().field("gas_by_action")),
        learning=tuple(_learning_point(node.inside()) for node in root.field("learning_curve").items()),
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
            figures.inside().field(required).number()
        table[controller] = {name: value.optional_number() for name, value in figures.fields().items()}
    if not table:
        raise node.refusal("an object with at least one controller")
    return dict(sorted(table.items(), key=lambda item: -(item[1]["j_eur"] or 0.0)))


def _interval(node: Node) -> tuple[float, float] | None:
    if node.value is None:
        return None
    bounds = [item.number() for item in node.items()]
    if len(bounds) != 2 or bounds[0] > bounds[1]:
        raise node.refusal("two numbers, the lower first")
    return bounds[0], bounds[1]


def _parity(node: Node) -> Parity | None:
    if node.value is None:
        return None
    inside = node.inside()
    return Parity(
        fills=inside.field("fills").integer(),
        mismatches=inside.field("mismatches").integer(),
        days=tuple(day.text() for day in inside.field("days").items()),
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
            f"{path}: S is {summary.score}; by the costs j_eur of rule, learned and optimum it must be {expected:.4f}"
        )


def _read_columns(path: Path, required: tuple[str, ...]) -> dict[str, NDArray[Any]] | None:
    """Columns of a Parquet file by name, None where there is no such file; numbers are float64, null is NaN."""
    if not path.exists():
        return None
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise ReportError(f"{path} isn't a readable Parquet file: {error}") from error
    missing = [name for name in required if name not in table.column_names]
    if missing:
        raise ReportError(f"{path} lacks the columns {', '.join(missing)}; it must have {', '.join(required)}")
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
