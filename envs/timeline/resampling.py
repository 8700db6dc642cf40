"""Mean values of slots from rows of another length: a row's value holds until the next, and nothing is interpolated."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
_BLOCK_SLOTS = 8_192
"""Slots whose means are taken together: enough to be quick, few enough to need little memory."""

ReadAt = Callable[[int], Floats]
"""Values that hold so many seconds after the start of each slot, (..., T)."""


def slot_means(slot_seconds: int, row_seconds: int, read_at: ReadAt) -> Floats:
    """Mean of what ``read_at`` gives over each slot, when rows of ``row_seconds`` begin with a slot.

    Energies stay: the slots of an hour have the mean of its rows. A slot that lies in one row has its value, to the bit.
    """
    piece_seconds = math.gcd(slot_seconds, row_seconds)
    if piece_seconds == slot_seconds:
        return read_at(0)
    total = read_at(0).astype(np.float64)
    for seconds in range(piece_seconds, slot_seconds, piece_seconds):
        total += read_at(seconds)
    return total / (slot_seconds // piece_seconds)


def hour_means(values: NDArray[np.generic], slots_per_hour: int) -> NDArray[np.float32]:
    """Mean of the hour of slots from each one on, along the first axis; the last slot stands for what follows.

    Each mean is summed from its own slots alone, in blocks: it is the same to the bit in any window of the year.
    """
    n_slots, ahead = values.shape[0], slots_per_hour - 1
    means = np.empty(values.shape, np.float32)
    for begin in range(0, n_slots, _BLOCK_SLOTS):
        rows = np.minimum(np.arange(begin, min(begin + _BLOCK_SLOTS, n_slots) + ahead), n_slots - 1)
        means[begin : begin + _BLOCK_SLOTS] = _running_sums(values[rows], slots_per_hour) / slots_per_hour
    return means


def _running_sums(values: NDArray[np.generic], length: int) -> Floats:
    """Sum of ``length`` rows from each one on, by sums of 1, 2, 4, ... rows."""
    sums, rows, width = values.astype(np.float64), 0, 1
    total = np.zeros((values.shape[0] - length + 1, *values.shape[1:]))
    while True:
        if length & width:
            total += sums[rows : rows + total.shape[0]]
            rows += width
        if 2 * width > length:
            return total
        sums = sums[:-width] + sums[width:]
        width *= 2
