"""The promise of 15 % less cost and 10 % less carbon, held against every rung of the ladder on the test weeks of `rural`."""

import math

from gridbid.evaluate.protocol import Evaluation, evaluate
from gridbid.evaluate.protocol.claims import Claim
from gridbid.evaluate.protocol.ladder import rungs
from gridbid.evaluate.protocol.methods import load_method
from gridbid.evaluate.reproduce.pages import markdown_table

SUBJECTS = ("smart_rule", "mpc")
_HEAD = ("promised by", "against", "bill, 15 % less", "J, 15 % less", "carbon, 10 % less")


def promises_table() -> str:
    """A row for each subject and rung: how much less in percent, its interval, and whether the promise holds."""
    found = evaluate("rural", [load_method(name) for name in rungs()])
    rows = [
        (f"`{subject}`", f"`{rung}`", *(_told(claim) for claim in _claims(found, subject, rung)))
        for subject in SUBJECTS
        for rung in rungs()
        if rung != subject
    ]
    return markdown_table(_HEAD, rows)


def _claims(found: Evaluation, subject: str, rung: str) -> list[Claim]:
    return [claim for claim in found.claims if (claim.controller, claim.against) == (subject, rung)]


def _told(claim: Claim) -> str:
    less = claim.reduction
    if not math.isfinite(less.low + less.high):
        return "no percentage"
    figures = f"{less.estimate:.0f} [{less.low:.0f}, {less.high:.0f}]".replace("-", "−")
    return f"{figures} {'holds' if claim.holds else 'no'}"
