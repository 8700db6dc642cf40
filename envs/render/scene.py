"""What there is to see of an environment's first community, read once for all ways to show it."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.render.feeder_layout import FeederLayout, feeder_layout
from gridbid.envs.signals.raw_orders import resting_orders
from gridbid.envs.traces.rounds import arrival_ranks, published, resting_wh
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.state import Clock, FillLog, Orders, State
from gridbid.market.types import Side
from gridbid.market.units import WH_PER_KWH, neur_per_wh_to_ct_per_kwh, neur_to_eur

HOURS_BEHIND, HOURS_AHEAD = 12, 24
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Member:
    """A participant: what it did in the slot that was delivered last, and what it has traded of the one before the gate."""

    name: str
    kind: str
    bus: int
    power_kw: float
    """Mean power at the meter, import positive."""
    rated_kw: float
    """Its site's largest rating."""
    battery_share: float | None
    """State of charge; None without a battery."""
    car_share: float | None
    """The same of the car that is plugged in."""
    heat_share: float | None
    """Level of the heat store."""
    has_charger: bool
    """Whether a car may be plugged in."""
    position_kwh: float
    """Bought less sold of the slot whose round was played last."""
    voltage_pu: float

    @property
    def stores(self) -> tuple[tuple[str, float], ...]:
        """What it stores: name and share that is full."""
        shares = (("battery", self.battery_share), ("car", self.car_share), ("heat", self.heat_share))
        return tuple((name, share) for name, share in shares if share is not None)

    @property
    def possible_stores(self) -> tuple[str, ...]:
        """What it may store: a charge point keeps its place while no car is there."""
        there = (self.battery_share is not None, self.has_charger, self.heat_share is not None)
        return tuple(name for name, has in zip(("battery", "car", "heat"), there, strict=True) if has)


@dataclass(frozen=True)
class Level:
    """Orders that rest at a price, ct/kWh, together, kWh."""

    price_ct: float
    energy_kwh: float


@dataclass(frozen=True)
class Trade:
    """A fill of the last round."""

    buyer: str
    seller: str
    energy_kwh: float
    price_ct: float


@dataclass(frozen=True)
class Scene:
    """A community at a moment."""

    scenario: str
    week: int
    now: datetime
    """Local begin of the slot that trades, or of the one after the episode."""
    delivered_at: datetime | None
    """Local begin of the slot that was delivered last."""
    slots_done: int
    n_slots: int
    round: int
    rounds: int
    members: tuple[Member, ...]
    bids: tuple[Level, ...]
    """Best first; the book after the last round, at its gate if that was the slot's last."""
    asks: tuple[Level, ...]
    trades: tuple[Trade, ...]
    feed_in_ct: float
    """Of the slot whose round was played last."""
    retail_ct: float
    fee_ct: float
    hours: Floats
    """Hours from the slot that trades, of the slots whose prices are shown."""
    retail_curve_ct: Floats
    """Announced retail price of those slots."""
    feeder_kw: float
    rating_kva: float
    overload_kwh: float
    bill_eur: float
    """What everybody has paid since the episode began, less what they got."""

    @property
    def loading(self) -> float:
        """Active power at the transformer over its rating, a share."""
        return abs(self.feeder_kw) / self.rating_kva

    @property
    def voltages_pu(self) -> Floats:
        """Local voltages of the members; NaN before the first delivery."""
        return np.array([member.voltage_pu for member in self.members])


class SceneReader:
    """Reads scenes of an environment; what never changes is looked up once.

    With ``in_turns``, orders arrive between two scenes of a round, and the book is the one that stands there.
    """

    def __init__(self, env: BatchEnv, in_turns: bool = False) -> None:
        self.env, self._in_turns = env, in_turns
        self.layout: FeederLayout = feeder_layout(env.community.network.parent)
        self._names = tuple(seat.name for seat in env.scenario.metered)
        self._local = env.compiled.year.local_start

    def read(self) -> Scene:
        """The first community as it stands."""
        env, state, rules = self.env, self.env.engine.state, self.env.community.rules
        clock = state.clock
        start, slot = int(clock.start[0]), int(clock.slot[0])
        played = slot if self._in_turns else max(start, slot - int(clock.closing[0]))
        shown = self._price_slots(slot)
        delivered = int(state.delivered.slot[0])
        retail, feed_in, fee = self._prices(state, np.array([played]))
        floor = int(feed_in[0])
        curve, _, _ = self._prices(state, shown)
        return Scene(
            scenario=env.scenario.name,
            week=int(env.compiled.year.week[min(start, self._local.size - 1)]),
            now=self._at(slot),
            delivered_at=self._at(delivered) if delivered >= 0 else None,
            slots_done=slot - start,
            n_slots=int(clock.end[0]) - start,
            round=int(clock.round[0]),
            rounds=rules.rounds,
            members=self._members(state),
            bids=self._levels(state, played, floor, Side.BUY),
            asks=self._levels(state, played, floor, Side.SELL),
            trades=self._trades(state, floor),
            feed_in_ct=_ct(floor),
            retail_ct=_ct(retail[0]),
            fee_ct=_ct(fee[0]),
            hours=np.asarray((shown - slot) * rules.slot_h, np.float64),
            retail_curve_ct=np.array([_ct(price) for price in curve]),
            feeder_kw=float(state.delivered.feeder_kw[0]),
            rating_kva=source_rating_kva(env.community.network),
            overload_kwh=float(state.delivered.overload_kwh[0]),
            bill_eur=neur_to_eur(-int(state.totals.cash_neur[0].sum())),
        )

    def _at(self, slot: int) -> datetime:
        moment: datetime = self._local[min(slot, self._local.size - 1)].item()
        return moment

    def _members(self, state: State) -> tuple[Member, ...]:
        env, hours = self.env, self.env.community.rules.slot_h
        devices, closed = env.community.devices, bool(state.clock.closing[0])
        books = state.delivery if closed and not self._in_turns else state.trading
        site_kw = env.compiled.tables.site_kw
        return tuple(
            Member(
                name=name,
                kind=seat.kind,
                bus=seat.bus,
                power_kw=float(state.delivered.net_kwh[0, i]) / hours,
                rated_kw=float(site_kw[i]),
                battery_share=_share(state.stores.battery_kwh[0, i], devices.battery_kwh[i]),
                car_share=self._car_share(state, i),
                heat_share=_share(state.stores.heat_kwh[0, i], devices.heat_store_kwh[i]),
                has_charger=bool(devices.charger_kw[i] > 0.0),
                position_kwh=float(books.bought_wh[0, i] - books.sold_wh[0, i]) / WH_PER_KWH,
                voltage_pu=float(state.delivered.voltage_pu[0, i]),
            )
            for i, (name, seat) in enumerate(zip(self._names, env.scenario.metered, strict=True))
        )

    def _car_share(self, state: State, i: int) -> float | None:
        series, clock = self.env.community.series, state.clock
        column, seen = series.car_column[i], max(int(clock.slot[0]) - 1, int(clock.start[0]))
        if column < 0 or series.car_departure[clock.sample[0], seen, column] < clock.slot[0]:
            return None
        return _share(state.stores.car_kwh[0, i], self.env.community.devices.car_kwh[i])

    def _levels(self, state: State, slot: int, floor: int, side: Side) -> tuple[Level, ...]:
        """Resting orders by price, best first."""
        book_side, tick, left_wh = self._resting(state, slot)
        tick_size = self.env.community.rules.tick_size
        by_tick: dict[int, int] = {}
        for i in np.flatnonzero((left_wh > 0) & (book_side == side)):
            by_tick[int(tick[i])] = by_tick.get(int(tick[i]), 0) + int(left_wh[i])
        best_first = sorted(by_tick, reverse=side == Side.BUY)
        return tuple(Level(_ct(floor + t * tick_size), by_tick[t] / WH_PER_KWH) for t in best_first)

    def _resting(self, state: State, slot: int) -> tuple[Integers, Integers, Integers]:
        """Side, tick and Wh of each participant's order that rests.

        A slot's last round leaves an empty book: what expired at the gate follows from its orders and fills.
        """
        rules, clock = self.env.community.rules, state.clock
        if self._in_turns or clock.closing[0] == 0 or _at_the_start(clock):
            side, tick, left_wh = resting_orders(state.books)
            return side[0], tick[0], left_wh[0]
        orders = Orders(*(array[None, :1] for array in state.orders))
        fills = FillLog(*(array[None, :1] for array in state.fills))
        identity, last = int(clock.identity[0]), rules.rounds - 1
        rank = arrival_ranks(self.env.engine.seed, identity, slot, last, len(self._names))
        left_wh = resting_wh(orders, fills, rank[None, None], rules.max_fills)[0]
        return state.orders.side[0], state.orders.tick[0], left_wh[0]

    def _trades(self, state: State, floor: int) -> tuple[Trade, ...]:
        log, rules = state.fills, self.env.community.rules
        trades = []
        count = 0 if _at_the_start(state.clock) and not self._in_turns else int(log.fills[0])
        for n in range(count):
            taker, maker = int(log.taker[0, n]), int(log.maker[0, n])
            buyer, seller = (taker, maker) if state.orders.side[0, taker] == Side.BUY else (maker, taker)
            price = floor + int(log.tick[0, n]) * rules.tick_size
            energy_kwh = int(log.quantity_wh[0, n]) / WH_PER_KWH
            trades.append(Trade(self._names[buyer], self._names[seller], energy_kwh, _ct(price)))
        return tuple(trades)

    def _price_slots(self, slot: int) -> NDArray[np.int64]:
        per_hour = 1.0 / self.env.community.rules.slot_h
        first = max(0, slot - round(HOURS_BEHIND * per_hour))
        last = min(self._local.size, slot + round(HOURS_AHEAD * per_hour))
        return np.arange(first, last, max(1, round(per_hour / 4)))

    def _prices(self, state: State, slot: Integers) -> tuple[Integers, Integers, Integers]:
        """Retail price, feed-in price and fee of some slots, nEUR/Wh; shifts of long ago are no longer known."""
        ring, ahead = state.tariff_shift[0], self.env.community.rules.slots_per_day
        oldest = int(state.clock.slot[0]) + ahead - ring.size
        shift = np.where(slot > oldest, ring[slot & (ring.size - 1)], 0)
        sample = np.full(slot.shape, state.clock.sample[0])
        prices = published(self.env.community, sample, slot, shift, shift)
        return prices.retail, prices.feed_in, prices.fee


def _at_the_start(clock: Clock) -> bool:
    """Whether nothing of the episode has been played: what the clock and the log say of a round is older."""
    return bool(clock.slot[0] == clock.start[0] and clock.round[0] == 0)


def _share(stored_kwh: float, capacity_kwh: float) -> float | None:
    return float(stored_kwh / capacity_kwh) if capacity_kwh > 0.0 else None


def _ct(price_neur_per_wh: int) -> float:
    return neur_per_wh_to_ct_per_kwh(int(price_neur_per_wh))
