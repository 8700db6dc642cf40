"""What a task came to, controller by controller, and the file that keeps it."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gridbid.evaluate.files import write_json
from gridbid.evaluate.protocol import OPTIMUM, RULE, Evaluation
from gridbid.evaluate.statistics import Interval, stratified_bootstrap
from gridbid.evaluate.suite.definition import Suite, Task, task_from

FIGURES = (
    "bill_eur",
    "violation_eur",
    "peak_kw",
    "mean_daily_peak_kw",
    "overload_kwh",
    "breach_kwh",
    "voltage_hours",
    "unmet_ev_kwh",
    "co2_kg",
)
"""Key figures that a result keeps, as `gridbid.evaluate.kpis` defines them."""

_DIGITS = 6
"""Decimals that are kept of amounts."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """One controller on one task."""

    j_eur: tuple[float, ...]
    """By week."""
    s: Interval
    """Ratio of sums over the weeks, with its paired bootstrap interval."""
    iqm_s: Interval
    """Interquartile mean of the weeks' own S, with its bootstrap interval."""
    figures: dict[str, float | None]
    """`FIGURES` over all weeks; None where one has no meaning."""


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """All controllers on one task."""

    suite: str
    suite_sha256: str
    commit: str
    task: Task
    entrants: dict[str, str | None]
    """Who was asked to play: the SHA-256 of a bundle by its name, None for a policy of the program."""
    controllers: dict[str, Played]
    seconds: dict[str, float]
    """Wall time by controller; all else is the same however often the task is played."""

    def weekly_s(self, name: str) -> np.ndarray:
        """S of each week by itself (weeks,); nan in a week in which rule and optimum cost the same."""
        rule, optimum, ours = (np.array(self.controllers[one].j_eur) for one in (RULE, OPTIMUM, name))
        return weekly_scores(rule, ours, optimum)


def weekly_scores(rule: np.ndarray, ours: np.ndarray, optimum: np.ndarray) -> np.ndarray:
    """(J_rule - J) / (J_rule - J_optimum) week by week; nan where rule and optimum cost the same."""
    gap = rule - optimum
    return np.divide(rule - ours, gap, out=np.full(gap.shape, np.nan), where=gap != 0.0)


def task_result(
    suite: Suite,
    task: Task,
    evaluation: Evaluation,
    *,
    commit: str,
    entrants: Mapping[str, str | None],
    seconds: Mapping[str, float],
) -> TaskResult:
    """The part of an evaluation that a suite keeps."""
    j_eur = {name: np.round(j, _DIGITS) for name, j in evaluation.j_eur.items()}
    return TaskResult(
        suite=suite.version,
        suite_sha256=suite.sha256,
        commit=commit,
        task=task,
        entrants=dict(entrants),
        controllers={
            name: Played(
                j_eur=tuple(j.tolist()),
                s=evaluation.scores[name],
                iqm_s=stratified_bootstrap(weekly_scores(j_eur[RULE], j, j_eur[OPTIMUM])[:, None]),
                figures={figure: _finite(evaluation.table[name][figure]) for figure in FIGURES},
            )
            for name, j in j_eur.items()
        },
        seconds={name: round(spent, 1) for name, spent in seconds.items()},
    )


def write_result(result: TaskResult, folder: Path) -> Path:
    """Write a result into the folder, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.task.name}.json"
    document = asdict(result)
    for name, played in result.controllers.items():
        document["controllers"][name] |= {"s": _rounded(played.s), "iqm_s": _rounded(played.iqm_s)}
    write_json(path, document)
    return path


def read_result(path: Path) -> TaskResult:
    """Read a result back."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    played = {
        name: Played(
            j_eur=tuple(entry["j_eur"]),
            s=_interval(entry["s"]),
            iqm_s=_interval(entry["iqm_s"]),
            figures=entry["figures"],
        )
        for name, entry in document["controllers"].items()
    }
    return TaskResult(**{**document, "task": task_from(document["task"]), "controllers": played})


def _rounded(interval: Interval) -> list[float | None]:
    return [_finite(figure) for figure in interval]


def _interval(figures: list[float | None]) -> Interval:
    return Interval(*(math.nan if figure is None else figure for figure in figures))


def _finite(figure: float) -> float | None:
    return round(float(figure), _DIGITS) if math.isfinite(figure) else None
