"""How every kernel is compiled: cached, IEEE arithmetic (no fastmath: results must not depend on the CPU), no GIL.

A kernel that neither makes nor returns an array needs no reference counting, and is spared it (``_nrt=False``): the records
that kernels hand to each other hold a hundred arrays, and counting each on every call took ten times as long as the work.
One that returns an array (a view counts) must be an ``allocating_kernel``, and so must its callers: an uncounted reference
that somebody else releases frees memory in use.
"""

import numba as nb

kernel = nb.njit(cache=True, error_model="numpy", nogil=True, _nrt=False)
allocating_kernel = nb.njit(cache=True, error_model="numpy", nogil=True)
"""For what makes or returns arrays, and what calls that."""
