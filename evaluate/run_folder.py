"""What a run left in its folder, read and checked: ``summary.json`` and the tables beside it.

The first fault raises one :class:`ReportError`, which names the file, the field, what stands there and what must.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.market.errors import InputError

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


SCORE_TOLERANCE = 0.01
"""How far S may lie from the S of the controllers' costs: figures may be rounded."""


class ReportError(InputError):
    """The run's folder holds something that no report can be made of."""


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
class ChainUse:
    """What was sent to the chain, and the gas that it took: in all, and typically for each action."""

    transactions: int
    gas_used: int | None
    gas_by_action: dict[str, float]


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
    intervals: dict[str, tuple[float, float]]
    weeks: tuple[str, ...]
    samples: int
    parity: Parity | None
    residuals: dict[str, int]
    chain: ChainUse | None
    learning: tuple[LearningPoint, ...]
    stages_s: dict[str, float]
    versions: dict[str, str]

    @property
    def n_weeks(self) -> int:
        """Weeks that were played: each with every sample of prices and cars; the figures are sums over them."""
        return len(self.weeks) * self.samples

    @property
    def score(self) -> float | None:
        """S of the featured controller."""
        return None if self.featured is None else self.score_of(self.featured)

    @property
    def score_interval(self) -> tuple[float, float] | None:
        """Interval of that score."""
        return None if self.featured is None else self.intervals.get(self.featured)

    @property
    def columns(self) -> list[str]:
        """Controllers as a table has them: its subject, its yardsticks, then the cheapest first."""
        first = [name for name in (self.featured, "rule", "optimum") if name in self.controllers]
        return [*first, *(name for name in reversed(self.controllers) if name not in first)]

    @property
    def featured(self) -> str | None:
        """What the report is about: the learned controller, else the cheapest that is no yardstick, else nothing."""
        if "learned" in self.controllers:
            return "learned"
        yardsticks = ("nothing", "rule", "optimum")
        compared = [name for name in self.controllers if name not in yardsticks]
        fallback = "nothing" if "nothing" in self.controllers else None
        return min(compared, key=self.cost_eur, default=fallback)

    def cost_eur(self, controller: str) -> float:
        """J of a controller; every controller has one."""
        cost = self.controllers[controller]["j_eur"]
        assert cost is not None
        return cost

    def highest_load_kw(self, controller: str) -> float | None:
        """What the transformer carried at most, either way; None where it was not recorded."""
        figures = self.controllers[controller]
        peaks_kw = [figures.get("peak_kw"), figures.get("export_peak_kw")]
        return max((peak_kw for peak_kw in peaks_kw if peak_kw is not None), default=None)

    def score_of(self, controller: str) -> float | None:
        """S of a controller from the costs J; None where rule and optimum don't span a scale."""
        if "rule" not in self.controllers or "optimum" not in self.controllers:
            return None
        rule_eur = self.cost_eur("rule")
        span_eur = rule_eur - self.cost_eur("optimum")
        return (rule_eur - self.cost_eur(controller)) / span_eur if span_eur > 0 else None


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
    summary = Summary(
        name=scenario.field("name").text(),
        title=scenario.field("title").text(),
        n_members=scenario.field("n_members").integer(),
        sha256=scenario.field("sha256").text(),
        transformer_kva=scenario.field("transformer_kva").optional_number(),
        controllers=_controllers(root.field("controllers")),
        intervals=_intervals(root),
        weeks=tuple(week.text() for week in root.field("weeks").items()),
        samples=_samples(root.field("samples")),
        parity=_parity(root.field("parity")),
        residuals={name: node.integer() for name, node in root.field("residuals").fields().items()},
        chain=_chain(root.field("chain")),
        learning=tuple(_learning_point(node) for node in root.field("learning_curve").items()),
        stages_s=_numbers(root.field("stages_s")),
        versions={name: node.text() for name, node in root.field("versions").fields().items()},
    )
    _check_score(root.field("S"), summary)
    return summary


def _samples(node: Node) -> int:
    """How often each week was played; once where nothing is said."""
    if node.value is None:
        return 1
    if node.integer() < 1:
        raise node.refusal("at least 1")
    return node.integer()


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


def _chain(node: Node) -> ChainUse | None:
    if node.value is None:
        return None
    gas_used = node.field("gas_used")
    return ChainUse(
        transactions=node.field("transactions").integer(),
        gas_used=None if gas_used.value is None else gas_used.integer(),
        gas_by_action=_numbers(node.field("gas_by_action")),
    )


def _learning_point(node: Node) -> LearningPoint:
    return LearningPoint(
        seconds=node.field("seconds").number(),
        agent_steps=node.field("agent_steps").number(),
        returns=_numbers(node.field("return")),
    )


def _numbers(node: Node) -> dict[str, float]:
    return {name: value.number() for name, value in node.fields().items()}


def _check_score(node: Node, summary: Summary) -> None:
    """A report must not show two scores: S is what the costs of its controllers say."""
    score = node.optional_number()
    expected = summary.score_of("learned") if "learned" in summary.controllers else None
    if score is None or expected is None:
        return
    if abs(score - expected) > SCORE_TOLERANCE * max(1, abs(expected)):
        raise node.refusal(f"{expected:.4f} by the costs j_eur of rule, learned and optimum")


def read_columns(path: Path, required: tuple[str, ...]) -> dict[str, NDArray[Any]] | None:
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
