"""What a campaign tells: its figures as JSON, and the smallest log that fails."""

import json
from pathlib import Path
from typing import Any

from gridbid.chain.fuzz.compare import Match, Mismatch
from gridbid.chain.fuzz.events import Log
from gridbid.chain.fuzz.shrink import shrink
from gridbid.chain.fuzz.tally import Tally

RULE_OF_THREE = 3.0
"""Nothing seen in N tries: with 95 % confidence the rate is below 3/N (Hanley and Lippman-Hand, JAMA 249, 1983)."""


def figures(tally: Tally, seed: int, seconds: float) -> dict[str, Any]:
    """A campaign's figures; ``mismatch_rate_bound_95`` is the upper 95 % bound, where nothing was found."""
    document: dict[str, Any] = {
        "events": tally.events,
        "mismatches": tally.mismatches,
        "seed": seed,
        "seconds": round(seconds, 1),
        "events_by_kind": dict(sorted(tally.kinds.items())),
        "outcomes": dict(sorted(tally.outcomes.items())),
        "situations": dict(sorted(tally.situations.items())),
        "player_events_per_second": {
            player: round(tally.events / spent, 1) for player, spent in sorted(tally.player_seconds.items())
        },
    }
    if tally.mismatches == 0 and tally.events:
        document["mismatch_rate_bound_95"] = RULE_OF_THREE / tally.events
    return document


def smallest(log: Log, match: Match) -> tuple[Log, Mismatch]:
    """The smallest failing log that shrinking finds, and where the players part in it."""
    small = shrink(log, lambda trial: match.play(trial) is not None)
    mismatch = match.play(small)
    if mismatch is None:
        raise ValueError("the log does not fail when it is played again")
    return small, mismatch


def read_log(path: Path) -> Log:
    """A log from its file. Raises ValueError for one that holds none."""
    log = json.loads(path.read_text())
    if not isinstance(log, list) or not all(isinstance(event, dict) and "kind" in event for event in log):
        raise ValueError(f"{path} is no list of events, each with its kind")
    return log
