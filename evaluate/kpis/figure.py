"""What a key figure is, and what it is computed from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.kpis.slot_market import SlotMarkets, slot_markets
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.community import Community

Records = Sequence[WeekRecord]
Floats = NDArray[np.float64]
Better = Literal["lower", "higher", "none"]


@dataclass(frozen=True)
class Weeks:
    """One controller's weeks and what else its figures are measured by."""

    records: Records
    community: Community
    kinds: tuple[str, ...] = ()
    """Kind of each seat with a meter; empty where nobody asks by kind."""
    alone_eur: Floats | None = None
    """J of each member without a community (N,), over the same weeks; None: fairness has no base."""
    without_events: Records = ()
    """The same weeks of the same controller without events: what baselines are checked against."""

    @cached_property
    def markets(self) -> tuple[SlotMarkets, ...]:
        """The slots of each record as markets."""
        return tuple(slot_markets(record) for record in self.records)

    def total(self, amount: Callable[[WeekRecord], float]) -> float:
        """Sum of an amount over the records."""
        return float(sum(amount(record) for record in self.records))


@dataclass(frozen=True)
class Kpi:
    """A key figure of a controller's weeks."""

    name: str
    unit: str
    better: Better
    """Which way is better, other things equal; none where that depends."""
    meaning: str
    """Its formula in words."""
    compute: Callable[[Weeks], float]
    """The formula; nan where it has no meaning."""


def sum_of(name: str) -> Callable[[Weeks], float]:
    """The sum of a record's field over everything."""
    return lambda weeks: weeks.total(lambda record: getattr(record, name).sum())


def ratio(numerator: float, denominator: float) -> float:
    """A quotient of sums; nan unless the denominator is above 0."""
    return numerator / denominator if denominator > 0.0 else float("nan")


def mean(values: Floats) -> float:
    """Mean of what is not nan; nan where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def community_kwh(record: WeekRecord) -> Floats:
    """Net energy of all meters, import positive, (T,)."""
    return record.net_kwh.sum(axis=1)
