"""Actions by agent, read into arrays by kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.envs import fields
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]

_SINGLE = np.dtype(np.float32)


class ActionReader:
    """Copies everybody's action into :attr:`arrays`, which each reading writes anew; ``names`` are the agents by kind."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self.arrays: dict[str, Singles] = {
            kind: np.zeros((1, len(members), *fields.action_space(kind).shape), np.float32)
            for kind, members in names.items()
        }
        """Actions by kind, float32 (1, agents, action)."""
        self._rows: dict[str, Singles] = {
            name: row
            for kind, members in names.items()
            for name, row in zip(members, self.arrays[kind][0], strict=True)
        }
        self._sizes = [row.size for row in self._rows.values()]
        ends = accumulate(map(len, names.values()), initial=0)
        self._parts = [
            (array.data.cast("B"), slice(*part))
            for array, part in zip(self.arrays.values(), pairwise(ends), strict=True)
        ]
        self._pick = _picker(tuple(self._rows))

    def read(
        self, actions: Mapping[str, ArrayLike], sizes: bool = True, types: bool = True
    ) -> dict[str, Singles]:
        """Everybody's action by kind; InputError names each agent that did not act as it should.

        Without a look at each one's size, those of a kind need only add up; without a look at types, all must be float32.
        """
        if not self._copied(actions, sizes, types):
            self._convert(actions)
        return self.arrays

    def require_finite(self) -> None:
        """InputError that names each agent whose action, as it was read, has an entry that is not finite."""
        _refuse(
            f"{name}'s action is {row.tolist()}; every entry should be finite"
            for name, row in self._rows.items()
            if not np.isfinite(row).all()
        )

    def _copied(self, actions: Mapping[str, ArrayLike], sizes: bool, types: bool) -> bool:
        """Copy the bytes of a kind's rows at once, if all are contiguous, float32 and of the right size.

        `np.concatenate` takes longer than this with a look at the types.
        """
        try:
            rows = self._pick(actions)
            if len(rows) != len(actions) or (sizes and list(map(len, rows)) != self._sizes):
                return False
            if types:
                for row in rows:
                    if row.dtype is not _SINGLE and row.dtype != _SINGLE:
                        return False
            for memory, part in self._parts:
                memory[:] = b"".join(rows[part])
        except (AttributeError, BufferError, KeyError, TypeError, ValueError):
            return False
        return True

    def _convert(self, actions: Mapping[str, ArrayLike]) -> None:
        """Convert actions one after the other; what can't be is named, with what would be right."""
        faults = [f"{name} is no agent of this scenario" for name in actions if name not in self._rows]
        missing = [name for name in self._rows if name not in actions]
        if missing:
            faults.append(f"{', '.join(missing)} did not act; every agent acts in every step")
        for name, row in self._rows.items():
            if name in actions:
                faults += _copy(name, actions[name], row)
        _refuse(faults)


def _copy(name: str, action: ArrayLike, row: Singles) -> list[str]:
    """Copy an action, or say what is wrong with it."""
    try:
        entries = np.asarray(action, np.float32)
    except (TypeError, ValueError):
        return [f"{name}'s action is {action!r}; it should be {row.size} numbers"]
    if entries.shape != row.shape:
        return [f"{name}'s action has shape {entries.shape}; it should be {row.shape}"]
    row[:] = entries
    return []


def _refuse(faults: Iterable[str]) -> None:
    found = "; ".join(faults)
    if found:
        raise InputError(f"actions: {found}")


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Picks the values of these names, in order."""
    if len(names) == 1:
        return lambda actions: (actions[names[0]],)
    return itemgetter(*names)
