"""The promise "15 % less cost and 10 % less carbon", held against every rung of the ladder.

A claim of x % holds where

- at least LEAST_WEEKS whole weeks of the test split were played, on the tariff as published,
- the paired bootstrap interval by week of the reduction lies above x %, and so excludes 0,
- neither a peak nor a violation nor what is left undone (cars, heat) rises by more than TOLERANCE,
- bill and carbon aren't cut by emptying stores: what they lose more than the rung's is worth no more than TOLERANCE of its J,

and S is stated beside it. The promise as a whole holds for a controller where all its claims hold against all of REQUIRED: the
rule, and planning without a forecast worth the name. Cost is claimed twice, as bill and as J, which counts what is in stores.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.statistics import Interval, percent_less

Floats = NDArray[np.float64]
Table = Mapping[str, Mapping[str, float]]
Weekly = Mapping[str, Mapping[str, Floats]]

PROMISES = {"bill_eur": 15.0, "j_eur": 15.0, "co2_kg": 10.0}
"""Percent less, by key figure."""
REQUIRED = ("rule", "mpc_persistence")
"""Rungs that the promise must hold against; where one wasn't played, it doesn't hold."""
LEAST_WEEKS = 8
"""Held-out weeks that a claim needs."""
TOLERANCE = 0.01
"""Share by which side effects may rise."""
SIDE_EFFECTS = {
    "peak_kw": ("the highest power at the transformer", "kW", 0.05),
    "mean_daily_peak_kw": ("the mean daily peak", "kW", 0.05),
    "export_peak_kw": ("the highest power fed back", "kW", 0.05),
    "overload_kwh": ("overload", "kWh", 0.5),
    "breach_kwh": ("energy outside envelopes", "kWh", 0.5),
    "voltage_hours": ("hours outside the voltage band", "h", 0.25),
    "voltage_pu_h": ("the distance from the voltage band", "pu h", 0.005),
    "unmet_ev_kwh": ("energy missing in cars", "kWh", 0.5),
    "unserved_heat_kwh": ("heat not served", "kWh", 0.5),
}
"""What must not rise: in words, its unit, and what a rise from next to nothing must exceed to count."""
STORES_APART = ("bill_eur", "co2_kg")
"""Figures that don't count what is left in stores."""
_NAMES = {"bill_eur": "The bill", "j_eur": "The cost J", "co2_kg": "Carbon"}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One figure of one controller against one rung."""

    controller: str
    against: str
    figure: str
    """bill_eur, j_eur or co2_kg."""
    promised_percent: float
    """How much less is claimed."""
    reduction: Interval
    """How much less it is, in percent of the sum over weeks, with its paired interval by week."""
    proven_percent: float
    """The most that could be claimed: the interval's low end, 0 where it isn't positive or a side effect speaks against it."""
    holds: bool
    reason: str
    """Why, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the whole promise holds for a controller."""

    controller: str
    holds: bool
    against: tuple[str, ...]
    """Rungs that it was held against."""
    s: float | None
    """S of the controller, which is stated with every claim."""
    reason: str


def check_claims(
    weekly: Weekly, table: Table, subjects: Sequence[str], rungs: Sequence[str], unfit: str | None = None
) -> tuple[Claim, ...]:
    """Every promise of every subject against every other rung.

    ``weekly`` holds by controller and figure what it came to (runs, weeks); ``table`` its key figures over all weeks.
    ``unfit`` says why nothing may be claimed by what was played, if so.
    """
    return tuple(
        _check(weekly, table, subject, rung, figure, unfit)
        for subject in subjects
        for rung in rungs
        if rung != subject
        for figure in PROMISES
    )


def verdict(claims: Sequence[Claim], controller: str, s: float) -> Verdict:
    """The promise as a whole, by a controller's claims against the rungs that it must beat."""
    ours = [claim for claim in claims if claim.controller == controller]
    against = tuple(rung for rung in REQUIRED if any(claim.against == rung for claim in ours))
    missing = [rung for rung in REQUIRED if rung not in (*against, controller)]
    decisive = [claim for claim in ours if claim.against in against]
    failed = [claim for claim in decisive if not claim.holds]
    if failed:
        reason = f"Against {failed[0].against}: {failed[0].reason}"
    elif missing:
        reason = f"It wasn't held against {' and '.join(missing)}, which must be played too."
    else:
        reason = f"Bill, J and carbon fall as promised against {' and '.join(against)}; S is {s:.2f}."
    return Verdict(
        controller=controller,
        holds=not failed and not missing,
        against=against,
        s=_finite(s),
        reason=reason,
    )


def side_effects(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[str, ...]:
    """What rises by more than it may, each in words."""
    found = []
    for figure, (words, unit, negligible) in SIDE_EFFECTS.items():
        before, after = theirs.get(figure, math.nan), ours.get(figure, math.nan)
        if after > before * (1.0 + TOLERANCE) and after - before > negligible:
            found.append(f"{words} rises from {before:,.1f} to {after:,.1f} {unit}")
    return tuple(found)


def emptied_stores(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[str, ...]:
    """That stores end emptier than theirs by more than they may, in words; nothing where they don't."""
    taken_eur = ours.get("stored_eur", math.nan) - theirs.get("stored_eur", math.nan)
    whole_eur = theirs.get("j_eur", math.nan)
    if not taken_eur > TOLERANCE * abs(whole_eur):
        return ()
    return (f"what is left in stores is worth {taken_eur:,.1f} EUR less, beside a J of {whole_eur:,.1f} EUR",)


def _check(weekly: Weekly, table: Table, subject: str, rung: str, figure: str, unfit: str | None) -> Claim:
    ours, theirs = weekly[subject][figure], weekly[rung][figure]
    reduction, promised = percent_less(ours, theirs), PROMISES[figure]
    effects = side_effects(table[subject], table[rung])
    if figure in STORES_APART:
        effects += emptied_stores(table[subject], table[rung])
    if unfit is None and ours.shape[-1] < LEAST_WEEKS:
        unfit = f"{ours.shape[-1]} weeks are too few for a claim, which needs {LEAST_WEEKS}"
    objection = _objection(reduction, promised, effects, unfit, rung)
    return Claim(
        controller=subject,
        against=rung,
        figure=figure,
        promised_percent=promised,
        reduction=reduction,
        proven_percent=_proven(reduction, effects, unfit),
        holds=objection is None,
        reason=_sentence(figure, reduction, rung, objection),
    )


def _proven(reduction: Interval, effects: Sequence[str], unfit: str | None) -> float:
    if effects or unfit is not None or not reduction.low > 0.0:
        return 0.0
    return reduction.low


def _objection(
    reduction: Interval, promised: float, effects: Sequence[str], unfit: str | None, rung: str
) -> str | None:
    """What speaks against a claim, the gravest first; None where nothing does."""
    if math.isnan(reduction.low):
        return f"{rung} has an income in too many of the weeks that may be drawn, and of that there is no percentage"
    if unfit is not None:
        return unfit
    if not reduction.excludes_zero:
        return "the interval includes 0, so chance alone may have made the difference"
    if reduction.high < 0.0:
        return "that is more, not less"
    if effects:
        return f"{effects[0]}, by more than {TOLERANCE:.0%}"
    if reduction.estimate < promised:
        return f"that is less than the {promised:g} % promised"
    if reduction.low <= promised:
        return f"the interval begins below the {promised:g} % promised"
    return None


def _sentence(figure: str, reduction: Interval, rung: str, objection: str | None) -> str:
    if math.isnan(reduction.estimate):
        return f"{_NAMES[figure]} can't be compared: {objection}."
    word = "lower" if reduction.estimate >= 0.0 else "higher"
    told = f"{_NAMES[figure]} is {abs(reduction.estimate):.1f} % {word} than with {rung}"
    if not math.isnan(reduction.low):
        told += f" (reduction of {reduction.low:.1f} to {reduction.high:.1f} %)"
    if objection is None:
        return f"{told}, the whole interval above what is promised, and no peak or violation rises by more than {TOLERANCE:.0%}."
    return f"{told}, but {objection}." if reduction.estimate > 0.0 else f"{told}: {objection}."


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
