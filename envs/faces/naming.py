"""Agents by name: where each is found in the arrays by kind, and its spaces."""

from collections.abc import Mapping, Sequence
from copy import deepcopy

from gymnasium.spaces import Box

from gridbid.envs import fields
from gridbid.market.errors import InputError

Agents = Mapping[str, Sequence[str]]
"""Names by kind."""


def places(agents: Agents) -> dict[str, tuple[str, int]]:
    """Kind and place of every agent, by name."""
    return {name: (kind, place) for kind, names in agents.items() for place, name in enumerate(names)}


def find_agent(agents: Agents, name: str) -> tuple[str, int]:
    """Kind and place of an agent; InputError lists the names when there is none of that name."""
    found = places(agents)
    if name not in found:
        raise InputError(f"agent: the scenario has no {name!r}; it has {', '.join(found)}")
    return found[name]


def spaces_by_agent(agents: Agents) -> tuple[dict[str, Box], dict[str, Box]]:
    """Spaces of observations and of actions by name: copies, since a space that is sampled holds its own generator."""
    kinds = {name: kind for name, (kind, _) in places(agents).items()}
    return (
        {name: deepcopy(fields.observation_space(kind)) for name, kind in kinds.items()},
        {name: deepcopy(fields.action_space(kind)) for name, kind in kinds.items()},
    )
