"""A market session with induced values on the book of the core: who is drawn shouts, until nobody could gain.

Values and costs are given to traders as limits, the ticks at which a unit neither gains nor loses (Smith: An experimental
study of competitive market behavior, J. Polit. Econ. 70:111, 1962). A trader's units trade one at a time, in the order
given. In each step one of those that still have units is drawn, evenly, and shouts a price for one unit.

Two book rules:

- Gode and Sunder's: a shout must better the standing one of its side, which it replaces (heard it is all the same); a trade clears the book.
- Persistent: a trader's shout replaces its own earlier one, and waits until it is taken.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.agents.traders.streams import Streams, draw_below, start_streams
from gridbid.agents.traders.zip import Shout
from gridbid.evaluate.reproduce.session_traders import (
    Minds,
    Quotes,
    Trader,
    listen,
    make_minds,
    remember,
    shouted_tick,
    start_minds,
)
from gridbid.market.book import (
    NO_ORDER,
    Book,
    Fills,
    best_level,
    clear,
    make_book,
    make_fills,
    place,
    remove,
    to_level,
)
from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

Integers = NDArray[np.int64]

_BUY = int(Side.BUY)
_BEYOND = 1 << 40
"""Higher than any price."""

NO_LIMIT = _BEYOND
"""As patience: a day ends when nobody can gain any more, however long that takes."""


class Schedule(NamedTuple):
    """Who wants what, each day anew.

    - ``side``: int64 (traders,)
    - ``limit``: int64 (traders, units), price in ticks of each unit's value or cost
    - ``units``: int64 (traders,), how many units a trader has
    """

    side: Integers
    limit: Integers
    units: Integers


class Rules(NamedTuple):
    """How a session runs; prices are 1..n_ticks, so tick k is price k + 1.

    - ``clears``: Gode and Sunder's book rule, else the persistent book
    - ``least_gain``: a day ends when no two units are left whose value exceeds the cost by so much
    - ``patience``: it ends as well after so many shouts in a row without a trade
    - ``most_trades``: and after so many trades
    """

    n_ticks: int
    clears: bool
    least_gain: int
    patience: int
    most_trades: int
    days: int


class Trades(NamedTuple):
    """What was traded, int64 (runs, days, most_trades) each, and how much, int64 (runs, days).

    ``buyer_limit`` and ``seller_limit`` are value and cost of the units that changed hands; prices are in ticks.
    What lies beyond ``count`` means nothing.
    """

    buyer: Integers
    seller: Integers
    buyer_limit: Integers
    seller_limit: Integers
    price: Integers
    count: Integers  # type: ignore[assignment]  # hides tuple.count, which means nothing here
    shouts: Integers


class Tape(NamedTuple):
    """Every shout of the last run, int64 (capacity,) each; ``length`` (1,) counts them, recorded or not.

    - ``trader``, ``tick``: who shouted what
    - ``admitted``: 0 if it did not better the standing shout of its side
    - ``maker``, ``maker_tick``: whose shout it took and at which tick, -1 if none
    - ``day``: when
    """

    trader: Integers
    tick: Integers
    admitted: Integers
    maker: Integers
    maker_tick: Integers
    day: Integers
    length: Integers


def make_schedule(values: ArrayLike, costs: ArrayLike) -> Schedule:
    """Buyers with these values, then sellers with these costs: (traders,) or, with several units, (traders, units)."""
    buyers, sellers = (np.asarray(limits, np.int64) for limits in (values, costs))
    if buyers.size == 0 or sellers.size == 0:
        raise InputError(
            f"values, costs: {buyers.size} and {sellers.size} units; each side needs at least one"
        )
    buyers, sellers = buyers.reshape(len(buyers), -1), sellers.reshape(len(sellers), -1)
    units = max(buyers.shape[1], sellers.shape[1])
    limit = np.zeros((len(buyers) + len(sellers), units), np.int64)
    limit[: len(buyers), : buyers.shape[1]] = buyers
    limit[len(buyers) :, : sellers.shape[1]] = sellers
    return Schedule(
        side=np.repeat(np.array([Side.BUY, Side.SELL], np.int64), [len(buyers), len(sellers)]),
        limit=limit,
        units=np.repeat([buyers.shape[1], sellers.shape[1]], [len(buyers), len(sellers)]).astype(np.int64),
    )


def make_tape(capacity: int) -> Tape:
    """Room for ``capacity`` shouts."""
    sizes = [capacity] * 6 + [1]
    return Tape(*(np.zeros(size, np.int64) for size in sizes))


def make_trades(runs: int, days: int, most_trades: int) -> Trades:
    """Room for the trades of all days."""
    shapes = [(runs, days, most_trades)] * 5 + [(runs, days)] * 2
    return Trades(*(np.zeros(shape, np.int64) for shape in shapes))


class _Floor(NamedTuple):
    """What a session works with: the book, by trader what is traded and what rests, and what traders remember.

    ``standing`` and ``standing_tick`` (2,) hold each side's one shout under Gode and Sunder's rule.
    """

    book: Book
    fills: Fills
    streams: Streams
    traded: Integers
    rests: NDArray[np.bool_]
    standing: Integers
    standing_tick: Integers
    minds: Minds


def play(
    schedule: Schedule,
    kinds: ArrayLike,
    rules: Rules,
    *,
    runs: int,
    seed: int = 0,
    absolute_step: float = 5.0,
    tape: Tape | None = None,
) -> Trades:
    """Play ``runs`` independent sessions and return their trades; (seed, run) alone decides what run draws.

    ``kinds``: one `Trader` for all or (traders,). ``absolute_step``: how far ZIP's targets and AA's first shouts lie beyond what
    was heard, in ticks (ZIP's source has 0.05 in money).
    ``tape`` takes down the shouts of the last run. Raises InputError with all faults.
    """
    n_traders = schedule.side.size
    kind = np.broadcast_to(np.asarray(kinds, np.int64), n_traders).copy()
    _check(schedule, kind, rules, runs)
    trades = make_trades(runs, rules.days, rules.most_trades)
    floor = _Floor(
        book=make_book(n_traders, rules.n_ticks),
        fills=make_fills(1),
        streams=np.zeros(1, np.uint64),
        traded=np.zeros(n_traders, np.int64),
        rests=np.zeros(n_traders, np.bool_),
        standing=np.zeros(2, np.int64),
        standing_tick=np.zeros(2, np.int64),
        minds=make_minds(n_traders, rules.n_ticks),
    )
    _play_runs(schedule, kind, rules, absolute_step, seed, floor, trades, tape or make_tape(0))
    return trades


def _check(schedule: Schedule, kind: Integers, rules: Rules, runs: int) -> None:
    least = {
        "runs": runs,
        "n_ticks": rules.n_ticks,
        "patience": rules.patience,
        "most_trades": rules.most_trades,
        "days": rules.days,
    }
    faults = [f"{name}: {value} is not at least 1" for name, value in least.items() if value < 1]
    if {int(side) for side in schedule.side} != {int(side) for side in Side}:
        faults.append("schedule.side: there must be buyers (0) and sellers (1), and nobody else")
    if not 1 <= schedule.units.min() <= schedule.units.max() <= schedule.limit.shape[1]:
        faults.append(f"schedule.units: not all within 1 to {schedule.limit.shape[1]}, the columns of limit")
    used = np.arange(schedule.limit.shape[1]) < schedule.units[:, None]
    outside = used & ((schedule.limit < 1) | (schedule.limit > rules.n_ticks))
    faults += [
        f"schedule.limit[{i}, {unit}]: {schedule.limit[i, unit]} is outside 1 to {rules.n_ticks}"
        for i, unit in np.argwhere(outside)
    ]
    if rules.least_gain < 0 and rules.patience >= NO_LIMIT and (kind != Trader.ZI_U).any():
        faults.append(
            f"least_gain: {rules.least_gain} is below 0, so the day waits for trades at a loss, which only ZI-U makes: "
            "set patience, or let all be ZI-U"
        )
    known = {int(trader) for trader in Trader}
    faults += [f"kinds: {one} is none of {sorted(known)}" for one in sorted(set(kind.tolist()) - known)]
    if faults:
        raise InputError("\n".join(faults))


@kernel
def _play_runs(
    schedule: Schedule,
    kind: Integers,
    rules: Rules,
    absolute_step: float,
    seed: int,
    floor: _Floor,
    trades: Trades,
    tape: Tape,
) -> None:
    for run in range(trades.count.shape[0]):
        start_streams(floor.streams, seed, run)
        tape.length[0] = 0
        start_minds(floor.minds, kind, schedule.side, floor.streams)
        for day in range(rules.days):
            _play_day(schedule, kind, rules, absolute_step, floor, trades, run, day, tape)


@kernel
def _play_day(
    schedule: Schedule,
    kind: Integers,
    rules: Rules,
    absolute_step: float,
    floor: _Floor,
    trades: Trades,
    run: int,
    day: int,
    tape: Tape,
) -> None:
    """One day: everybody has all units again, the book is empty, traders remember."""
    floor.traded[:] = 0
    _empty_book(floor)
    count, idle = 0, 0
    gain = _gain_left(schedule, floor.traded)
    while count < rules.most_trades and idle < rules.patience and gain >= rules.least_gain:
        i = _draw_trader(schedule, floor)
        side = schedule.side[i]
        tick = shouted_tick(
            floor.minds,
            kind[i],
            i,
            side,
            schedule.limit[i, floor.traded[i]] - 1,
            rules.n_ticks,
            _quotes(rules, floor, side),
            absolute_step,
            floor.streams,
        )
        trades.shouts[run, day] += 1
        idle += 1
        maker, maker_tick = NO_ORDER, NO_ORDER
        admitted = not rules.clears or _betters(floor, side, tick)
        if admitted:
            _withdraw(floor, floor.standing[side] if rules.clears else i)
            floor.fills.count[0] = 0
            floor.rests[i] = place(floor.book, floor.fills, i, i, side, tick, 1, True, 1) > 0
            if floor.fills.count[0] > 0:
                maker, maker_tick = floor.fills.maker_order[0], floor.fills.tick[0]
                _enter_trade(schedule, floor, trades, run, day, count, i, maker, maker_tick)
                if rules.clears:
                    _empty_book(floor)
                count, idle = count + 1, 0
                gain = _gain_left(schedule, floor.traded)
            else:
                floor.standing[side], floor.standing_tick[side] = i, tick
        _take_down(tape, i, tick, admitted, maker, maker_tick, day)
        accepted = maker != NO_ORDER
        spoke = 1 - side if accepted else side
        shout = Shout(spoke, float((maker_tick if accepted else tick) + 1), accepted)
        remember(floor.minds, shout)
        for listener in range(schedule.side.size):
            _listen(schedule, kind, rules, floor, listener, shout, absolute_step)
    trades.count[run, day] = count


@kernel
def _gain_left(schedule: Schedule, traded: Integers) -> int:
    """Highest value less lowest cost among the next units, or less than any gain when a side has none left."""
    value, cost = -_BEYOND, _BEYOND
    for i in range(traded.size):
        if traded[i] < schedule.units[i]:
            limit = schedule.limit[i, traded[i]]
            if schedule.side[i] == _BUY:
                value = max(value, limit)
            else:
                cost = min(cost, limit)
    return value - cost


@kernel
def _draw_trader(schedule: Schedule, floor: _Floor) -> int:
    """One of those that still have units, each as likely."""
    while True:
        i = draw_below(floor.streams, 0, floor.traded.size)
        if floor.traded[i] < schedule.units[i]:
            return i


@kernel
def _quotes(rules: Rules, floor: _Floor, side: int) -> Quotes:
    """What a trader on ``side`` sees."""
    own, other = _best_tick(floor.book, side), _best_tick(floor.book, 1 - side)
    return Quotes(own, other, own if rules.clears else NO_ORDER)


@kernel
def _best_tick(book: Book, side: int) -> int:
    level = best_level(book, side)
    return NO_ORDER if level < 0 else to_level(book, side, level)


@kernel
def _betters(floor: _Floor, side: int, tick: int) -> bool:
    """Whether a shout is better for the other side than the standing one."""
    if floor.standing[side] == NO_ORDER:
        return True
    return tick > floor.standing_tick[side] if side == _BUY else tick < floor.standing_tick[side]


@kernel
def _withdraw(floor: _Floor, order: int) -> None:
    """Take an order out of the book if there is one."""
    if order != NO_ORDER and floor.rests[order]:
        remove(floor.book, order)
        floor.rests[order] = False


@kernel
def _empty_book(floor: _Floor) -> None:
    clear(floor.book)
    floor.rests[:] = False
    floor.standing[:] = NO_ORDER


@kernel
def _enter_trade(
    schedule: Schedule,
    floor: _Floor,
    trades: Trades,
    run: int,
    day: int,
    n: int,
    taker: int,
    maker: int,
    maker_tick: int,
) -> None:
    """Write down a trade at the resting shout's price; both have one unit fewer to trade."""
    buyer, seller = (taker, maker) if schedule.side[taker] == _BUY else (maker, taker)
    trades.buyer[run, day, n] = buyer
    trades.seller[run, day, n] = seller
    trades.buyer_limit[run, day, n] = schedule.limit[buyer, floor.traded[buyer]]
    trades.seller_limit[run, day, n] = schedule.limit[seller, floor.traded[seller]]
    trades.price[run, day, n] = maker_tick + 1
    floor.traded[buyer] += 1
    floor.traded[seller] += 1
    floor.rests[maker] = False


@kernel
def _listen(
    schedule: Schedule,
    kind: Integers,
    rules: Rules,
    floor: _Floor,
    i: int,
    shout: Shout,
    absolute_step: float,
) -> None:
    """Let trader i hear; one without units thinks of the last that it had."""
    has_units = floor.traded[i] < schedule.units[i]
    unit = min(floor.traded[i], schedule.units[i] - 1)
    listen(
        floor.minds,
        kind[i],
        i,
        schedule.side[i],
        np.float64(schedule.limit[i, unit]),
        has_units,
        np.float64(rules.n_ticks),
        shout,
        absolute_step,
        floor.streams,
    )


@kernel
def _take_down(
    tape: Tape, trader: int, tick: int, admitted: bool, maker: int, maker_tick: int, day: int
) -> None:
    n = tape.length[0]
    tape.length[0] = n + 1
    if n >= tape.trader.size:
        return
    tape.trader[n] = trader
    tape.tick[n] = tick
    tape.admitted[n] = admitted
    tape.maker[n] = maker
    tape.maker_tick[n] = maker_tick
    tape.day[n] = day
