"""A radial network in per unit, as the power flow wants it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Network(NamedTuple):
    """A tree of buses; every array has the shape (n_buses,), and bus 0 is the source.

    - ``parent``: bus that feeds each bus; buses are ordered so that parent[i] < i; parent[0] = -1.
    - ``r_pu``, ``x_pu``: series impedance of the branch from parent[i] to i (0 at bus 0).
    - ``g_pu``, ``b_pu``: shunt admittance at each bus (line charging, magnetising branch).
    - ``rating_kva``: what the branch into each bus may carry (inf where unknown; bus 0: inf).
    - ``base_kva``: base of per unit; ``source_pu``: voltage at bus 0.
    """

    parent: NDArray[np.int32]
    r_pu: NDArray[np.float64]
    x_pu: NDArray[np.float64]
    g_pu: NDArray[np.float64]
    b_pu: NDArray[np.float64]
    rating_kva: NDArray[np.float64]
    base_kva: float
    source_pu: float
