"""Freezes a version of the suite: ``python -m gridbid.evaluate.suite.freeze`` writes its file; an existing one is never replaced.

What has been published stays as it is: whoever changes a scenario, a week or a seed makes a new version here.
"""

from dataclasses import replace
from pathlib import Path

from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.files import write_json
from gridbid.evaluate.suite.definition import LATEST, VERSIONS, Suite, Task, as_document
from gridbid.evaluate.suite.guard import measure_series
from gridbid.market.errors import InputError

WEEKS = (3, 7, 16, 20, 29, 33, 42, 46)
"""The test weeks of the built-in scenarios."""
WEEK, TWO_DAYS, DAY = 672, 192, 96
"""Slots of an episode. The optimum of a week of `village` takes minutes, that of two days seconds."""

DRAFT = Suite(
    version=LATEST,
    split="test",
    samples=1,
    seed=0,
    prices="seeded",
    sizes={
        "quick": ("quick",),
        "small": ("tiny", "rural"),
        "full": ("tiny", "rural", "suburb", "village", "town"),
    },
    tasks=tuple(
        Task(name=name, scenario=scenario, scenario_sha256="", weeks=weeks, n_slots=n_slots, series={})
        for name, scenario, weeks, n_slots in (
            ("quick", "tiny", (16, 42), DAY),
            ("tiny", "tiny", WEEKS, WEEK),
            ("rural", "rural", WEEKS, WEEK),
            ("suburb", "suburb", WEEKS, WEEK),
            ("village", "village", WEEKS, TWO_DAYS),
            ("town", "town", WEEKS, WEEK),
        )
    ),
)
"""The latest version without the hashes of its data."""


def freeze(draft: Suite = DRAFT) -> Suite:
    """The suite with the hashes and sums of the data as they are now."""
    tasks = [replace(task, scenario_sha256=load_scenario(task.scenario).digest) for task in draft.tasks]
    return replace(draft, tasks=tuple(replace(task, series=measure_series(draft, task)) for task in tasks))


def write_version(suite: Suite, folder: Path = VERSIONS) -> Path:
    """Write a suite's file. InputError when it is there."""
    path = folder / f"{suite.version}.json"
    if path.exists():
        raise InputError(f"{path}: this version is frozen; give the suite another version")
    write_json(path, as_document(suite))
    return path


if __name__ == "__main__":
    print(write_version(freeze()))
