"""What a result came from: files by their SHA-256, versions of programs, the commit of a checkout."""

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from gridbid.envs.compile import CompiledScenario
from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.prices import TYPICAL_DAYS

PACKAGES = ("gridbid", "numpy", "numba", "scipy", "highspy", "onnxruntime")
"""Whose versions may tell in a result."""
ROOT = Path(__file__).resolve().parents[2]
"""Folder that this program lies in."""


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """A file that entered."""

    part: str
    """What it was to the experiment: it stays the same wherever the file lies."""
    path: str
    """Where it lay."""
    sha256: str
    """Of its content."""


def data_file(part: str, path: Path) -> DataFile:
    """A file as it is now; one that comes with the program by its place there. OSError when it can't be read."""
    whole = path.resolve()
    shown = whole.relative_to(ROOT) if whole.is_relative_to(ROOT / "envs") else path
    return DataFile(part=part, path=str(shown), sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def scenario_files(scenario: Scenario, prices: Path | None, sessions: Path | None) -> tuple[DataFile, ...]:
    """All files that a scenario's year is made of; ``prices`` and ``sessions`` stand in for its own series."""
    named = {f"scenario/{path.name}": path for path in sorted(scenario.folder.iterdir()) if _is_data(path)}
    prices = scenario.price_file.path if prices is None and scenario.price_file else prices
    sessions = scenario.session_file.path if sessions is None and scenario.session_file else sessions
    named["prices"] = TYPICAL_DAYS if prices is None else prices
    if sessions is not None:
        named["sessions"] = sessions
    return tuple(data_file(part, path) for part, path in named.items())


def bundle_files(method: str, folders: Iterable[Path]) -> tuple[DataFile, ...]:
    """What the bundles of a method are made of."""
    return tuple(
        data_file(f"{method}[{run}]/{path.name}", path)
        for run, folder in enumerate(folders)
        for path in sorted(folder.iterdir())
        if path.suffix in (".onnx", ".json")
    )


def draws_sha256(compiled: CompiledScenario, starts: Iterable[int], n_slots: int) -> str:
    """SHA-256 of all that happens in episodes from ``starts``: weather, prices, carbon and cars of every sample."""
    series, digest = compiled.community.series, hashlib.sha256()
    by_slot = (series.load_kw, series.pv_kw, series.heat_kw, series.fee)
    by_sample = (
        *(series.retail, series.feed_in, series.wholesale, series.carbon_g_per_kwh),
        *(series.car_departure, series.car_arrival_kwh, series.car_target_kwh),
    )
    for start in starts:
        span = slice(start, start + n_slots)
        for array in (*(array[span] for array in by_slot), *(array[:, span] for array in by_sample)):
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of what may tell in a result; packages that aren't installed are left out."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit that is checked out here, with -dirty after changes to more than the pages; None where this is no checkout."""
    try:
        if Path(_git("rev-parse", "--show-toplevel")) != ROOT:
            return None
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)docs")
        return _git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.strip()


def _is_data(path: Path) -> bool:
    return path.suffix in (".yaml", ".parquet")
