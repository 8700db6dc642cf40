"""A feeder as a tree of characters: the line goes on below a bus, and what branches off is drawn to its right first."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network

MEMBER, BUS = "●", "○"


def feeder_lines(network: Network, labels: Sequence[Sequence[str]]) -> Iterator[str]:
    """A line a bus, and one for each further label of it; ``labels`` by bus, as the members that are connected there."""
    children = _children(network.parent)
    yield from _line_of(0, "", children, lambda bus: _texts(network, labels[bus], bus))


def _line_of(
    bus: int, lead: str, children: list[list[int]], texts: Callable[[int], list[str]]
) -> Iterator[str]:
    """A bus and all that it feeds; the longest way on stays at the same indent."""
    while True:
        *branches, onward = children[bus] or [-1]
        first, *others = texts(bus)
        yield lead + first
        under = lead + ("│ " if onward >= 0 else "  ")
        yield from (under + other for other in others)
        for branch in branches:
            inner = list(_line_of(branch, "", children, texts))
            yield from (lead + ("├─" if n == 0 else "│ ") + line for n, line in enumerate(inner))
        if onward < 0:
            return
        bus = onward


def _children(parent: NDArray[np.int32]) -> list[list[int]]:
    """Buses fed by each bus, the one with the longest way on last."""
    reach = np.zeros(parent.size, np.int64)
    children: list[list[int]] = [[] for _ in range(parent.size)]
    for bus in range(parent.size - 1, 0, -1):
        children[bus].sort(key=lambda child: (reach[child], child))
        children[parent[bus]].append(bus)
        reach[parent[bus]] = max(reach[parent[bus]], reach[bus] + 1)
    children[0].sort(key=lambda child: (reach[child], child))
    return children


def _texts(network: Network, labels: Sequence[str], bus: int) -> list[str]:
    rating_kva = network.rating_kva[bus]
    rating = f", {rating_kva:.0f} kVA" if math.isfinite(rating_kva) and bus > 0 else ""
    place = f"{MEMBER if labels else BUS} bus {bus}{rating}"
    return [f"{place}  {labels[0]}", *labels[1:]] if labels else [place]
