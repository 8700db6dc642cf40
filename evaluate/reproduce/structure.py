"""Laws that a double auction keeps whoever trades in it, checked on a session's tape by a listing kept in plain Python."""

from dataclasses import dataclass, field
from typing import NamedTuple

from gridbid.evaluate.reproduce.induced_value_market import Rules, Schedule, Tape
from gridbid.market.types import Side


class Waiting(NamedTuple):
    """A shout that waits to be taken; the lower ``arrival``, the earlier it came."""

    trader: int
    side: int
    tick: int
    arrival: int


@dataclass
class Faults:
    """How often each law was broken, in how many shouts and trades."""

    shouts: int = 0
    trades: int = 0
    admission: int = 0
    """Shouts let in, or refused, against the book rule."""
    priority: int = 0
    """Trades that took another shout than the best, the oldest among equals."""
    price: int = 0
    """Trades at another price than the waiting shout's."""
    crossed: int = 0
    """Shouts after which the best bid was not below the best ask."""
    loss: int = 0
    """Traders that a trade took beyond their limit."""


@dataclass
class _Replay:
    schedule: Schedule
    rules: Rules
    faults: Faults = field(default_factory=Faults)
    waiting: list[Waiting] = field(default_factory=list)
    traded: list[int] = field(default_factory=list)

    def begin_day(self) -> None:
        self.waiting, self.traded = [], [0] * self.schedule.side.size

    def admits(self, shout: Waiting) -> bool:
        """Whether the book rule lets a shout in."""
        standing = self._best(shout.side)
        if not self.rules.clears or standing is None:
            return True
        return shout.tick > standing.tick if shout.side == Side.BUY else shout.tick < standing.tick

    def enter(self, shout: Waiting) -> None:
        """Let a shout wait; it takes the place of the one that the book rule makes it replace."""
        self._replace(shout)
        self.waiting.append(shout)

    def trade(self, shout: Waiting, maker: int, maker_tick: int) -> None:
        """Check a trade against what waited, then forget what it used up."""
        self._replace(shout)
        best = self._best(1 - shout.side)
        taken = [waiting.tick for waiting in self.waiting if waiting.trader == maker]
        self.faults.trades += 1
        self.faults.priority += best is None or best.trader != maker
        self.faults.price += taken != [maker_tick]
        for trader in (shout.trader, maker):
            limit = int(self.schedule.limit[trader, self.traded[trader]])
            overpaid = (maker_tick + 1 - limit) * (1 if self.schedule.side[trader] == Side.BUY else -1)
            self.faults.loss += overpaid > 0
            self.traded[trader] += 1
        left = [waiting for waiting in self.waiting if waiting.trader != maker]
        self.waiting = [] if self.rules.clears else left

    @property
    def crossed(self) -> bool:
        bid, ask = self._best(Side.BUY), self._best(Side.SELL)
        return bid is not None and ask is not None and bid.tick >= ask.tick

    def _best(self, side: int) -> Waiting | None:
        sign = -1 if side == Side.BUY else 1
        of_side = [waiting for waiting in self.waiting if waiting.side == side]
        return min(of_side, key=lambda waiting: (sign * waiting.tick, waiting.arrival), default=None)

    def _replace(self, shout: Waiting) -> None:
        if self.rules.clears:
            self.waiting = [waiting for waiting in self.waiting if waiting.side != shout.side]
        else:
            self.waiting = [waiting for waiting in self.waiting if waiting.trader != shout.trader]


def find_faults(schedule: Schedule, rules: Rules, tape: Tape) -> Faults:
    """Play a tape again on a plain listing and count what broke a law.

    The listing learns from the tape who shouted what and whose shout was taken; what waits, it keeps itself.
    """
    replay, day = _Replay(schedule, rules), -1
    for n in range(min(int(tape.length[0]), tape.trader.size)):
        if tape.day[n] != day:
            replay.begin_day()
            day = tape.day[n]
        trader, maker = int(tape.trader[n]), int(tape.maker[n])
        shout = Waiting(trader, int(schedule.side[trader]), int(tape.tick[n]), n)
        replay.faults.shouts += 1
        replay.faults.admission += replay.admits(shout) != tape.admitted[n]
        if not tape.admitted[n]:
            continue
        if maker < 0:
            replay.enter(shout)
        else:
            replay.trade(shout, maker, int(tape.maker_tick[n]))
        replay.faults.crossed += replay.crossed
    return replay.faults
