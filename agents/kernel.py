"""How agents' kernels are compiled: as the market's, in a cache that follows the agents' sources as well.

The market's cache has a folder for each state of the market's sources (see `gridbid.market.kernel`), which is not enough for
kernels that call others outside the market: they would run yesterday's agents. Sessions that call agents' kernels are
compiled with this decorator too.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numba as nb

from gridbid.market.kernel import kernel

_FOLDERS = ("traders", "trading", "baselines")
"""Where kernels stand, in this package."""


def cache_folder(sources: Iterable[Path], beside: str) -> str:
    """A folder inside ``beside`` for the state of the Python files in the folders ``sources``."""
    digest = hashlib.sha256()
    for folder in sources:
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return str(Path(beside) / f"agents-{digest.hexdigest()[:16]}")


_CACHE_FOLDER = cache_folder((Path(__file__).parent / name for name in _FOLDERS), nb.config.CACHE_DIR)


def agent_kernel(function: Callable[..., Any]) -> Any:
    """A kernel of the market's kind: it neither makes nor returns an array."""
    markets_folder = nb.config.CACHE_DIR
    nb.config.CACHE_DIR = _CACHE_FOLDER
    try:
        return kernel(function)
    finally:
        nb.config.CACHE_DIR = markets_folder
