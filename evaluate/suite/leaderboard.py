"""Leaderboard rows: one line a controller over all tasks, as JSON and as Markdown."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gridbid.evaluate.files import write_text
from gridbid.evaluate.statistics import Interval, stratified_bootstrap
from gridbid.evaluate.suite.results import TaskResult
from gridbid.market.errors import InputError

ROWS, PAGE = "leaderboard.jsonl", "leaderboard.md"
_DIGITS = 6


def read_exploitability(path: Path) -> tuple[str, dict[str, float]]:
    """The policy of an `exploitability.json`, and what its greatest and mean gain against it are, ct/kWh."""
    document = json.loads(path.read_text(encoding="utf-8"))
    keys = ("max_ct_per_kwh", "mean_ct_per_kwh")
    missing = [key for key in ("policy", *keys) if key not in document]
    if missing:
        raise InputError(f"{path}: {', '.join(missing)} missing; expected the file of a run folder")
    return document["policy"], {key: document[key] for key in keys}


def leaderboard_rows(
    results: Sequence[TaskResult], size: str, exploitability: Mapping[str, Mapping[str, float]] | None = None
) -> list[dict[str, Any]]:
    """A row for each controller that played all tasks, the best first; ``exploitability`` where it was measured."""
    gains = exploitability or {}
    names = [name for name in results[0].controllers if all(name in one.controllers for one in results)]
    unknown = sorted(set(gains) - set(names))
    if unknown:
        raise InputError(f"exploitability: of {', '.join(unknown)}; expected one of {', '.join(names)}")
    rows = [_row(results, size, name, gains.get(name)) for name in names]
    return sorted(rows, key=lambda row: (-(row["iqm_s"][0] or 0.0), row["name"]))


def write_leaderboard(rows: Sequence[Mapping[str, Any]], folder: Path) -> tuple[Path, Path]:
    """Write the rows as JSON lines and as a Markdown table into the folder."""
    lines = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
    write_text(folder / ROWS, lines)
    write_text(folder / PAGE, markdown_rows(rows) + "\n")
    return folder / ROWS, folder / PAGE


def markdown_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a Markdown table."""
    tasks = list(rows[0]["tasks"])
    head = ["controller", "suite", "commit", "IQM of S [95 %]"]
    head += [
        f"{task}: {figure}"
        for task in tasks
        for figure in ("J, EUR", "S [95 %]", "peak, kW", "violations, EUR")
    ]
    head += ["exploitability, ct/kWh", "seconds"]
    lines = [_line(head), _line(["---"] * 4 + ["---:"] * (len(head) - 4))]
    lines += [_line(_cells(row, tasks)) for row in rows]
    return "\n".join(lines)


def shown_interval(interval: Sequence[float | None]) -> str:
    """``0.40 [0.37, 0.43]``; the figure alone where its interval is a point, nothing where it has no meaning."""
    if any(figure is None or not math.isfinite(figure) for figure in interval):
        return ""
    estimate, low, high = (f"{round(figure or 0.0, 2) + 0.0:.2f}" for figure in interval)
    return estimate if low == high == estimate else f"{estimate} [{low}, {high}]"


def overall_s(results: Sequence[TaskResult], name: str) -> Interval:
    """Interquartile mean of S over all weeks of all tasks; weeks are drawn anew within each task."""
    return stratified_bootstrap(np.column_stack([result.weekly_s(name) for result in results]))


def _row(
    results: Sequence[TaskResult], size: str, name: str, gains: Mapping[str, float] | None
) -> dict[str, Any]:
    first = results[0]
    tasks = {
        result.task.name: {
            "j_eur": round(math.fsum(result.controllers[name].j_eur), _DIGITS),
            "s": _numbers(result.controllers[name].s),
            "iqm_s": _numbers(result.controllers[name].iqm_s),
            **result.controllers[name].figures,
            "seconds": result.seconds.get(name, 0.0),
        }
        for result in results
    }
    return {
        "suite": first.suite,
        "suite_sha256": first.suite_sha256,
        "size": size,
        "name": name,
        "bundles": list(first.entrants.get(name, ())),
        "commit": first.commit,
        "iqm_s": _numbers(overall_s(results, name)),
        "tasks": tasks,
        "exploitability": None if gains is None else dict(gains),
        "seconds": round(sum(result.seconds.get(name, 0.0) for result in results), 1),
    }


def _cells(row: Mapping[str, Any], tasks: Sequence[str]) -> list[str]:
    cells = [row["name"], row["suite"], row["commit"][:12], shown_interval(row["iqm_s"])]
    for task in tasks:
        found = row["tasks"][task]
        cells += [
            f"{found['j_eur']:.2f}",
            shown_interval(found["s"]),
            f"{found['peak_kw']:.1f}",
            f"{found['violation_eur']:.2f}",
        ]
    gains = row["exploitability"]
    return [*cells, "" if gains is None else f"{gains['max_ct_per_kwh']:.2f}", f"{row['seconds']:.0f}"]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _numbers(interval: Interval) -> list[float | None]:
    return [round(figure, _DIGITS) if math.isfinite(figure) else None for figure in interval]
