"""``summary.json`` as the report knows it; optional parts are None or empty where a run has none."""

from dataclasses import dataclass

from gridbid.evaluate.report.controllers import LEARNED, NOTHING, YARDSTICKS


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
class Claim:
    """That a controller's figure lies a promised share below another's: what was found (percent), and whether it holds."""

    controller: str
    against: str
    figure: str
    promised_percent: float
    reduction_percent: float | None
    interval_percent: tuple[float, float] | None
    holds: bool
    reason: str


@dataclass(frozen=True)
class Verdict:
    """Whether all that is promised of a controller holds against the rungs that count, and why or why not."""

    controller: str
    against: tuple[str, ...]
    holds: bool
    reason: str


@dataclass(frozen=True)
class Standing:
    """A controller's weekly scores: their interquartile mean with its interval, and how likely it beats the rule (0 to 1)."""

    mean: float
    interval: tuple[float, float] | None
    improvement: float | None


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
    j_eur_by_week: dict[str, tuple[float, ...]]
    claims: tuple[Claim, ...]
    verdicts: tuple[Verdict, ...]
    standings: dict[str, Standing]
    weeks: tuple[str, ...]
    samples: int
    parity: Parity | None
    residuals: dict[str, int]
    chain: ChainUse | None
    learning: tuple[LearningPoint, ...]
    stages_s: dict[str, float]
    versions: dict[str, str]
    manifest: dict[str, object]

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
        """What the report is about: the learned controller, else the cheapest of whom something is promised, else nothing.

        Promises are checked for the policies that were brought along. Where none were checked, all but yardsticks compete.
        """
        if LEARNED in self.controllers:
            return LEARNED
        promised = [verdict.controller for verdict in self.verdicts if verdict.controller in self.controllers]
        compared = promised or [name for name in self.controllers if name not in YARDSTICKS]
        fallback = NOTHING if NOTHING in self.controllers else None
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
