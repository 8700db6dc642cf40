"""Several players under one log: the first event after which they are not all alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from gridbid.chain.fuzz.events import Event, Log
from gridbid.chain.fuzz.laws import broken_law
from gridbid.chain.fuzz.players.player import UNCOVERED, Outcome, Player


@dataclass(frozen=True)
class Mismatch:
    """Where players part: after which event, over what, and what each of them says."""

    index: int
    event: Event
    part: str
    """"outcome", or the part of the state."""
    said: dict[str, object]
    """By player."""

    def __str__(self) -> str:
        lines = [f"event {self.index}, {self.event}:", f"  they disagree about {self.part}"]
        return "\n".join(lines + [f"    {player:9} {what}" for player, what in self.said.items()])


@dataclass
class Match:
    """A game of several players: the first of them is what the others are held against."""

    players: Sequence[Player]
    seconds: dict[str, float] = field(default_factory=dict)
    """Time spent by each player, events and states."""

    def reset(self) -> None:
        """Begin a new log."""
        self._count = 0
        for player in self.players:
            player.reset()

    def apply(self, event: Event) -> tuple[Outcome, Mismatch | None]:
        """Let all play an event: the first player's outcome, and where they part, if they do."""
        outcomes, states = {}, {}
        for player in self.players:
            start = perf_counter()
            outcomes[player.name] = player.apply(event)
            states[player.name] = player.state()
            self.seconds[player.name] = self.seconds.get(player.name, 0.0) + perf_counter() - start
        index, self._count = self._count, self._count + 1
        first = self.players[0].name
        if any(outcome != outcomes[first] for outcome in outcomes.values()):
            return outcomes[first], Mismatch(index, event, "outcome", dict(outcomes))
        own = {player: state.pop(UNCOVERED, None) for player, state in states.items()}
        for state in states.values():
            if state != states[first]:
                parts = sorted({*state, *states[first]})
                part = next(name for name in parts if state.get(name) != states[first].get(name))
                said: dict[str, object] = {player: seen.get(part) for player, seen in states.items()}
                return outcomes[first], Mismatch(index, event, part, said)
        for name, uncovered in own.items():
            law = broken_law(states[first], uncovered)
            if law is not None:
                return outcomes[first], Mismatch(index, event, "a law that each has to keep", {name: law})
        return outcomes[first], None

    def play(self, log: Log) -> Mismatch | None:
        """Play a log from the beginning, up to where the players part."""
        self.reset()
        for event in log:
            mismatch = self.apply(event)[1]
            if mismatch is not None:
                return mismatch
        return None
