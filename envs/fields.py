"""The one table of every observation and action: spaces, scaling, docs and the schema hash derive from it.

An observation holds value / scale, clipped to [low, high]. Power and energy of a seat are relative to its ``site_kw``
(the largest of its ratings), so that one policy serves a flat and a farm.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
from gymnasium.spaces import Box

from gridbid.market.errors import InputError

PROSUMER, BATTERY, EV, UTILITY = "prosumer", "battery", "ev", "utility"
KINDS = (PROSUMER, BATTERY, EV, UTILITY)
METERED = (PROSUMER, BATTERY, EV)


@dataclass(frozen=True)
class Field:
    """One entry of an observation or an action; ``size`` > 1 is a run of values."""

    name: str
    kinds: tuple[str, ...]
    unit: str
    low: float
    high: float
    scale: float
    meaning: str
    size: int = 1


@dataclass(frozen=True)
class Info:
    """One entry of what an agent is told about a step beside its reward; no policy is to act on it."""

    name: str
    unit: str
    meaning: str


def _metered(
    name: str, unit: str, low: float, high: float, scale: float, meaning: str, size: int = 1
) -> Field:
    return Field(name, METERED, unit, low, high, scale, meaning, size)


OBSERVATIONS = (
    Field("hour_sin", KINDS, "1", -1, 1, 1, "sine of the local hour of day at the start of slot t"),
    Field("hour_cos", KINDS, "1", -1, 1, 1, "cosine of the local hour of day"),
    Field("year_sin", KINDS, "1", -1, 1, 1, "sine of the day of the year"),
    Field("year_cos", KINDS, "1", -1, 1, 1, "cosine of the day of the year"),
    Field("weekend", KINDS, "1", 0, 1, 1, "1 on Saturday and Sunday"),
    Field("round", KINDS, "1", 0, 1, 1, "rounds of slot t that have passed, as a share"),
    Field("retail_ct", KINDS, "ct/kWh", -4, 4, 40, "announced retail price, hourly means from slot t on", 24),
    Field("feed_in_ct", KINDS, "ct/kWh", -4, 4, 40, "feed-in price of slot t"),
    Field("fee_ct", KINDS, "ct/kWh", 0, 4, 40, "local network fee, paid by the buyer on top of the price"),
    Field("carbon_g", KINDS, "gCO2e/kWh", 0, 4, 500, "carbon intensity of slot t as published"),
    _metered("present", "1", 0, 1, 1, "1 for a member in slot t; for one who is absent all own fields are 0"),
    _metered("site_kw", "kW", 0, 10, 100, "largest rating of the seat"),
    _metered("reading_2", "site_kw", -2, 2, 1, "own mean power in slot t-2, import positive"),
    _metered("reading_3", "site_kw", -2, 2, 1, "own mean power in slot t-3"),
    _metered("reading_day", "site_kw", -2, 2, 1, "own mean power a day before slot t"),
    _metered("position", "site_kw", -2, 2, 1, "bought less sold of slot t so far, as mean power"),
    _metered("delivery_position", "site_kw", -2, 2, 1, "position of slot t-1, which is being delivered"),
    _metered("delivery_plan", "site_kw", -2, 2, 1, "planned flexible energy of slot t-1, as mean power"),
    _metered("open_order", "site_kw", -2, 2, 1, "own resting order of slot t, buys positive"),
    _metered("import_room", "site_kw", -10, 10, 1, "what the import envelope leaves above the position"),
    _metered("export_room", "site_kw", -10, 10, 1, "what the export envelope leaves below the position"),
    _metered(
        "voltage",
        "pu",
        -2,
        2,
        0.1,
        "local voltage of the last known slot, less 1 pu; the lowest when the feeder collapsed",
    ),
    _metered("event_part", "1", 0, 1, 1, "1 while the event concerns the seat: it takes part"),
    _metered("event_asked", "site_kw", 0, 2, 1, "what the event asks of the seat in slot t, as mean power"),
    _metered(
        "event_left", "h", 0, 4, 4, "what it asks of the seat from slot t to its end, in hours at site_kw"
    ),
    _metered(
        "baseline",
        "site_kw",
        -2,
        2,
        1,
        "own baseline for slot t; once the event is active with its adjustment, 0 with too few past days",
    ),
    Field(
        "best_bid",
        KINDS,
        "ct/kWh",
        -4,
        4,
        40,
        "best bid of slot t's book less feed-in; -0.5 when there is none",
    ),
    Field("best_ask", KINDS, "ct/kWh", -4, 4, 40, "best ask less feed-in; -0.5 when there is none"),
    Field("bid_depth", KINDS, "kW", 0, 4, 100, "quantity at the best bid, as mean power"),
    Field("ask_depth", KINDS, "kW", 0, 4, 100, "quantity at the best ask, as mean power"),
    Field(
        "last_price", KINDS, "ct/kWh", -4, 4, 40, "price of the last fill less feed-in; -0.5 before the first"
    ),
    Field("community_net", KINDS, "kW", -4, 4, 100, "sum of all readings of slot t-2, as mean power"),
    Field("book_age", KINDS, "slots", 0, 1, 8, "how old the view of the book is; 0 in an environment"),
    Field(
        "event_phase",
        KINDS,
        "phase",
        0,
        1,
        4,
        "event of slot t, or else the next: 1 published, 2 armed, 3 ramp, 4 active when t-1 began; 0 without one",
    ),
    Field(
        "event_start", KINDS, "h", 0, 4, 12, "hours from the start of slot t to the event; 0 once it began"
    ),
    Field("event_end", KINDS, "h", 0, 4, 12, "hours from the start of slot t to the end of the event"),
    Field("event_rate", KINDS, "ct/kWh", 0, 4, 100, "what the event pays for what is delivered"),
    Field("battery_kw", (PROSUMER, BATTERY), "site_kw", 0, 2, 1, "power of the battery"),
    Field("battery_hours", (PROSUMER, BATTERY), "h", 0, 4, 4, "capacity over power of the battery"),
    Field("battery_soc", (PROSUMER, BATTERY), "1", 0, 1, 1, "state of charge at the start of slot t-1"),
    Field(
        "battery_least",
        (PROSUMER, BATTERY),
        "battery_kw",
        -1,
        1,
        1,
        "least set point feasible in slot t as planned",
    ),
    Field(
        "battery_most",
        (PROSUMER, BATTERY),
        "battery_kw",
        -1,
        1,
        1,
        "greatest set point feasible in slot t as planned",
    ),
    Field("charger_kw", (PROSUMER, EV), "site_kw", 0, 2, 1, "power of the charge point"),
    Field(
        "car_plugged",
        (PROSUMER, EV),
        "1",
        0,
        1,
        1,
        "1 while a car is known to stay plugged in through slot t",
    ),
    Field("car_soc", (PROSUMER, EV), "1", 0, 1, 1, "the car's state of charge at the start of slot t-1"),
    Field("car_due", (PROSUMER, EV), "h", 0, 4, 10, "energy still due at departure, in hours at full power"),
    Field("car_departure", (PROSUMER, EV), "h", 0, 4, 12, "hours from the start of slot t to departure"),
    Field("car_laxity", (PROSUMER, EV), "h", -1, 4, 12, "hours to departure less hours due"),
    Field(
        "car_least", (PROSUMER, EV), "charger_kw", -1, 1, 1, "least set point feasible in slot t as planned"
    ),
    Field(
        "car_most", (PROSUMER, EV), "charger_kw", -1, 1, 1, "greatest set point feasible in slot t as planned"
    ),
    Field("heat_pump_kw", (PROSUMER,), "site_kw", 0, 2, 1, "electric power of the heat pump"),
    Field(
        "heat_level", (PROSUMER,), "1", 0, 1, 1, "level of the heat store (comfort) at the start of slot t-1"
    ),
    Field(
        "heat_least",
        (PROSUMER,),
        "heat_pump_kw",
        0,
        1,
        1,
        "least set point that keeps comfort in slot t as planned",
    ),
    Field(
        "heat_most", (PROSUMER,), "heat_pump_kw", 0, 1, 1, "greatest set point feasible in slot t as planned"
    ),
    Field("pv_forecast", (PROSUMER,), "site_kw", 0, 2, 1, "issued forecast of the PV's mean power in slot t"),
    Field(
        "net_forecast",
        (PROSUMER,),
        "site_kw",
        -2,
        2,
        1,
        "issued forecast of the inflexible net load in slot t",
    ),
    Field("net_forecast_day", (PROSUMER,), "site_kw", -2, 2, 1, "the same, hourly means from slot t on", 24),
    Field(
        "feeder_load", (UTILITY,), "kVA rating", -4, 4, 1, "power at the transformer in the last known slot"
    ),
    Field(
        "feeder_forecast",
        (UTILITY,),
        "kVA rating",
        -4,
        4,
        1,
        "issued forecast of the inflexible load, hourly",
        24,
    ),
    Field("overload", (UTILITY,), "kWh", 0, 4, 10, "energy above branch ratings in the last known slot"),
    Field("wholesale_ct", (UTILITY,), "ct/kWh", -4, 4, 40, "procurement cost in slot t"),
    Field(
        "shift_room",
        (UTILITY,),
        "ct/kWh",
        0,
        4,
        20,
        "how far today's shifts have lowered the tariff: room to raise it",
    ),
    Field("event_asked_all", (UTILITY,), "kVA rating", 0, 4, 1, "what the event asks of all in slot t"),
    Field("baseline_all", (UTILITY,), "kVA rating", -4, 4, 1, "sum of all baselines for slot t"),
)

ACTIONS = (
    Field("offer", METERED, "1", 0, 1.5, 1, "q: share of the need to offer; 0 cancels"),
    Field("limit", METERED, "1", 0, 1, 1, "lam: limit price between feed-in and retail less the fee"),
    Field("follow", METERED, "1", 0, 1, 1, "phi: how far delivery follows the position instead of the plan"),
    Field(
        "battery",
        (PROSUMER, BATTERY),
        "battery_kw",
        -1,
        1,
        1,
        "planned set point of the battery, charging positive",
    ),
    Field(
        "charger",
        (PROSUMER, EV),
        "charger_kw",
        -1,
        1,
        1,
        "planned set point of the charge point; < 0 feeds back",
    ),
    Field(
        "heat_pump", (PROSUMER,), "heat_pump_kw", -1, 1, 1, "planned set point of the heat pump; <= 0 is off"
    ),
    Field("curtail", (PROSUMER,), "1", -1, 1, 1, "share of PV to hold back; <= 0 is none"),
    Field(
        "tariff_shift",
        (UTILITY,),
        "2 ct/kWh",
        -1,
        1,
        1,
        "round 0: shift of the retail price announced for a day after slot t",
    ),
    Field(
        "event_target",
        (UTILITY,),
        "kVA rating",
        -1,
        1,
        1,
        "round 0: call an event that asks for this in each of its slots, as mean power; <= 0 calls none",
    ),
    Field("event_rate", (UTILITY,), "ct/kWh", 0, 100, 1, "what the called event pays for what is delivered"),
)


INFOS = (
    Info("energy_eur", "EUR", "cost: trades at their prices and the imbalance, without the fee"),
    Info("fee_eur", "EUR", "cost: local network fee on what was bought"),
    Info("wear_eur", "EUR", "cost: wear of the battery"),
    Info("comfort_eur", "EUR", "cost: heat demand that went unserved"),
    Info("unmet_ev_eur", "EUR", "cost: energy that a car lacked at departure"),
    Info("violation_eur", "EUR", "cost: breach of the envelope, and the share of overload"),
    Info("response_eur", "EUR", "cost: minus what events of demand response paid"),
    Info("stored_eur", "EUR", "cost: minus the increase of the value of the energy in stores"),
    Info(
        "trimmed_kwh", "kWh", "how far the round's set points were moved to be feasible, summed over devices"
    ),
    Info("cut_kwh", "kWh", "what the envelope took back from devices and PV"),
    Info("breach_kwh", "kWh", "breach of the envelope that remained"),
    Info("curtailed_kwh", "kWh", "PV held back, by plan or by the envelope"),
    Info("unmet_kwh", "kWh", "energy that a car lacked at departure"),
    Info("unserved_kwh", "kWh of heat", "heat demand that went unserved"),
    Info("bought_kwh", "kWh", "filled in the round, bought"),
    Info("sold_kwh", "kWh", "filled in the round, sold"),
    Info("rejected", "code", "why the round's order was rejected (`Reject`), 0 when it wasn't"),
    Info("reading_kwh", "kWh", "what the meter showed, import positive"),
    Info("imbalance_kwh", "kWh", "reading less position"),
)
"""What is told by step, float64. The first eight are the parts of J: their sum is minus the own reward.

Costs, readings and what the safety layer did belong to what the step delivered, all else to the round that it played. The
utility's are the means over the community.
"""
COST_INFOS = tuple(info.name for info in INFOS if info.name.endswith("_eur"))


def observation_fields(kind: str) -> tuple[Field, ...]:
    """Fields of a kind's observation, in order."""
    return _of(OBSERVATIONS, kind)


def action_fields(kind: str) -> tuple[Field, ...]:
    """Fields of a kind's action, in order."""
    return _of(ACTIONS, kind)


@cache
def observation_index(kind: str) -> dict[str, slice]:
    """Where each field lies in a kind's observation."""
    return _index(observation_fields(kind))


@cache
def action_index(kind: str) -> dict[str, slice]:
    """Where each field lies in a kind's action."""
    return _index(action_fields(kind))


@cache
def info_index() -> dict[str, int]:
    """Where each entry lies in an info."""
    return {info.name: n for n, info in enumerate(INFOS)}


@cache
def observation_space(kind: str) -> Box:
    """Box of a kind's observation, float32."""
    low, high = _bounds(observation_fields(kind))
    return Box(low, high, dtype=np.float32)


@cache
def action_space(kind: str) -> Box:
    """Unit box of a kind's action, float32: -1..1 in every entry; the table's range lies behind it."""
    size = sum(field.size for field in action_fields(kind))
    return Box(-1.0, 1.0, (size,), np.float32)


def schema_hash() -> str:
    """SHA-256 over the whole table: a bundle made for another one is refused."""
    table = {"observations": [asdict(f) for f in OBSERVATIONS], "actions": [asdict(f) for f in ACTIONS]}
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def _of(fields: tuple[Field, ...], kind: str) -> tuple[Field, ...]:
    if kind not in KINDS:
        raise InputError(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    return tuple(field for field in fields if kind in field.kinds)


def _index(fields: tuple[Field, ...]) -> dict[str, slice]:
    index, begin = {}, 0
    for field in fields:
        index[field.name] = slice(begin, begin + field.size)
        begin += field.size
    return index


def _bounds(fields: tuple[Field, ...]) -> tuple[np.ndarray, np.ndarray]:
    low = np.concatenate([np.full(f.size, f.low, np.float32) for f in fields])
    high = np.concatenate([np.full(f.size, f.high, np.float32) for f in fields])
    return low, high
