"""The ladder that results are shown on, from doing nothing to knowing everything."""

from collections.abc import Sequence

from gridbid.agents.named import POLICIES
from gridbid.evaluate.protocol.bounds import BOUNDS
from gridbid.evaluate.protocol.methods import Method, load_method

LADDER = (
    "nothing",
    "rule",
    "smart_rule",
    "selfish_lp",
    "mpc",
    "mpc_persistence",
    "mpc_perfect",
    "zero_intelligence",
)
"""Its rungs that are policies; the bounds stand above, and what was learned beside."""


def rungs() -> tuple[str, ...]:
    """The rungs that there is a policy for."""
    return tuple(name for name in LADDER if name in POLICIES)


def load_players(texts: Sequence[str], *, ladder: bool) -> tuple[list[Method], list[str]]:
    """Methods, and names of bounds, of a command line: the ladder's first if it is asked for, each once.

    Raises as `load_method`.
    """
    names = dict.fromkeys([*((*rungs(), *BOUNDS) if ladder else ()), *texts])
    return [load_method(name) for name in names if name not in BOUNDS], [n for n in names if n in BOUNDS]
