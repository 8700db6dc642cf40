"""What a recorder copies while an environment plays: arenas and arrays by kind, stacked until they are written.

Copying whole arenas costs a few memory moves a step, whatever they hold; columns are picked from the stack at leisure.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.market.state import Arena, State, state_of

_BY_FIELD = ("integers", "floats", "device_kwh", "community_integers", "community_floats", "fills")
_BY_COMMUNITY = ("accounts_neur", "cost_eur")

# A stack has one axis more than the arena that the kernel was compiled for; plain Python names the parts all the same.
_named = getattr(state_of, "py_func", state_of)


class ArenaStack:
    """Up to ``capacity`` copies of an arena, without its books and its rings."""

    def __init__(self, arena: Arena, capacity: int) -> None:
        self._arena, self.capacity, self.size = arena, capacity, 0
        self._by_field = {
            name: np.empty((array.shape[0], capacity, *array.shape[1:]), array.dtype)
            for name, array in _arrays(arena, _BY_FIELD).items()
        }
        self._by_community = {
            name: np.empty((capacity, *array.shape), array.dtype)
            for name, array in _arrays(arena, _BY_COMMUNITY).items()
        }

    def push(self) -> None:
        """Copy the arena as it is now."""
        for name, stack in self._by_field.items():
            stack[:, self.size] = getattr(self._arena, name)
        for name, stack in self._by_community.items():
            stack[self.size] = getattr(self._arena, name)
        self.size += 1

    def clear(self) -> None:
        """Forget the copies."""
        self.size = 0

    @property
    def state(self) -> State:
        """The copies by name: each array has a leading axis (copies,); books and rings are the live ones."""
        parts: dict[str, Any] = {name: stack[:, : self.size] for name, stack in self._by_field.items()}
        parts |= {name: stack[: self.size] for name, stack in self._by_community.items()}
        state: State = _named(self._arena._replace(**parts))
        return state


class ArrayStack:
    """Up to ``capacity`` copies of some named arrays of fixed shapes."""

    def __init__(self, examples: Mapping[str, NDArray[Any]], capacity: int) -> None:
        self._stacks = {
            name: np.empty((capacity, *array.shape), array.dtype) for name, array in examples.items()
        }

    def put(self, place: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write the arrays at a place."""
        for name, array in arrays.items():
            self._stacks[name][place] = array

    def first(self, size: int) -> dict[str, NDArray[Any]]:
        """The first copies by name: views with a leading axis (size,)."""
        return {name: stack[:size] for name, stack in self._stacks.items()}


def bytes_per_copy(arena: Arena) -> int:
    """Memory of one copy of an arena."""
    return sum(array.nbytes for array in _arrays(arena, _BY_FIELD + _BY_COMMUNITY).values())


def _arrays(arena: Arena, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    return {name: getattr(arena, name) for name in names}
