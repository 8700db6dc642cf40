"""Which version of the program runs."""

import subprocess
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_UNKNOWN = "unknown"


def program_version() -> str:
    """The checked-out commit, with -dirty after changes to anything but the pages in docs; unknown outside a repository."""
    try:
        commit = _git("rev-parse", "HEAD")
        changes = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)docs")
    except (OSError, subprocess.CalledProcessError):
        return _UNKNOWN
    return f"{commit}-dirty" if changes else commit


def _git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True)
    return told.stdout.strip()
