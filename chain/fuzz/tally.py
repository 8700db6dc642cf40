"""What a campaign has seen so far, so that it can be told what was tried and not only that nothing failed."""

from collections import Counter
from dataclasses import dataclass, field

from gridbid.chain.fuzz.compare import Mismatch
from gridbid.chain.fuzz.events import Event, Log
from gridbid.chain.fuzz.players.player import Outcome


@dataclass
class Tally:
    """Counts over the logs played."""

    events: int = 0
    mismatches: int = 0
    """Logs after some event of which the players parted; the rest of such a log is not played."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Events by kind."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """What orders and other calls led to: rejections by reason, refusals by error, fills."""
    situations: Counter[str] = field(default_factory=Counter)
    """How often what is rare was met, by name."""
    player_seconds: Counter[str] = field(default_factory=Counter)
    failing: tuple[Log, Mismatch] | None = None
    """The first log that failed."""

    def note(self, event: Event, outcome: Outcome) -> None:
        """Count one event."""
        self.events += 1
        self.kinds[event["kind"]] += 1
        if isinstance(outcome, dict):
            self.outcomes[f"{event['kind']} {outcome['error']}"] += 1
        elif event["kind"] == "place":
            for reject, fills, _, resting_wh in outcome:
                self.outcomes[f"order {reject}"] += 1
                self.outcomes["fills"] += len(fills)
                self.outcomes["orders that came to rest"] += resting_wh > 0
        elif event["kind"] in ("cancel", "reduce", "withdraw"):
            self.outcomes[f"{event['kind']} {'done' if outcome else 'refused'}"] += 1

    def fail(self, log: Log, mismatch: Mismatch) -> None:
        """Count a log that failed."""
        self.mismatches += 1
        if self.failing is None:
            self.failing = (log, mismatch)

    def add(self, other: "Tally") -> None:
        """Count what another process has seen."""
        self.events += other.events
        self.mismatches += other.mismatches
        for mine, others in (
            (self.kinds, other.kinds),
            (self.outcomes, other.outcomes),
            (self.situations, other.situations),
            (self.player_seconds, other.player_seconds),
        ):
            mine.update(others)
        self.failing = self.failing or other.failing
