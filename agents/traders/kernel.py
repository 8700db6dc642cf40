"""How traders' kernels are compiled: as the market's, in a cache that follows the sources of this folder as well.

The market's cache has a folder for each state of the market's sources (see `gridbid.market.kernel`), which is not enough for
kernels that call others outside the market: they would run yesterday's traders. Sessions that call traders' kernels
are compiled with this decorator too.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba as nb

from gridbid.market.kernel import kernel


def cache_folder(sources: Path, beside: str) -> str:
    """A folder inside ``beside`` for the state of the Python files in ``sources``."""
    digest = hashlib.sha256()
    for path in sorted(sources.glob("*.py")):
        digest.update(path.read_bytes())
    return str(Path(beside) / f"traders-{digest.hexdigest()[:16]}")


_CACHE_FOLDER = cache_folder(Path(__file__).parent, nb.config.CACHE_DIR)


def trader_kernel(function: Callable[..., Any]) -> Any:
    """A kernel of the market's kind: it neither makes nor returns an array."""
    markets_folder = nb.config.CACHE_DIR
    nb.config.CACHE_DIR = _CACHE_FOLDER
    try:
        return kernel(function)
    finally:
        nb.config.CACHE_DIR = markets_folder
