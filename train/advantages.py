"""Generalised advantage estimation (Schulman et al., arXiv:1506.02438, eq. 16) over a fragment."""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel

Singles = NDArray[np.float32]


@kernel
def estimate_advantages(
    rewards: Singles,
    values: Singles,
    next_values: Singles,
    cuts: NDArray[np.bool_],
    gamma: float,
    lam: float,
    advantages: Singles,
) -> None:
    """Write the advantages (T, M) of M rows that step together.

    ``values`` (T, M) are of what each row saw, ``next_values`` (T, M) of what it saw next, before any reset; an episode
    is cut after the steps in ``cuts`` (T,): what follows counts by its value alone.
    """
    n_steps, n_rows = rewards.shape
    for row in range(n_rows):
        following = 0.0
        for step in range(n_steps - 1, -1, -1):
            if cuts[step]:
                following = 0.0
            surprise = rewards[step, row] + gamma * next_values[step, row] - values[step, row]
            following = surprise + gamma * lam * following
            advantages[step, row] = following
