"""The global state, for a centralised critic: what all agents see, once, then what each sees alone, in agent order.

A field that every kind has (time, prices, the book, the community's net) is the same for all agents of a community, so it
stands in front, in the order of the table. Then follow the agents, by kind in the order of `fields.KINDS` and by seat, each
with its other fields in the order of the table.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from gridbid.envs import fields

Singles = NDArray[np.float32]
Agents = Mapping[str, Sequence[str]]
"""Names of the agents by kind."""
SHARED = "shared"


@cache
def columns_of(kind: str, shared: bool) -> NDArray[np.int64]:
    """Columns of a kind's observation that everybody sees, or those that only its agent does."""
    index = fields.observation_index(kind)
    spans = (
        index[field.name]
        for field in fields.observation_fields(kind)
        if (field.kinds == fields.KINDS) == shared
    )
    return np.concatenate([np.arange(span.start, span.stop) for span in spans])


def join_state(observations: Mapping[str, Singles]) -> Singles:
    """The state (B, size) that observations by kind hold."""
    first = next(iter(observations))
    parts = [observations[first][:, 0, columns_of(first, True)]]
    for kind, rows in observations.items():
        own = rows[:, :, columns_of(kind, False)]
        parts.append(own.reshape(own.shape[0], -1))
    return np.concatenate(parts, axis=1)


def state_space(agents: Agents) -> Box:
    """The box of a state, float32."""
    spaces = {kind: fields.observation_space(kind) for kind in agents}
    low, high = (
        join_state(
            {kind: np.tile(getattr(space, end), (1, len(agents[kind]), 1)) for kind, space in spaces.items()}
        )[0]
        for end in ("low", "high")
    )
    return Box(low, high, dtype=np.float32)


def state_index(agents: Agents) -> dict[str, slice]:
    """Where what everybody sees (`SHARED`) and each agent's own fields lie in a state."""
    sizes = {SHARED: columns_of(next(iter(agents)), True).size}
    sizes |= {name: columns_of(kind, False).size for kind, names in agents.items() for name in names}
    ends = np.cumsum(list(sizes.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)}
