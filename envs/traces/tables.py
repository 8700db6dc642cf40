"""The tables of a trace: every column with its type, unit and meaning; files, docs and tests derive from it.

One row of ``agents`` is an agent's step, one of ``deliveries`` a participant's delivered slot. Keys come first in every
table: ``episode`` counts the episodes of a trace, ``step`` the rounds of an episode, ``slot`` those of the year.
"""

from dataclasses import dataclass

import pyarrow as pa

from gridbid.envs import fields

FORMAT = 1
"""Version of this schema; it changes with any column."""

INTEGER, NUMBER, SINGLE = pa.int64(), pa.float64(), pa.float32()
NAME = pa.dictionary(pa.int32(), pa.string())
TIME = pa.timestamp("ms", tz="UTC")


@dataclass(frozen=True)
class Column:
    """One column; a null means that the row has no such thing."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str


def _keys(*names: str) -> tuple[Column, ...]:
    return tuple(_KEYS[name] for name in names)


_KEYS = {
    "episode": Column("episode", INTEGER, "", "number of the episode within the trace"),
    "step": Column("step", INTEGER, "", "number of the round within the episode"),
    "slot": Column("slot", INTEGER, "", "slot of the year: the one that trades, or that was delivered"),
    "round": Column("round", INTEGER, "", "round of the slot's trading"),
    "begins": Column("begins", TIME, "UTC", "when the slot begins"),
    "agent": Column("agent", NAME, "", "name of the agent"),
    "kind": Column("kind", NAME, "", "its kind"),
}

EPISODES = (
    *_keys("episode"),
    Column("community", INTEGER, "", "place in the batch"),
    Column("identity", INTEGER, "", "the community's id, a key of its arrival orders"),
    Column("seed", INTEGER, "", "seed when it began"),
    Column("week", INTEGER, "", "local week"),
    Column("day", INTEGER, "", "day of the week on which it begins, 0 is Monday"),
    Column("sample", INTEGER, "", "which sample of prices and cars"),
    Column("start", INTEGER, "", "its first slot"),
    Column("n_slots", INTEGER, "", "its slots"),
    Column("begins", TIME, "UTC", "when its first slot begins"),
    Column(
        "history", pa.binary(), "npz", "past readings it was given for baselines; null: none, or idle days"
    ),
)

STEPS = (
    *_keys("episode", "step", "slot", "round", "begins"),
    Column("seed", INTEGER, "", "seed of the round's order of arrival"),
    Column("retail_neur_per_wh", INTEGER, "nEUR/Wh", "retail price of the slot as announced"),
    Column("feed_in_neur_per_wh", INTEGER, "nEUR/Wh", "feed-in price as published, the floor of the book"),
    Column("fee_neur_per_wh", INTEGER, "nEUR/Wh", "local network fee"),
    Column("wholesale_neur_per_wh", INTEGER, "nEUR/Wh", "wholesale price"),
    Column("carbon_g_per_kwh", SINGLE, "gCO2e/kWh", "carbon intensity as published"),
    Column(
        "shift_ahead_neur_per_wh", INTEGER, "nEUR/Wh", "shift of the retail price for this slot of tomorrow"
    ),
    Column("last_price_neur_per_wh", INTEGER, "nEUR/Wh", "price of the last fill; null before the first"),
    Column("fills", INTEGER, "", "fills of the round"),
    Column(
        "event_target_wh", INTEGER, "Wh", "asked in each slot of the event that was called; 0 without one"
    ),
    Column("event_rate_neur_per_wh", INTEGER, "nEUR/Wh", "what that event pays"),
    Column(
        "event_refused", INTEGER, "", "why the last call was refused, bits of `Refusal`; 0 when it wasn't"
    ),
    Column(
        "in_turns",
        pa.bool_(),
        "",
        "whether agents acted one after the other, each seeing the orders before it",
    ),
    Column(
        "raw_orders",
        pa.bool_(),
        "",
        "whether some orders came by the raw face, in place of those that the actions would have made",
    ),
)

AGENTS = (
    *_keys("episode", "step", "slot", "round", "agent", "kind"),
    Column("present", pa.bool_(), "", "whether the agent is a member in the slot"),
    *(Column(f"action_{f.name}", SINGLE, "unit box", f.meaning) for f in fields.ACTIONS),
    Column("asked_battery_kwh", NUMBER, "kWh", "set point that the action asks of the battery, in the slot"),
    Column("asked_charger_kwh", NUMBER, "kWh", "the same of the charge point"),
    Column("asked_heat_pump_kwh", NUMBER, "kWh", "the same of the heat pump"),
    Column("plan_battery_kwh", NUMBER, "kWh", "what is feasible of it, as projected: the plan"),
    Column("plan_charger_kwh", NUMBER, "kWh", "the same of the charge point"),
    Column("plan_heat_pump_kwh", NUMBER, "kWh", "the same of the heat pump"),
    Column("trimmed_kwh", NUMBER, "kWh", "|plan less set point|, summed over devices"),
    Column("order_side", NAME, "", "buy or sell; null without an order"),
    Column("order_tick", INTEGER, "ticks", "limit of the order"),
    Column("order_price_neur_per_wh", INTEGER, "nEUR/Wh", "the same as a price, without the fee"),
    Column("order_wh", INTEGER, "Wh", "quantity of the order"),
    Column("order_rejected", NAME, "", "why it was rejected; null when it was admitted"),
    Column("filled_wh", INTEGER, "Wh", "traded in the round, as taker or maker"),
    Column("resting_wh", INTEGER, "Wh", "left of the order in the book after the round"),
    Column("bought_wh", INTEGER, "Wh", "bought of the slot so far"),
    Column("sold_wh", INTEGER, "Wh", "sold of the slot so far"),
    Column("reward_eur", SINGLE, "EUR", "reward that came with the step"),
)

FILLS = (
    *_keys("episode", "step", "slot", "round"),
    Column("fill", INTEGER, "", "number of the fill within the round, in order"),
    Column("buyer", NAME, "", "who bought"),
    Column("seller", NAME, "", "who sold"),
    Column("taker", NAME, "", "whose order came later"),
    Column("tick", INTEGER, "ticks", "tick of the resting order"),
    Column("price_neur_per_wh", INTEGER, "nEUR/Wh", "price, without the fee"),
    Column("quantity_wh", INTEGER, "Wh", "quantity"),
    Column("energy_neur", INTEGER, "nEUR", "what the buyer paid the seller"),
)

_COSTS = (
    ("bill", "cash of the slot, negated"),
    ("wear", "wear of the battery"),
    ("discomfort", "heat demand that went unserved"),
    ("unmet_ev", "energy that a car lacked at departure"),
    ("violation", "envelope breach and share of overload"),
    ("stored", "minus the increase of the value of the energy in stores"),
)

DELIVERIES = (
    *_keys("episode", "slot", "begins", "agent", "kind"),
    Column("bought_wh", INTEGER, "Wh", "bought for the slot"),
    Column("sold_wh", INTEGER, "Wh", "sold for the slot"),
    Column("paid_neur", INTEGER, "nEUR", "paid for it, without the fee"),
    Column("received_neur", INTEGER, "nEUR", "received for it"),
    Column("follow", NUMBER, "1", "phi: how far delivery followed the position"),
    Column("plan_battery_kwh", NUMBER, "kWh", "committed plan of the battery"),
    Column("plan_charger_kwh", NUMBER, "kWh", "committed plan of the charge point"),
    Column("plan_heat_pump_kwh", NUMBER, "kWh", "committed plan of the heat pump"),
    Column("battery_kwh", NUMBER, "kWh", "delivered by the battery, charging positive"),
    Column("charger_kwh", NUMBER, "kWh", "delivered to the car, feeding back negative"),
    Column("heat_pump_kwh", NUMBER, "kWh", "electricity of the heat pump"),
    Column("curtailed_kwh", NUMBER, "kWh", "PV held back"),
    Column("net_kwh", NUMBER, "kWh", "energy at the meter, import positive"),
    Column("reading_wh", INTEGER, "Wh", "what the meter says"),
    Column("imbalance_wh", INTEGER, "Wh", "reading less position"),
    Column("cash_neur", INTEGER, "nEUR", "cash of the slot, income positive, fee included"),
    Column("fee_neur", INTEGER, "nEUR", "local network fee, part of the cash"),
    Column("response_neur", INTEGER, "nEUR", "what events of demand response paid, part of the cash"),
    Column("cut_kwh", NUMBER, "kWh", "what the envelope took back"),
    Column("breach_kwh", NUMBER, "kWh", "beyond the envelope all the same"),
    Column("unmet_kwh", NUMBER, "kWh", "what a car lacked at departure"),
    Column("unserved_kwh", NUMBER, "kWh", "heat that went unserved, thermal"),
    *(Column(f"{part}_eur", NUMBER, "EUR", f"part of J: {meaning}") for part, meaning in _COSTS),
    Column("voltage_pu", NUMBER, "pu", "local voltage"),
    Column("battery_stored_kwh", NUMBER, "kWh", "in the battery when the slot ended"),
    Column("car_stored_kwh", NUMBER, "kWh", "in the car that was plugged in last"),
    Column("heat_stored_kwh", NUMBER, "kWh", "in the heat store, thermal"),
)

FEEDER = (
    *_keys("episode", "slot", "begins"),
    Column("feeder_kw", NUMBER, "kW", "power at the transformer with losses, import positive"),
    Column("losses_kwh", NUMBER, "kWh", "losses of the feeder"),
    Column("overload_kwh", NUMBER, "kWh", "energy above branch ratings"),
    Column("supplier_neur", INTEGER, "nEUR", "supplier's account since the episode began"),
    Column("operator_neur", INTEGER, "nEUR", "operator's account"),
    Column("outside_neur", INTEGER, "nEUR", "outside's account: wholesale"),
    Column("residue_neur", INTEGER, "nEUR", "account of what no division could place"),
)


def _observations(kind: str) -> tuple[Column, ...]:
    return (
        *_keys("episode", "step", "slot", "agent"),  # the field "round" is one of an observation's own
        *(
            Column(
                field.name,
                SINGLE if field.size == 1 else pa.list_(SINGLE, field.size),
                field.unit if field.scale == 1 else f"{field.scale:g} {field.unit}",
                field.meaning,
            )
            for field in fields.observation_fields(kind)
        ),
    )


OBSERVATIONS = {kind: f"observations_{kind}" for kind in fields.KINDS}
"""Name of each kind's table of observations."""

TABLES: dict[str, tuple[Column, ...]] = {
    "episodes": EPISODES,
    "steps": STEPS,
    "agents": AGENTS,
    "fills": FILLS,
    "deliveries": DELIVERIES,
    "feeder": FEEDER,
    **{name: _observations(kind) for kind, name in OBSERVATIONS.items()},
}
"""Columns by table."""


def schema(table: str) -> pa.Schema:
    """Arrow schema of a table; the units are metadata of its columns."""
    return pa.schema(
        [pa.field(c.name, c.type, metadata={"unit": c.unit, "meaning": c.meaning}) for c in TABLES[table]]
    )
