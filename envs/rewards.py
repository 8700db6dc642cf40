"""What a step brought everybody: minus the increase of J, one's own mixed with the community's mean."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.observations import Seating
from gridbid.market.kernel import kernel

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


class Rewards(NamedTuple):
    """Rewards in EUR, float32 (B, seats) by kind; no seats where a kind is absent."""

    prosumer: Singles
    battery: Singles
    ev: Singles
    utility: Singles


@kernel
def write_rewards(cost_eur: Floats, community_weight: float, seating: Seating, rewards: Rewards) -> None:
    """Write rewards from the parts of J (B, N, costs): (1 - weight) x own + weight x mean; the utility's is the mean."""
    for b in range(cost_eur.shape[0]):
        mean_eur = 0.0
        for i in range(cost_eur.shape[1]):
            mean_eur -= _cost_eur(cost_eur, b, i)
        mean_eur /= cost_eur.shape[1]
        shared_eur = community_weight * mean_eur
        for n in range(seating.prosumers.size):
            own_eur = -_cost_eur(cost_eur, b, seating.prosumers[n])
            rewards.prosumer[b, n] = (1.0 - community_weight) * own_eur + shared_eur
        for n in range(seating.batteries.size):
            own_eur = -_cost_eur(cost_eur, b, seating.batteries[n])
            rewards.battery[b, n] = (1.0 - community_weight) * own_eur + shared_eur
        for n in range(seating.evs.size):
            own_eur = -_cost_eur(cost_eur, b, seating.evs[n])
            rewards.ev[b, n] = (1.0 - community_weight) * own_eur + shared_eur
        for n in range(rewards.utility.shape[1]):
            rewards.utility[b, n] = mean_eur


@kernel
def _cost_eur(cost_eur: Floats, b: int, i: int) -> float:
    total = 0.0
    for part in range(cost_eur.shape[2]):
        total += cost_eur[b, i, part]
    return total
