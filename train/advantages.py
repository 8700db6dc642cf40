"""Generalised advantage estimation on arrays (Schulman et al., arXiv 1506.02438, equation 16)."""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel

Singles = NDArray[np.float32]


@kernel
def estimate_advantages(
    rewards: Singles, values: Singles, ended: NDArray[np.bool_], discount: float, trace: float, out: Singles
) -> None:
    """Write advantages (steps, rows) from rewards (steps, rows) and values (steps + 1, rows).

    ``ended`` (steps, rows) marks an episode's last step: nothing is carried over it. Rows are agents.
    """
    n_steps, n_rows = rewards.shape
    for row in range(n_rows):
        carried = 0.0
        for step in range(n_steps - 1, -1, -1):
            goes_on = 0.0 if ended[step, row] else 1.0
            error = rewards[step, row] + discount * values[step + 1, row] * goes_on - values[step, row]
            carried = error + discount * trace * goes_on * carried
            out[step, row] = carried
