"""Yardsticks that the benchmark gets for itself, so that the project depends on none of them."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Unavailable(Exception):
    """A yardstick can't be had here; the message says which and why."""


def cache_folder() -> Path:
    """Where what was fetched is kept between runs."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "gridbid" / "benchmarks"


def installed(requirements: tuple[str, ...]) -> Path:
    """Folder with these packages, and what they need, for this Python; pip fills it on first use."""
    key = hashlib.sha256(repr((sys.version_info[:2], requirements)).encode()).hexdigest()[:16]
    folder = cache_folder() / key
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            filled = Path(scratch) / "packages"
            _install(requirements, filled)
            filled.rename(folder)
    return folder


def _install(requirements: tuple[str, ...], folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip() or "pip failed").splitlines()[-1]
        raise Unavailable(f"{', '.join(requirements)} can't be installed: {reason}")


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let imports find the folder's packages, after everything that is installed."""
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
