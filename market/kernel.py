"""How every kernel is compiled: cached, IEEE arithmetic (no fastmath: results must not depend on the CPU), no GIL."""

import numba as nb

kernel = nb.njit(cache=True, error_model="numpy", nogil=True)
