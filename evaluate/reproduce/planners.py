"""What planners reach on `rural`: J and S over two validation weeks, and what a week of theirs takes."""

from gridbid.agents.planners.informed_mpc import MpcPerfect, MpcPersistence
from gridbid.agents.planners.mpc import MpcPolicy
from gridbid.agents.planners.selfish_lp import SelfishPolicy
from gridbid.evaluate.protocol import Evaluation, evaluate
from gridbid.evaluate.protocol.bounds import BOUNDS
from gridbid.evaluate.protocol.methods import Method
from gridbid.evaluate.reproduce.pages import markdown_table

WEEKS = (11, 37)
SECONDS = "s a week"
"""The column of measured time."""

_HEAD = ("controller", "J, EUR", "S", SECONDS)
_SHOWN = {
    "nothing": "`nothing`",
    "rule": "`rule`",
    "alone": "`alone` (bound, without overload)",
    "selfish_lp": "`selfish_lp`",
    "mpc_persistence": "`mpc_persistence`",
    "mpc_hourly": "`mpc`, planning every hour",
    "mpc": "`mpc`",
    "mpc_perfect": "`mpc_perfect`",
    "mpc_perfect_always": "`mpc_perfect`, planning every slot",
    "optimum": "`optimum` (bound)",
}
"""Rows of the table, and how each is called there."""
_UNTIMED = ("nothing", "rule")


def planners_table() -> str:
    """The page's table."""
    methods = {
        "selfish_lp": SelfishPolicy(),
        "mpc_persistence": MpcPersistence(),
        "mpc_hourly": MpcPolicy(every=4),
        "mpc": MpcPolicy(),
        "mpc_perfect": MpcPerfect(),
        "mpc_perfect_always": MpcPerfect(every=1),
    }
    found = evaluate(
        "rural",
        [Method(name, (policy,)) for name, policy in methods.items()],
        split="validation",
        weeks=WEEKS,
        bounds=tuple(BOUNDS),
        workers=1,
    )
    return markdown_table(_HEAD, [_row(found, name, shown) for name, shown in _SHOWN.items()])


def _row(found: Evaluation, name: str, shown: str) -> tuple[str, str, str, str]:
    j_eur = f"{found.j_eur[name].sum():,.2f}".replace(",", " ")
    score = found.scores[name].estimate
    s = f"{score:.0f}" if score in (0.0, 1.0) else f"{score:.2f}".replace("-", "−")
    seconds = "" if name in _UNTIMED else f"{found.seconds[name] / len(WEEKS):.1f}"
    return shown, j_eur, s, seconds
