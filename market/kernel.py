"""How every kernel is compiled: cached, IEEE arithmetic (no fastmath: results must not depend on the CPU), no GIL.

A kernel that neither makes nor returns an array needs no reference counting, and is spared it (``_nrt=False``): the records
that kernels hand to each other hold a hundred arrays, and counting each on every call took ten times as long as the work.
One that returns an array (a view counts) must be an ``allocating_kernel``, and so must its callers: an uncounted reference
that somebody else releases frees memory in use.

Numba keys its cache by a kernel's own file and would run yesterday's code of a kernel that it calls in another. So the
cache has a folder for each state of this package's sources, where all kernels lie that others call.
"""

import hashlib
import os
from pathlib import Path

import numba as nb

_PACKAGE = Path(__file__).parent


def _cache_folder() -> Path:
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    beside = _PACKAGE / "__pycache__" if os.access(_PACKAGE, os.W_OK) else Path.home() / ".cache" / "gridbid"
    return (Path(chosen) if chosen else beside) / f"kernels-{digest.hexdigest()[:16]}"


nb.config.CACHE_DIR = str(_cache_folder())

kernel = nb.njit(cache=True, error_model="numpy", nogil=True, _nrt=False)
allocating_kernel = nb.njit(cache=True, error_model="numpy", nogil=True)
"""For what makes or returns arrays, and what calls that."""
