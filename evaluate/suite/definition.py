"""What a version of the suite plays: tasks, each a scenario with its weeks, frozen in a file with the hashes of its data."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from gridbid.market.errors import InputError

LATEST = "gridbid-2026.1"
VERSIONS = Path(__file__).parent / "versions"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One scenario of the suite, and the episodes that are played in it."""

    name: str
    scenario: str
    """A built-in scenario."""
    scenario_sha256: str
    """Its digest when the suite was frozen."""
    weeks: tuple[int, ...]
    """Local weeks of the suite's split."""
    n_slots: int
    """Slots of each episode, from the week's first."""
    series: dict[str, float]
    """What its seeded series came to when the suite was frozen (`gridbid.evaluate.suite.guard`)."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A version of the suite."""

    version: str
    split: str
    samples: int
    """Draws of prices and cars for each week."""
    seed: int
    """Of the draws, as `gridbid.evaluate.protocol.evaluate` takes it."""
    prices: str
    """Where prices and cars come from; "seeded" are the built-in sampled ones."""
    sizes: dict[str, tuple[str, ...]]
    """Names of the tasks by size."""
    tasks: tuple[Task, ...]

    @property
    def sha256(self) -> str:
        """The suite's hash: that of everything in it, in canonical JSON."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def of_size(self, size: str, only: Sequence[str] = ()) -> tuple[Task, ...]:
        """The tasks of a size, or those of them that are named, in the order of the suite."""
        if size not in self.sizes:
            raise InputError(f"size: {size!r}; expected one of {', '.join(self.sizes)}")
        names = self.sizes[size]
        unknown = [name for name in only if name not in names]
        if unknown:
            raise InputError(f"task: {', '.join(unknown)}; size {size} has {', '.join(names)}")
        return tuple(task for task in self.tasks if task.name in (only or names))


def load_suite(version: str = LATEST, folder: Path = VERSIONS) -> Suite:
    """Read a version. InputError when there is none in the folder, or when its file was changed."""
    path = folder / f"{version}.json"
    if not path.is_file():
        known = ", ".join(sorted(other.stem for other in folder.glob("*.json")))
        raise InputError(f"suite: no version {version!r}; there are {known}")
    document = json.loads(path.read_text(encoding="utf-8"))
    promised = document.pop("sha256")
    suite = suite_from(document)
    if suite.sha256 != promised:
        raise InputError(f"{path.name}: its content has the hash {suite.sha256}, but it says {promised}")
    return suite


def suite_from(document: dict[str, Any]) -> Suite:
    """A suite from its document, without the hash."""
    tasks = tuple(task_from(task) for task in document["tasks"])
    sizes = {size: tuple(names) for size, names in document["sizes"].items()}
    return Suite(**{**document, "tasks": tasks, "sizes": sizes})


def task_from(document: dict[str, Any]) -> Task:
    """A task from its document; entries that a task doesn't have are ignored."""
    known = {field.name: document[field.name] for field in fields(Task)}
    return Task(**{**known, "weeks": tuple(document["weeks"])})


def as_document(suite: Suite) -> dict[str, Any]:
    """What a suite's file holds."""
    return {**asdict(suite), "sha256": suite.sha256}
