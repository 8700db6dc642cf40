"""Plays policies through stresses, every policy through the same weeks, draws and stresses."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.named import POLICIES
from gridbid.agents.policy import Policy
from gridbid.agents.programs.optimum import solve_week
from gridbid.envs.batch_env import slots_per_week
from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.scenario import Scenario
from gridbid.evaluate.protocol import FIRST_SEED
from gridbid.evaluate.records.record import WeekRecord
from gridbid.evaluate.records.rollout import Cases, OnProgress, Rollout, run_policy
from gridbid.evaluate.robustness.members import MembersLeaving
from gridbid.evaluate.robustness.observed import ForecastLoss, MeterDropout
from gridbid.evaluate.robustness.opponents import AdversarialBidder, PopulationSwap
from gridbid.evaluate.robustness.prices import NegativePrices, PriceShock
from gridbid.evaluate.robustness.result import RULE, Robustness, StressOutcome
from gridbid.evaluate.robustness.stress import AS_IS, Episodes, Stress
from gridbid.market.errors import InputError
from gridbid.market.types import Cost

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

OPPONENTS = ("zip", "aa", "zero_intelligence")
"""Populations that are swapped in, as far as they are registered."""


def standard_stresses() -> tuple[Stress, ...]:
    """All of them, without the weeks as they are."""
    swaps = (PopulationSwap(name) for name in OPPONENTS if name in POLICIES)
    return (
        PriceShock(),
        NegativePrices(),
        ForecastLoss(),
        MeterDropout(),
        MembersLeaving(),
        *swaps,
        AdversarialBidder(),
    )


def stress(
    scenario: CompiledScenario | Scenario | str | os.PathLike[str],
    policies: Sequence[Policy],
    weeks: Sequence[int],
    stresses: Sequence[Stress] | None = None,
    *,
    split: str = "test",
    n_slots: int | None = None,
    seed: int = 0,
    optimum: bool = False,
    on_progress: OnProgress | None = None,
) -> Robustness:
    """Play the rule and ``policies`` in ``weeks`` as they are and under every stress.

    A week is the mean of all samples of prices and cars of a compiled scenario; any other is compiled for ``split``
    with one. An episode has ``n_slots`` slots, a week's by default. With ``optimum`` the bound is solved as well, anew
    where a stress changes what happens.
    """
    compiled = (
        scenario
        if isinstance(scenario, CompiledScenario)
        else compile_community(scenario, [FIRST_SEED + 1_000 * seed], split=split)
    )
    chosen = (AS_IS, *(standard_stresses() if stresses is None else stresses))
    players = tuple(policies) if RULE in [p.name for p in policies] else (RulePolicy(), *policies)
    _check(weeks, [each.name for each in chosen], [player.name for player in players])
    n_samples = compiled.community.series.retail.shape[0]
    cases = Cases(
        np.repeat(np.array(weeks, np.int64), n_samples),
        np.tile(np.arange(n_samples), len(weeks)),
        n_slots or slots_per_week(compiled.community),
        seed,
    )
    episodes = Episodes(tuple(compiled.year.week_start(week) for week in weeks), cases.n_slots)
    outcomes: list[StressOutcome] = []
    for each in chosen:
        played = each.scenario(compiled, episodes)
        rollouts = {
            player.name: run_policy(played, each.policy(player, compiled), cases, alter=each.alter(compiled))
            for player in players
        }
        bound = outcomes[0].optimum_eur if outcomes else None
        if optimum and (bound is None or each.changes_truth):
            bound = _optimum_eur(played, cases, len(weeks))
        outcomes.append(_outcome(each, each.tested(compiled), rollouts, bound, len(weeks)))
        if on_progress is not None:
            on_progress("stress", len(outcomes) / len(chosen))
    return Robustness(
        weeks=tuple(weeks), controllers=tuple(player.name for player in players), outcomes=tuple(outcomes)
    )


def _check(weeks: Sequence[int], stresses: Sequence[str], controllers: Sequence[str]) -> None:
    names = [*stresses, *controllers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not weeks or twice:
        raise InputError(
            f"weeks: {list(weeks)}, named twice among stresses and policies: {twice}; "
            "expected at least one week, and every name once"
        )


def _outcome(
    stress: Stress,
    tested: Flags,
    rollouts: Mapping[str, Rollout],
    optimum_eur: Floats | None,
    n_weeks: int,
) -> StressOutcome:
    def by_week(figure: Callable[[WeekRecord], Any]) -> dict[str, Floats]:
        return {
            name: _by_week([figure(record) for record in rollout.records], n_weeks)
            for name, rollout in rollouts.items()
        }

    books = [rollout.residuals for rollout in rollouts.values()]
    return StressOutcome(
        stress=stress,
        tested=tested,
        members_eur=by_week(lambda record: record.cost_eur.sum(axis=1)),
        bill_eur=by_week(lambda record: record.cost_eur[:, Cost.BILL].sum()),
        unmet_ev_kwh=by_week(lambda record: record.unmet_kwh.sum()),
        optimum_eur=optimum_eur,
        residuals={name: sum(book[name] for book in books) for name in books[0]},
    )


def _optimum_eur(compiled: CompiledScenario, cases: Cases, n_weeks: int) -> Floats:
    """The bound on J by week (weeks,)."""
    return _by_week(
        [
            solve_week(compiled.community, compiled.year.week_start(week), cases.n_slots, sample).j_eur
            for week, sample in zip(cases.weeks.tolist(), cases.samples.tolist(), strict=True)
        ],
        n_weeks,
    )


def _by_week(figures: Sequence[Any], n_weeks: int) -> Floats:
    """Figures by case, means over samples."""
    table = np.array(figures, np.float64)
    return np.asarray(table.reshape(n_weeks, -1, *table.shape[1:]).mean(axis=1))
