"""What a step brought everybody: minus the increase of J, one's own mixed with the community's mean."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.signals.seating import Seating
from gridbid.market.kernel import kernel
from gridbid.market.presence import is_present

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


class Rewards(NamedTuple):
    """Rewards in EUR, float32 (B, seats) by kind; no seats where a kind is absent."""

    prosumer: Singles
    battery: Singles
    ev: Singles
    utility: Singles


@kernel
def write_rewards(
    cost_eur: Floats,
    delivered_slot: NDArray[np.int64],
    present: NDArray[np.bool_],
    community_weight: float,
    seating: Seating,
    rewards: Rewards,
) -> None:
    """Write rewards from the parts of J (B, N, costs): (1 - weight) x own + weight x mean; the utility's is the mean.

    ``delivered_slot`` (B,) is what the step delivered last, ``present`` that of the series: an absent member's own part is
    0, and it has no share in the mean.
    """
    for b in range(cost_eur.shape[0]):
        mean_eur = 0.0
        for i in range(cost_eur.shape[1]):
            mean_eur -= _cost_eur(cost_eur, b, i)
        mean_eur /= cost_eur.shape[1]
        shared_eur = community_weight * mean_eur
        own_weight, slot = 1.0 - community_weight, delivered_slot[b]
        _write(cost_eur, b, own_weight, shared_eur, present, slot, seating.prosumers, rewards.prosumer)
        _write(cost_eur, b, own_weight, shared_eur, present, slot, seating.batteries, rewards.battery)
        _write(cost_eur, b, own_weight, shared_eur, present, slot, seating.evs, rewards.ev)
        for n in range(rewards.utility.shape[1]):
            rewards.utility[b, n] = mean_eur


@kernel
def _write(
    cost_eur: Floats,
    b: int,
    own_weight: float,
    shared_eur: float,
    present: NDArray[np.bool_],
    slot: int,
    seats: NDArray[np.int64],
    rewards: Singles,
) -> None:
    for n in range(seats.size):
        shares = slot >= 0 and is_present(present, slot, seats[n])
        own_eur = -_cost_eur(cost_eur, b, seats[n])
        rewards[b, n] = own_weight * own_eur + (shared_eur if shares else 0.0)


@kernel
def _cost_eur(cost_eur: Floats, b: int, i: int) -> float:
    total = 0.0
    for part in range(cost_eur.shape[2]):
        total += cost_eur[b, i, part]
    return total
