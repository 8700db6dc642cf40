"""The ladder that results are shown on, from doing nothing to knowing everything."""

from gridbid.agents.named import POLICIES

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
