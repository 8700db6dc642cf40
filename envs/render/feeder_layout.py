"""Where to draw the buses of a feeder: a tidy tree on an integer grid, for pixels, SVG and characters alike."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FeederLayout(NamedTuple):
    """Grid places of buses, int64 (n_buses,): the source has column 0; rows begin with 0 and grow downwards.

    A branch is drawn as an elbow: from its parent along the parent's column to the bus's row, then along that row.
    Drawn so, no two branches cross, and only branches that leave the same bus share a piece of line.
    """

    column: NDArray[np.int64]
    row: NDArray[np.int64]


def feeder_layout(parent: NDArray[np.int32]) -> FeederLayout:
    """Lay out a feeder whose bus i is fed by ``parent[i]``, a bus before it; the source is bus 0.

    Columns count branches from the source; the longest way on from a bus stays in its row.
    Other branches leave to the nearest free row on the emptier side. Contours keep subtrees apart, as in Reingold and
    Tilford, "Tidier Drawings of Trees" (1981).
    """
    children = _children(parent)
    column, reach = _columns(parent)
    offset = np.zeros(parent.size, np.int64)
    blocks: dict[int, _Block] = {}
    for bus in reversed(range(parent.size)):
        blocks[bus] = _join(bus, children[bus], blocks, column, reach, offset)
    row = np.zeros(parent.size, np.int64)
    for bus in range(1, parent.size):
        row[bus] = row[parent[bus]] + offset[bus]
    return FeederLayout(column, row - row.min())


class _Block(NamedTuple):
    """A subtree's outline relative to its root's row: highest and lowest row by column."""

    top: dict[int, int]
    bottom: dict[int, int]


def _children(parent: NDArray[np.int32]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in range(parent.size)]
    for bus in range(1, parent.size):
        children[parent[bus]].append(bus)
    return children


def _columns(parent: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column of each bus, and the furthest column that is fed through it."""
    column = np.zeros(parent.size, np.int64)
    for bus in range(1, parent.size):
        column[bus] = column[parent[bus]] + 1
    reach = column.copy()
    for bus in range(parent.size - 1, 0, -1):
        reach[parent[bus]] = max(reach[parent[bus]], reach[bus])
    return column, reach


def _join(
    bus: int,
    children: list[int],
    blocks: dict[int, _Block],
    column: NDArray[np.int64],
    reach: NDArray[np.int64],
    offset: NDArray[np.int64],
) -> _Block:
    """A bus with the blocks of its children, which it takes; their offsets to its row are written."""
    longest_first = sorted(children, key=lambda child: (-reach[child], child))
    joined = _Block({}, {})
    for place, child in enumerate(longest_first):
        block = blocks.pop(child)
        if place > 0:
            down = _rows_between(joined.bottom, block.top)
            up = _rows_between(block.bottom, joined.top)
            offset[child] = down if down <= up else -up
        _merge(joined, block, int(offset[child]))
    joined.top[int(column[bus])] = min((int(offset[child]) for child in children), default=0)
    joined.bottom[int(column[bus])] = max((int(offset[child]) for child in children), default=0)
    return joined


def _rows_between(upper_bottom: dict[int, int], lower_top: dict[int, int]) -> int:
    """How far a lower block must lie below an upper one, one row at least."""
    shared = upper_bottom.keys() & lower_top.keys()
    return max(1, 1 + max((upper_bottom[c] - lower_top[c] for c in shared), default=0))


def _merge(joined: _Block, block: _Block, offset: int) -> None:
    for column, row in block.top.items():
        joined.top[column] = min(joined.top.get(column, row + offset), row + offset)
    for column, row in block.bottom.items():
        joined.bottom[column] = max(joined.bottom.get(column, row + offset), row + offset)
