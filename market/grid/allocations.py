"""How a feeder's room is shared out among members: at one level by weight, or for the greatest sum.

What comes out always fits (``FeederRoom.holds``): limits inside limits that fit do so too, so the largest level is found by
halving.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from gridbid.market.grid.feeder_room import FeederRoom
from gridbid.market.grid.sensitivities import Sensitivities, sensitivities

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Limits = tuple[Integers, Integers]
"""Import and export limits, int64 (T, N) each, Wh a slot."""

HALVINGS = 40
MAX_ROUNDS = 10
"""Linear programs in a row, each linear about the solution before it; two to five are enough as a rule."""
SETTLED = 1e-4
"""Relative gain below which another round isn't worth it."""


def by_weight(room: FeederRoom, import_weights: Floats, export_weights: Floats) -> Limits:
    """Limits in proportion to weights (N,) >= 0, each capped by its connection, at the highest level that fits.

    Export comes first: the rise of the voltage doesn't depend on imports. Imports get what then is left, which is
    less than alone only by losses.
    """

    def exports(level: Floats) -> Integers:
        return _share(level, export_weights, room.export_connection_wh)

    def imports(level: Floats) -> Integers:
        return _share(level, import_weights, room.import_connection_wh)

    nothing = np.zeros((room.n_slots, room.bus.size), np.int64)
    most = _level_of_all(room, export_weights, room.export_connection_wh)
    export_wh = exports(_highest_level(lambda level: room.holds(nothing, exports(level)), most))
    most = _level_of_all(room, import_weights, room.import_connection_wh)
    import_wh = imports(_highest_level(lambda level: room.holds(imports(level), export_wh), most))
    return import_wh, export_wh


def for_throughput(room: FeederRoom, start: Limits) -> Limits:
    """Limits with the greatest sum over members and both directions, never less than ``start``'s, which must fit.

    A linear program for each slot and direction; among equal sums, the one whose smallest share of a connection is greatest.
    """
    linear = sensitivities(room.network)
    found = [
        _slot_throughput(room.slot(t), linear, (start[0][t : t + 1], start[1][t : t + 1]))
        for t in range(room.n_slots)
    ]
    import_wh, export_wh = (np.concatenate(limits) for limits in zip(*found, strict=True))
    return import_wh, export_wh


def _share(level: Floats, weights: Floats, connection_wh: Integers) -> Integers:
    return np.minimum(np.floor(level[:, None] * weights), connection_wh).astype(np.int64)


def _level_of_all(room: FeederRoom, weights: Floats, connection_wh: Integers) -> Floats:
    """The level at which everybody with a weight has all that its connection carries, (T,)."""
    weighty = weights > 0.0
    return np.full(room.n_slots, ((connection_wh[weighty] + 1) / weights[weighty]).max(initial=0.0))


def _highest_level(holds: Callable[[Floats], NDArray[np.bool_]], most: Floats) -> Floats:
    """Highest level from 0 (which holds) to ``most`` that holds, in each slot (T,), to 2^-HALVINGS of ``most``."""
    low, high = np.zeros_like(most), most
    low = np.where(holds(high), high, low)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        good = holds(middle)
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return low


def _slot_throughput(room: FeederRoom, linear: Sensitivities, start: Limits) -> Limits:
    best = point = start
    for _ in range(MAX_ROUNDS):
        before, point = _total(point), _shrink(room, _solve(room, linear, point))
        if _total(point) > _total(best):
            best = point
        if abs(_total(point) - before) <= SETTLED * before:
            break
    return best


def _total(limits: Limits) -> int:
    return int(limits[0].sum() + limits[1].sum())


def _shrink(room: FeederRoom, power_kw: tuple[Floats, Floats]) -> Limits:
    """The largest limits in proportion to these, by direction, that fit."""
    import_kw, export_kw = power_kw
    nothing = np.zeros((1, room.bus.size), np.int64)

    def scaled(level: Floats, power_kw: Floats) -> Integers:
        return room.energy_wh(level[:, None] * power_kw)

    level = _highest_level(lambda level: room.holds(nothing, scaled(level, export_kw)), np.ones(1))
    export_wh = scaled(level, export_kw)
    level = _highest_level(lambda level: room.holds(scaled(level, import_kw), export_wh), np.ones(1))
    return scaled(level, import_kw), export_wh


def _solve(room: FeederRoom, linear: Sensitivities, point: Limits) -> tuple[Floats, Floats]:
    """The best import and export, kW (N,) each, of what the bounds are when they are made linear about ``point``.

    Bounds at the point are as they are, losses included; from there they move by LinDistFlow.
    """
    network, bus = room.network, room.bus
    bounds = room.bounds(*point)
    import_kw, export_kw = (room.power_kw(limit[0]) for limit in point)
    rated = np.isfinite(network.rating_kva)
    rated[0] = False
    rating_kva, reactive_kvar = network.rating_kva[rated], bounds.most_abs_kvar[0, rated]
    active_kw = np.sqrt(np.maximum(rating_kva**2 - reactive_kvar**2, 0.0))
    drops, flows = linear.resistance[1:][:, bus] / network.base_kva, linear.below[rated][:, bus]
    import_room = (
        bounds.lowest_pu[0, 1:] ** 2 - room.lowest_pu**2,
        active_kw - bounds.most_kw[0, rated],
    )
    export_room = (
        room.highest_pu**2 - bounds.highest_pu[0, 1:] ** 2,
        active_kw + bounds.least_kw[0, rated],
    )
    rows = np.concatenate([drops, flows])
    return (
        _greatest_sum(
            rows, np.concatenate(import_room) + rows @ import_kw, room.power_kw(room.import_connection_wh)
        ),
        _greatest_sum(
            rows, np.concatenate(export_room) + rows @ export_kw, room.power_kw(room.export_connection_wh)
        ),
    )


def _greatest_sum(rows: Floats, most: Floats, connection_kw: Floats) -> Floats:
    """x with the greatest sum, 0 <= x <= connection, rows x <= most; then with the greatest least share of a connection."""
    n = connection_kw.size
    greatest = -linprog(-np.ones(n), rows, most, bounds=np.c_[np.zeros(n), connection_kw]).fun
    share_rows = np.c_[-np.eye(n), connection_kw]  # share · connection - x <= 0
    sum_row = np.r_[-np.ones(n), 0.0]
    return np.asarray(
        linprog(
            np.r_[np.zeros(n), -1.0],
            np.concatenate([np.c_[rows, np.zeros(len(rows))], share_rows, [sum_row]]),
            np.r_[most, np.zeros(n), -greatest * (1.0 - 1e-7)],
            bounds=np.c_[np.zeros(n + 1), np.r_[connection_kw, 1.0]],
        ).x[:n]
    )
