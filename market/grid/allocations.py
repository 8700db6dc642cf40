"""How a feeder's room is shared out among members: at one level by weight, or for the greatest sum.

What comes out always fits (``FeederRoom.holds``). Limits inside limits that fit do so too, so the highest level is found by
halving.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.feeder_room import FeederRoom

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Limits = tuple[Integers, Integers]
"""Import and export limits, int64 (T, N) each, Wh a slot."""

HALVINGS = 26
GAP = 1e-3
"""A sum this near to its bound, relatively, is as good as it."""
MAX_ROUNDS = 30
"""Linear programs in a row, each with the tangents of those before; two to five are enough as a rule."""
_STEP_WH = 1.0


def by_weight(room: FeederRoom, import_weights: Floats, export_weights: Floats) -> Limits:
    """Limits in proportion to weights (N,) >= 0, each capped by its connection, at the highest levels that fit."""

    def limits(import_level: Floats, export_level: Floats) -> Limits:
        return (
            _share(import_level, import_weights, room.import_connection_wh),
            _share(export_level, export_weights, room.export_connection_wh),
        )

    most = (
        _level_of_all(room, import_weights, room.import_connection_wh),
        _level_of_all(room, export_weights, room.export_connection_wh),
    )
    return limits(*_highest_levels(lambda *levels: room.holds(*limits(*levels)), *most))


def for_throughput(room: FeederRoom) -> Limits:
    """Limits with the greatest sum over members and both directions, to within twice ``GAP``, relatively.

    Of sums within ``GAP`` the one whose smallest share of a connection is greatest, in either direction.

    Kelley's cutting planes (J. SIAM 8(4), 1960), as what a feeder allows is convex in the limits. The first program is linear
    about limits of 0, where members cause no losses: LinDistFlow. What it finds is shrunk until it fits, and there come tangents,
    losses included. A tangent takes away nothing that fits, so each program's sum is a bound.
    """
    n = room.bus.size
    connections_wh = np.concatenate([room.import_connection_wh, room.export_connection_wh]).astype(np.float64)
    best, point = np.zeros((2, room.n_slots, 2 * n))
    rows, most = [np.zeros((0, 2 * n))] * room.n_slots, [np.zeros(0)] * room.n_slots
    bound_wh = np.full(room.n_slots, np.inf)
    for _ in range(MAX_ROUNDS):
        open_slots = np.flatnonzero(best.sum(axis=1) < (1.0 - 2.0 * GAP) * bound_wh)
        if not open_slots.size:
            break
        wished = np.zeros((open_slots.size, 2 * n))
        for k, t in enumerate(open_slots):
            slopes, values = _tangents(room.slots(open_slots[k : k + 1]), point[t])
            rows[t], most[t] = np.concatenate([rows[t], slopes]), np.concatenate([most[t], values])
            wished[k], bound_wh[t] = _greatest_sum(rows[t], most[t], connections_wh)
        point[open_slots] = _shrink(room.slots(open_slots), wished)
        better = point.sum(axis=1) > best.sum(axis=1)
        best[better] = point[better]
    import_wh, export_wh = np.floor(best).astype(np.int64).reshape(-1, 2, n).transpose(1, 0, 2)
    return import_wh, export_wh


def _share(level: Floats, weights: Floats, connection_wh: Integers) -> Integers:
    return np.minimum(np.floor(level[:, None] * weights), connection_wh).astype(np.int64)


def _level_of_all(room: FeederRoom, weights: Floats, connection_wh: Integers) -> Floats:
    """The level at which everybody with a weight has all that its connection carries, (T,)."""
    weighty = weights > 0.0
    return np.full(room.n_slots, ((connection_wh[weighty] + 1) / weights[weighty]).max(initial=0.0))


def _highest_levels(
    holds: Callable[[Floats, Floats], NDArray[np.bool_]], most_import: Floats, most_export: Floats
) -> tuple[Floats, Floats]:
    """Levels of import and export (T,) that hold together: near the highest of each alone, and none can rise alone.

    The two share a feeder's room only by their losses. Each alone comes first, then both lowered alike until they fit, then
    each takes what is left: one after the other from the start, the first could leave the second nothing.
    """
    nothing, whole = np.zeros_like(most_import), np.ones_like(most_import)
    import_level = _highest_level(lambda level: holds(level, nothing), nothing, most_import)
    export_level = _highest_level(lambda level: holds(nothing, level), nothing, most_export)
    both = _highest_level(lambda share: holds(share * import_level, share * export_level), nothing, whole)
    lowered = both * import_level
    export_level = _highest_level(lambda level: holds(lowered, level), both * export_level, export_level)
    import_level = _highest_level(lambda level: holds(level, export_level), lowered, import_level)
    return import_level, export_level


def _highest_level(holds: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Highest level from ``low``, which holds, to ``high`` that holds, (T,), to 2^-HALVINGS of what is between."""
    low = np.where(holds(high), high, low)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        good = holds(middle)
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return low


def _tangents(room: FeederRoom, point_wh: Floats) -> tuple[Floats, Floats]:
    """Rows (rows, 2N) and right sides (rows,) of the feeder's limits, linear about a point: rows x <= right sides."""
    n = room.bus.size
    points_wh = np.concatenate([point_wh[None], point_wh + _STEP_WH * np.eye(2 * n)])
    excess = room.slots(np.zeros(2 * n + 1, np.int64)).excess(points_wh[:, :n], points_wh[:, n:])
    slopes = (excess[1:] - excess[0]).T / _STEP_WH
    steepest = slopes.max(axis=1)
    moves = steepest > 0.0
    rows = slopes[moves] / steepest[moves, None]
    return rows, rows @ point_wh - excess[0, moves] / steepest[moves]


def _greatest_sum(rows: Floats, most: Floats, connections_wh: Floats) -> tuple[Floats, float]:
    """x (2N,) with the greatest sum, 0 <= x <= connections, rows x <= most; and this sum.

    Of those within GAP of it, the one with the greatest least share of a connection in either direction.
    """
    n = connections_wh.size // 2
    greatest = -_optimum(np.full(2 * n, -1.0), rows, most, connections_wh).fun
    shares = np.kron(np.eye(2), np.ones((n, 1))) * connections_wh[:, None]
    all_rows = np.block(
        [[rows, np.zeros((len(rows), 2))], [-np.eye(2 * n), shares], [-np.ones((1, 2 * n)), np.zeros((1, 2))]]
    )
    all_most = np.r_[most, np.zeros(2 * n), -greatest * (1.0 - GAP)]
    goal = np.r_[np.zeros(2 * n), -1.0, -1.0]
    found = _optimum(goal, all_rows, all_most, np.r_[connections_wh, 1.0, 1.0]).x[: 2 * n]
    return np.clip(found, 0.0, connections_wh), greatest


def _optimum(goal: Floats, rows: Floats, most: Floats, highest: Floats) -> Any:
    """SciPy's result for the least goal x with rows x <= most, 0 <= x <= highest; x = 0 is always allowed here."""
    from scipy.optimize import linprog  # 0.2 s, which those who only read a scenario needn't wait for

    return linprog(goal, rows, most, bounds=np.c_[np.zeros(highest.size), highest])


def _shrink(room: FeederRoom, wished_wh: Floats) -> Floats:
    """The largest limits (T, 2N) in proportion to these, by slot and direction, that fit."""
    n_slots, n = room.n_slots, room.bus.size
    import_wh, export_wh = wished_wh[:, :n], wished_wh[:, n:]

    def limits(import_level: Floats, export_level: Floats) -> tuple[Floats, Floats]:
        return import_level[:, None] * import_wh, export_level[:, None] * export_wh

    whole = np.ones(n_slots)
    return np.hstack(limits(*_highest_levels(lambda *levels: room.holds(*limits(*levels)), whole, whole)))
