"""Bounds: what could have been reached, had everything been known. They are solved week by week and then played back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.alone import solve_alone
from gridbid.agents.programs.optimum import solve_week
from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.records import playback
from gridbid.evaluate.records.rollout import Rollout
from gridbid.market.community import Community
from gridbid.market.errors import InputError

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Bound:
    """A name, how an episode is solved, and how what was solved is played."""

    name: str
    solve: Callable[[Community, int, int, int], Any]
    """Of a community, a first slot, a number of slots and a sample; what it gives has ``parts_eur`` (costs,)."""
    play: Callable[[CompiledScenario, Sequence[Any], Integers], Rollout]
    """Of a scenario, what was solved, and its weeks."""


OPTIMUM = Bound(playback.NAME, solve_week, playback.play_optimum)
ALONE = Bound(playback.ALONE, solve_alone, partial(playback.play_optimum, name=playback.ALONE))
BOUNDS = {bound.name: bound for bound in (OPTIMUM, ALONE)}
"""The bounds by name."""


def named_bounds(names: Sequence[str]) -> tuple[Bound, ...]:
    """Bounds by name, the optimum always among them, each once. InputError for a name that isn't a bound's."""
    unknown = sorted(set(names) - set(BOUNDS))
    if unknown:
        raise InputError(f"bounds: {unknown}; expected some of {', '.join(BOUNDS)}")
    return tuple(bound for name, bound in BOUNDS.items() if name in names or bound is OPTIMUM)
