"""What a controller's week came to, slot by slot and member by member: KPIs, traces and the report read it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
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
    """One episode of one controller: T slots, N members; import and charging are positive."""

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
    retail_ct: Floats
    """Retail price, ct/kWh (T,)."""
    feed_in_ct: Floats
    """Feed-in price as published, ct/kWh (T,)."""
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

    @property
    def j_eur(self) -> float:
        """J of the community."""
        return float(self.cost_eur.sum())


class Recorder:
    """Takes down what an engine's communities do, all from the beginning of an episode of T slots."""

    def __init__(self, compiled: CompiledScenario, batch: int, n_slots: int) -> None:
        self._compiled, self._n_slots = compiled, n_slots
        members = compiled.community.n_participants
        self._feeder = {name: np.zeros((batch, n_slots)) for name in _FEEDER}
        self._meter = {name: np.zeros((batch, n_slots, members)) for name in (*_METER, "battery_kwh")}
        self._counted = {
            name: np.zeros((batch, n_slots, members), np.int64) for name in ("reading_wh", *_TRADES)
        }
        self._device_kwh = np.zeros((batch, n_slots, members, len(Device)))
        self._fills = np.zeros((batch, n_slots), np.int64)
        self._cost_eur = np.zeros((batch, members, len(Cost)))
        self._steps = 0

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
        self._device_kwh[at] = state.delivered.device_kwh[rows]

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
        retail = series.retail[sample, span]
        tracks = {**self._feeder, **self._meter, **self._counted}
        return WeekRecord(
            controller=controller,
            week=week,
            sample=sample,
            start=start,
            slot_h=rules.slot_h,
            retail_ct=retail / NEUR_PER_WH_PER_CT_PER_KWH,
            feed_in_ct=np.minimum(series.feed_in[sample, span], retail - series.fee[span])
            / NEUR_PER_WH_PER_CT_PER_KWH,
            carbon_g=series.carbon_g_per_kwh[sample, span].astype(np.float64),
            load_kwh=series.load_kw[span].astype(np.float64) * rules.slot_h,
            pv_kwh=series.pv_kw[span].astype(np.float64) * rules.slot_h,
            fills=self._fills[b],
            device_kwh=self._device_kwh[b],
            cost_eur=self._cost_eur[b],
            **{name: track[b] for name, track in tracks.items()},
        )
