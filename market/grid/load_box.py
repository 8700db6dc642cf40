"""What a network can come to when every load lies anywhere inside an interval of its own: bounds, not estimates.

DistFlow in intervals (equations of Baran and Wu, IEEE Trans. Power Delivery 4(1), 1989; bounding the losses to get limits that
any combination of loads may use follows Nazir and Almassalkhi, arXiv 1907.06709). For the branch into a bus, with P, Q what
leaves it at its lower end, w the squared voltage there, l = (P² + Q²) / w its squared current:

- P is the bus's load, its shunt, and for each branch from it P + r l; Q alike with x;
- w = w of the upper bus - 2 (r P + x Q) - |z|² l.

The least flow and the highest voltage follow with l = 0, which is LinDistFlow; the greatest flow and the lowest voltage with w
at the band's lower end: they are convex in P and in Q, so an interval's end is the worst. If the voltages so found lie inside
the band, the equations map the box of flows and voltages into itself, continuously; hence a solution lies in it (Brouwer), and
w was rightly taken for at least the band's lower end. Not one combination of loads has to be tried.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network

Floats = NDArray[np.float64]


class LoadBox(NamedTuple):
    """Intervals of the loads, float64 (..., n_buses), kW and kvar."""

    least_kw: Floats
    most_kw: Floats
    least_kvar: Floats
    most_kvar: Floats


class BoxBounds(NamedTuple):
    """Bounds over a box of loads, float64 (..., n_buses); they hold if all voltages lie inside the band.

    - ``lowest_squared``, ``highest_squared``: squared voltages, pu; negative where no such load can be served.
    - ``least_kw``, ``most_kw``: flow in the branch into each bus, at either end; 0 at bus 0.
    - ``most_abs_kvar``: greatest reactive flow in it, either way.
    - ``branch_kva``: greatest current in it times nominal voltage, what its rating is compared with.
    """

    lowest_squared: Floats
    highest_squared: Floats
    least_kw: Floats
    most_kw: Floats
    most_abs_kvar: Floats
    branch_kva: Floats

    @property
    def lowest_pu(self) -> Floats:
        """Lowest voltage magnitudes, (..., n_buses); 0 where no such load can be served."""
        return np.sqrt(np.maximum(self.lowest_squared, 0.0))

    @property
    def highest_pu(self) -> Floats:
        """Highest voltage magnitudes, (..., n_buses)."""
        return np.sqrt(np.maximum(self.highest_squared, 0.0))


class _Flows(NamedTuple):
    """Flows at the lower ends, (n_buses, ...) per unit, in the order of ``LoadBox``."""

    least_p: Floats
    most_p: Floats
    least_q: Floats
    most_q: Floats


def bound(network: Network, loads: LoadBox, lowest_pu: float, highest_pu: float) -> BoxBounds:
    """Bounds over ``loads`` of a network without negative r or x, given the band that voltages are to keep.

    Checks nothing: see `gridbid.market.grid.envelopes` for what does.
    """
    squared_band = lowest_pu**2, highest_pu**2
    lower, upper = _sum_flows(network, loads, squared_band)
    lowest_squared, highest_squared = _take_drops(network, lower, squared_band[0])
    kva = network.base_kva
    most_abs_q = np.maximum(np.abs(upper.least_q), np.abs(upper.most_q))
    most_abs_p = np.maximum(np.abs(upper.least_p), np.abs(upper.most_p))
    return BoxBounds(
        lowest_squared=_last(lowest_squared),
        highest_squared=_last(highest_squared),
        least_kw=_last(upper.least_p) * kva,
        most_kw=_last(upper.most_p) * kva,
        most_abs_kvar=_last(most_abs_q) * kva,
        branch_kva=_last(np.hypot(most_abs_p, most_abs_q)) / upper_end_pu(network, lowest_pu) * kva,
    )


def upper_end_pu(network: Network, lowest_pu: float) -> Floats:
    """Least voltage of each branch's upper end, (n_buses,): the source's where it is the source, else the band's lower end.

    A rating is a current, so this is what turns it into apparent power. A constant: import would else lower what export
    may use, and the limits of the two would no longer be found apart.
    """
    least: Floats = np.where(network.parent <= 0, network.source_pu, lowest_pu)
    return least


def _sum_flows(network: Network, loads: LoadBox, squared_band: tuple[float, float]) -> tuple[_Flows, _Flows]:
    """Backward: flows that leave each branch, and the intervals of both of its ends together."""
    lower = _Flows(*(_first(load) / network.base_kva for load in loads))
    for at_bus, shunt in ((lower[:2], network.g_pu), (lower[2:], -network.b_pu)):
        drawn = np.sort(np.multiply.outer(shunt, squared_band), axis=-1)
        for flow, most in zip(at_bus, (0, 1), strict=True):
            flow += drawn[:, most].reshape(-1, *[1] * (flow.ndim - 1))
    upper = _Flows(*(np.zeros_like(flow) for flow in lower))
    for bus in range(network.parent.size - 1, 0, -1):
        branch = _Flows(*(flow[bus] for flow in lower))
        current_p = _most_squared(branch.least_p, branch.most_p) / squared_band[0]
        current_q = _most_squared(branch.least_q, branch.most_q) / squared_band[0]
        r, x = network.r_pu[bus], network.x_pu[bus]
        upper.least_p[bus], upper.least_q[bus] = branch.least_p, branch.least_q
        upper.most_p[bus] = _most_convex(branch.least_p, branch.most_p, r / squared_band[0]) + r * current_q
        upper.most_q[bus] = _most_convex(branch.least_q, branch.most_q, x / squared_band[0]) + x * current_p
        for lower_flow, upper_flow in zip(lower, upper, strict=True):
            lower_flow[network.parent[bus]] += upper_flow[bus]
    return lower, upper


def _take_drops(network: Network, flows: _Flows, lowest_squared: float) -> tuple[Floats, Floats]:
    """Forward: lowest and highest squared voltages, (n_buses, ...)."""
    lowest, highest = np.empty_like(flows.least_p), np.empty_like(flows.least_p)
    lowest[0] = highest[0] = network.source_pu**2
    for bus in range(1, network.parent.size):
        upper, branch = network.parent[bus], _Flows(*(flow[bus] for flow in flows))
        r, x = network.r_pu[bus], network.x_pu[bus]
        curve = (r**2 + x**2) / lowest_squared
        highest[bus] = highest[upper] - 2.0 * (r * branch.least_p + x * branch.least_q)
        lowest[bus] = (
            lowest[upper]
            - _most_convex(branch.least_p, branch.most_p, curve, 2.0 * r)
            - _most_convex(branch.least_q, branch.most_q, curve, 2.0 * x)
        )
    return lowest, highest


def _most_convex(least: Floats, most: Floats, curve: float, slope: float = 1.0) -> Floats:
    """Greatest slope · f + curve · f² for f between ``least`` and ``most``, curve >= 0: at one of the ends."""
    return np.maximum(slope * least + curve * least**2, slope * most + curve * most**2)


def _most_squared(least: Floats, most: Floats) -> Floats:
    return np.maximum(least**2, most**2)


def _first(values: Floats) -> Floats:
    """(..., n_buses) to (n_buses, ...), where a bus is a row."""
    return np.ascontiguousarray(np.moveaxis(values, -1, 0), np.float64)


def _last(values: Floats) -> Floats:
    """(n_buses, ...) to (..., n_buses)."""
    return np.moveaxis(values, 0, -1)
