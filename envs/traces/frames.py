"""What a recorder copies while an environment plays: arenas and arrays by kind, stacked until they are written.

Copying whole arenas costs a few memory moves a step, whatever they hold; columns are picked from the stack at leisure.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.engine import Engine
from gridbid.market.state import Arena, State, state_of

_BY_FIELD = ("integers", "floats", "device_kwh", "community_integers", "community_floats", "fills")
_BY_COMMUNITY = ("accounts_neur", "cost_eur")

# A stack has one axis more than the arena that the kernel was compiled for; plain Python names the parts all the same.
_named = getattr(state_of, "py_func", state_of)


class Deliveries(NamedTuple):
    """Delivered slots out of a stack (rows,): where they are, their episodes, when they begin.

    ``cost_eur`` (rows, N, costs) are the parts of J; ``response_neur`` (rows, N) is what events paid.
    """

    frame: NDArray[np.int64]
    community: NDArray[np.int64]
    episode: NDArray[np.int64]
    begins: NDArray[np.datetime64]
    cost_eur: NDArray[np.float64]
    response_neur: NDArray[np.int64]


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


class DeliveryStack:
    """Deliveries as they come, up to ``capacity``: what was delivered is a few arrays of the engine that the next overwrites.

    A step delivers one slot of a community at most, or two if it ends the episode.
    """

    def __init__(self, engine: Engine, capacity: int) -> None:
        self._engine, self._arenas = engine, ArenaStack(engine.arena, capacity)
        shape = engine.state.orders.side.shape
        self._episode, self._step = np.zeros((capacity, shape[0]), np.int64), np.zeros(capacity, np.int64)
        self._response_neur = np.zeros((capacity, *shape), np.int64)

    @property
    def size(self) -> int:
        """How many there are."""
        return self._arenas.size

    @property
    def state(self) -> State:
        """The state after each of them."""
        return self._arenas.state

    def push(self, step: int, episode: NDArray[np.int64]) -> None:
        """Copy what has just been delivered, in the ``step``-th step since the stack was cleared."""
        place = self._arenas.size
        self._arenas.push()
        self._episode[place], self._step[place] = episode, step
        if self._engine.response is not None:
            self._response_neur[place] = self._engine.response.paid_neur

    def clear(self) -> None:
        """Forget them."""
        self._arenas.clear()

    def deliveries(self, utc_start: NDArray[np.datetime64]) -> Deliveries:
        """The delivered slots in order, and what each cost: of two in a step, the second's costs are the sum of both."""
        state, step = self.state, self._step[: self.size]
        slot, cost_eur = state.delivered.slot, state.cost_eur
        frame, community = np.nonzero(slot >= 0)
        at = frame, community
        cost = cost_eur[at]
        before = np.maximum(frame - 1, 0)
        second = (frame > 0) & (step[before] == step[frame]) & (slot[before, community] >= 0)
        cost[second] -= cost_eur[before[second], community[second]]
        begins, paid_neur = utc_start[slot[at]], self._response_neur[at]
        return Deliveries(frame, community, self._episode[at], begins, cost, paid_neur)


def bytes_per_copy(arena: Arena) -> int:
    """Memory of one copy of an arena."""
    return sum(array.nbytes for array in _arrays(arena, _BY_FIELD + _BY_COMMUNITY).values())


def _arrays(arena: Arena, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    return {name: getattr(arena, name) for name in names}
