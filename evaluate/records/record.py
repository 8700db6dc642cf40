"""What a controller's week came to, slot by slot and member by member: KPIs, bills, traces and the report read it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.records.event_record import EventRecord, EventRecorder
from gridbid.evaluate.records.gate import GateRecorder
from gridbid.market.engine import Engine
from gridbid.market.types import Cost, Device
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FEEDER = ("feeder_kw", "losses_kwh", "overload_kwh")
_METER = ("net_kwh", "curtailed_kwh", "breach_kwh", "unmet_kwh", "unserved_kwh", "voltage_pu")
_TRADES = ("bought_wh", "sold_wh", "paid_neur", "received_neur")


@dataclass(frozen=True, kw_only=True)
class WeekRecord:
    """One episode of one controller: T slots, N members; import and charging are positive.

    Prices are those that were settled, nEUR/Wh; `retail_ct` and `feed_in_ct` are the same in ct/kWh. What is told of the book
    is nan where there was none, as in the optimum played back; orders are counted over all rounds of the slot.
    """

    controller: str
    """Name of the policy, or optimum."""
    week: int
    """Local week."""
    sample: int
    """Which sample of prices and cars."""
    start: int
    """First slot of the year."""
    slot_h: float
    """Hours in a slot."""
    retail_neur: Integers
    """Retail price as announced, nEUR/Wh (T,)."""
    feed_in_neur: Integers
    """Feed-in price as published, nEUR/Wh (T,)."""
    fee_neur: Integers
    """Network fee on local energy, nEUR/Wh (T,)."""
    wholesale_neur: Integers
    """Price at which the supplier buys and sells outside, nEUR/Wh (T,)."""
    carbon_g: Floats
    """Carbon intensity, gCO2e/kWh (T,)."""
    load_kwh: Floats
    """Base load (T, N)."""
    pv_kwh: Floats
    """Generation that was available (T, N)."""
    feeder_kw: Floats
    """Power at the transformer with losses, import positive (T,)."""
    losses_kwh: Floats
    """Losses of the feeder (T,)."""
    overload_kwh: Floats
    """Energy above branch ratings (T,)."""
    fills: Integers
    """Fills of the slot's book (T,)."""
    price_deviation_ct: Floats
    """Standard deviation of the prices of the slot's fills, by energy, ct/kWh (T,); nan without a fill."""
    best_bid_ct: Floats
    """Highest bid that rests when the gate closes, ct/kWh (T,); nan without one."""
    best_ask_ct: Floats
    """Lowest ask that rests when the gate closes, ct/kWh (T,); nan without one."""
    bid_depth_wh: Floats
    """What rests at the highest bid (T,)."""
    ask_depth_wh: Floats
    """What rests at the lowest ask (T,)."""
    open_bid_wh: Floats
    """What all bids that rest ask for (T,)."""
    open_ask_wh: Floats
    """What all asks that rest offer (T,)."""
    orders_placed: Floats
    """Orders of 1 Wh and more that were sent (T,)."""
    orders_rejected: Floats
    """Of these, not admitted (T,)."""
    orders_filled: Floats
    """Of these, sent by somebody who traded in the same round (T,)."""
    reading_wh: Integers
    """Meter readings (T, N)."""
    bought_wh: Integers
    """Bought in the book (T, N)."""
    sold_wh: Integers
    """Sold in the book (T, N)."""
    paid_neur: Integers
    """Paid for it, without the fee (T, N)."""
    received_neur: Integers
    """Received for it (T, N)."""
    net_kwh: Floats
    """Exact energy at the meters (T, N)."""
    device_kwh: Floats
    """Energy of the flexible devices (T, N, devices)."""
    battery_kwh: Floats
    """Stored in stationary batteries at the slot's end (T, N)."""
    car_kwh: Floats
    """Stored in the car at the charge point at the slot's end (T, N); where no car is, what the last one had."""
    curtailed_kwh: Floats
    """PV held back (T, N)."""
    breach_kwh: Floats
    """Energy outside the envelope (T, N)."""
    unmet_kwh: Floats
    """Missing in cars at departure (T, N)."""
    unserved_kwh: Floats
    """Heat demand that wasn't served, thermal (T, N)."""
    voltage_pu: Floats
    """Local voltages (T, N)."""
    cost_eur: Floats
    """J of the week by part (N, costs)."""
    cash_neur: Integers
    """What was settled with each member, received less paid (N,)."""
    accounts_neur: Integers
    """What the other accounts got, in the order of `market.types.Account` (accounts,)."""
    events: tuple[EventRecord, ...] = ()
    """Events of demand response, in order."""

    @property
    def retail_ct(self) -> Floats:
        """Retail price as announced, ct/kWh (T,)."""
        return self.retail_neur / NEUR_PER_WH_PER_CT_PER_KWH

    @property
    def feed_in_ct(self) -> Floats:
        """Feed-in price as published, ct/kWh (T,)."""
        return self.feed_in_neur / NEUR_PER_WH_PER_CT_PER_KWH

    @property
    def j_eur(self) -> float:
        """J of the community."""
        return float(self.cost_eur.sum())


class Recorder:
    """Takes down what an engine's communities do, all from the beginning of an episode of T slots.

    It is shown every round: `traded` before the engine closes it (without that, nothing is known of the book), `delivered` as
    the engine's ``on_delivery``, `stepped` at the end.
    """

    def __init__(self, compiled: CompiledScenario, batch: int, n_slots: int) -> None:
        self._compiled, self._n_slots = compiled, n_slots
        members = compiled.community.n_participants
        self._feeder = {name: np.zeros((batch, n_slots)) for name in _FEEDER}
        self._meter = {
            name: np.zeros((batch, n_slots, members)) for name in (*_METER, "battery_kwh", "car_kwh")
        }
        self._counted = {
            name: np.zeros((batch, n_slots, members), np.int64) for name in ("reading_wh", *_TRADES)
        }
        self._device_kwh = np.zeros((batch, n_slots, members, len(Device)))
        self._fills = np.zeros((batch, n_slots), np.int64)
        self._cost_eur = np.zeros((batch, members, len(Cost)))
        self._shift_neur = np.zeros((batch, n_slots), np.int64)
        self._gate, self._events = GateRecorder(batch, n_slots, members), EventRecorder(batch)
        self._steps = 0

    def traded(self, engine: Engine) -> None:
        """Record a round's orders and the book that they leave; before the engine closes the round."""
        self._gate.traded(engine)

    def delivered(self, engine: Engine) -> None:
        """Record a delivery; the engine's ``on_delivery``."""
        state = engine.state
        rows = np.flatnonzero(state.delivered.slot >= 0)
        at = rows, state.delivered.slot[rows] - state.clock.start[rows]
        for name, track in self._feeder.items():
            track[at] = getattr(state.delivered, name)[rows]
        for name in _METER:
            self._meter[name][at] = getattr(state.delivered, name)[rows]
        for name in _TRADES:
            self._counted[name][at] = getattr(state.delivery, name)[rows]
        self._counted["reading_wh"][at] = state.delivered.reading_wh[rows]
        self._meter["battery_kwh"][at] = state.stores.battery_kwh[rows]
        self._meter["car_kwh"][at] = state.stores.car_kwh[rows]
        self._device_kwh[at] = state.delivered.device_kwh[rows]
        kept = state.tariff_shift.shape[1] - 1
        self._shift_neur[at] = state.tariff_shift[rows, state.delivered.slot[rows] & kept]
        self._events.delivered(engine)

    def stepped(self, engine: Engine) -> None:
        """Record a step's costs and fills; after every step."""
        self._cost_eur += engine.state.cost_eur
        self._fills[:, self._steps // engine.community.rules.rounds] += engine.state.fills.fills
        self._steps += 1

    def records(self, controller: str, weeks: Integers, engine: Engine) -> tuple[WeekRecord, ...]:
        """The finished episodes, in the order of the communities; ``weeks`` (B,) names them."""
        return tuple(self._record(controller, int(week), engine, b) for b, week in enumerate(weeks))

    def _record(self, controller: str, week: int, engine: Engine, b: int) -> WeekRecord:
        start, sample = int(engine.state.clock.start[b]), int(engine.state.clock.sample[b])
        series, rules = self._compiled.community.series, self._compiled.community.rules
        span = slice(start, start + self._n_slots)
        retail_neur, fee_neur = series.retail[sample, span] + self._shift_neur[b], series.fee[span]
        tracks = {**self._feeder, **self._meter, **self._counted, **self._gate.tracks}
        return WeekRecord(
            controller=controller,
            week=week,
            sample=sample,
            start=start,
            slot_h=rules.slot_h,
            retail_neur=retail_neur,
            feed_in_neur=np.minimum(series.feed_in[sample, span], retail_neur - fee_neur),
            fee_neur=fee_neur,
            wholesale_neur=series.wholesale[sample, span],
            carbon_g=series.carbon_g_per_kwh[sample, span].astype(np.float64),
            load_kwh=series.load_kw[span].astype(np.float64) * rules.slot_h,
            pv_kwh=series.pv_kw[span].astype(np.float64) * rules.slot_h,
            fills=self._fills[b],
            device_kwh=self._device_kwh[b],
            cost_eur=self._cost_eur[b],
            cash_neur=engine.state.totals.cash_neur[b].copy(),
            accounts_neur=engine.state.totals.accounts_neur[b].copy(),
            events=self._events.records(b),
            **{name: track[b] for name, track in tracks.items()},
        )
