"""How every kernel is compiled: cached, IEEE arithmetic (no fastmath: results must not depend on the CPU), no GIL.

A kernel that neither makes nor returns an array needs no reference counting, and is spared it (``_nrt=False``): the records
that kernels hand to each other hold a hundred arrays, and counting each on every call took ten times as long as the work.
One that returns an array (a view counts) must be an ``allocating_kernel``, and so must its callers: an uncounted reference
that somebody else releases frees memory in use.

A kernel's code holds that of the kernels it calls. The cache has a folder for each state of this package's sources, and a
kernel outside of it is known by its own source and by those of all kernels that it names, so that yesterday's code of a
callee is never run.
"""

from collections.abc import Callable
from typing import Any

import numba as nb

from gridbid.market.kernel_cache import KernelCache


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that neither makes nor returns an array."""
    return _cached(nb.njit(error_model="numpy", nogil=True, _nrt=False)(function), function)


def allocating_kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that makes or returns arrays, or calls one that does."""
    return _cached(nb.njit(error_model="numpy", nogil=True)(function), function)


def _cached(dispatcher: Any, function: Callable[..., Any]) -> Any:
    # What cache=True sets; under NUMBA_DISABLE_JIT the dispatcher is the plain function, which never looks at it.
    dispatcher._cache = KernelCache(function)
    return dispatcher
