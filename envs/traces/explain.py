"""Why did it do that: one agent's slot out of a trace, in physical units, from what it saw to what it cost."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gridbid.envs import fields
from gridbid.envs.fields import Field
from gridbid.envs.traces.files import Trace
from gridbid.envs.traces.replay import episode_row
from gridbid.envs.traces.tables import OBSERVATIONS
from gridbid.market.errors import InputError
from gridbid.market.tariff import MAX_SHIFT
from gridbid.market.units import WH_PER_KWH, neur_per_wh_to_ct_per_kwh, neur_to_eur

_CLOCK = ("hour_sin", "hour_cos", "year_sin", "year_cos", "weekend", "round")
"""Told by the headline."""
_PHYSICAL_MEANING = {
    "voltage": "local voltage of the last known slot",
    "best_bid": "best bid of slot t's book, above feed-in",
    "best_ask": "best ask of slot t's book, above feed-in",
    "last_price": "price of the last fill, above feed-in",
}
"""What a field means once it is told in its unit."""
_ABOVE_FEED_IN = ("best_bid", "best_ask", "last_price")
_DEVICES = ("battery", "charger", "heat_pump")
_DEVICE_OF = {"battery": "battery_kw", "charger": "charger_kw", "car": "charger_kw", "heat": "heat_pump_kw"}
"""Rating of the device that a field tells of, by the first word of its name."""
_COSTS = ("bill", "wear", "discomfort", "unmet_ev", "violation", "stored")

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing that is told: a label, a value with its unit, and what it means."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One part of the account."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Explanation:
    """An agent's slot, told in order."""

    headline: str
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        return "\n".join([self.headline, *(text for section in self.sections for text in _plain(section))])


def explain(
    path: str | os.PathLike[str],
    agent: str,
    *,
    slot: int | None = None,
    step: int | None = None,
    at: datetime | None = None,
    episode: int = 0,
) -> Explanation:
    """What an agent saw, chose and got in a slot of the year, or in a step's slot, or in the slot that contains ``at``.

    ``at`` is a time by the scenario's local clock, unless it names a zone. A slot tells all of its rounds, a step one.
    InputError if there is no such thing.
    """
    trace = Trace(path)
    start = episode_row(trace, episode)["start"]
    rounds = trace.metadata["rounds"]
    kind = _kind(trace, agent)
    if step is None:
        slot = _slot_at(trace, episode, at) if slot is None else slot
        steps = [(slot - start) * rounds + number for number in range(rounds)]
    else:
        slot, steps = start + step // rounds, [step]
    played = {row["step"]: row for row in trace.table("steps", episode, [("slot", "==", slot)]).to_pylist()}
    told = [played[number] for number in steps if number in played]
    if not told:
        last = max(trace.table("steps", episode)["slot"].to_pylist(), default=start)
        raise InputError(
            f"slot {slot} (steps {steps}) isn't in episode {episode}: it has slots {start} to {last}"
        )
    sections = [section for row in told for section in _round(trace, episode, agent, kind, row, len(told))]
    if kind != fields.UTILITY:
        sections += _delivery(trace, episode, agent, told[-1])
    return Explanation(_headline(trace, agent, kind, told[-1]), tuple(sections))


def _plain(section: Section) -> Iterator[str]:
    yield f"\n{section.title}"
    width = max(len(line.label) for line in section.lines)
    values = max(len(line.value) for line in section.lines)
    for line in section.lines:
        yield f"  {line.label:<{width}}  {line.value:<{values}}  {line.note}".rstrip()


def _kind(trace: Trace, agent: str) -> str:
    for kind, names in trace.metadata["agents"].items():
        if agent in names:
            return str(kind)
    known = ", ".join(name for names in trace.metadata["agents"].values() for name in names)
    raise InputError(f"agent: {agent!r} is none of {known}")


def _slot_at(trace: Trace, episode: int, at: datetime | None) -> int:
    if at is None:
        raise InputError("name a slot, a step or a time")
    local = at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(trace.metadata["timezone"]))
    row = episode_row(trace, episode)
    slots = (local - row["begins"]).total_seconds() / 3600.0 / trace.metadata["slot_h"]
    return int(row["start"] + np.floor(slots))


def _headline(trace: Trace, agent: str, kind: str, row: Row) -> str:
    local = row["begins"].astimezone(ZoneInfo(trace.metadata["timezone"]))
    minutes = trace.metadata["slot_h"] * 60.0
    return (
        f"{agent} ({kind}, {trace.metadata['scenario']['name']}) in slot {row['slot']}: "
        f"{local:%A %Y-%m-%d %H:%M} local time, {minutes:g} min"
    )


# --- a round: seen, chosen, ordered


def _round(trace: Trace, episode: int, agent: str, kind: str, step: Row, rounds: int) -> Iterator[Section]:
    here = [("step", "==", step["step"]), ("agent", "==", agent)]
    seen = trace.table(OBSERVATIONS[kind], episode, here).to_pylist()[0]
    acted = trace.table("agents", episode, here).to_pylist()[0]
    suffix = f", round {step['round']}" if rounds > 1 else ""
    units = trace.metadata["units"][agent]
    yield Section(f"What it saw (step {step['step']}{suffix})", tuple(_seen(kind, seen, units)))
    yield Section(f"What it chose{suffix}", tuple(_chosen(kind, acted, units)))
    if kind == fields.UTILITY:
        return
    yield Section(f"What was feasible{suffix}", tuple(_feasible(acted, seen, units)))
    fills = trace.table("fills", episode, [("step", "==", step["step"])]).to_pylist()
    own = [fill for fill in fills if agent in (fill["buyer"], fill["seller"])]
    yield Section(f"Its order{suffix}", tuple(_order(agent, acted, own, step)))


def _seen(kind: str, seen: Row, units: dict[str, float]) -> Iterator[Line]:
    for field in fields.observation_fields(kind):
        if field.name not in _CLOCK and not _of_absent_device(field, units):
            meaning = _PHYSICAL_MEANING.get(field.name, field.meaning)
            yield Line(field.name, physical(field, seen[field.name], units), meaning)


def _of_absent_device(field: Field, units: dict[str, float]) -> bool:
    """Whether a field tells of a device that the seat lacks."""
    device = _DEVICE_OF.get(field.name.split("_")[0])
    return device is not None and units.get(device) == 0.0


def physical(field: Field, value: float | list[float], units: dict[str, float]) -> str:
    """An observed value in the unit that it stands for; of a run, the first value and the range."""
    if isinstance(value, list):
        first, low, high = (
            physical(field, one, units).split(" ") for one in (value[0], min(value), max(value))
        )
        return f"{first[0]} now, {low[0]} to {' '.join(high)}"
    if field.name in _ABOVE_FEED_IN and value == -0.5:
        return "none"
    scaled, unit = value * field.scale, field.unit
    if unit in units:
        scaled, unit = scaled * units[unit], "kVA" if unit == "kVA rating" else "kW"
    if field.name == "voltage":
        scaled, unit = scaled + 1.0, "pu"
    beyond = value in (field.low, field.high) and field.scale != 1 and abs(value) > 1
    return f"{_number(scaled)}{'' if unit == '1' else ' ' + unit}{' or beyond' if beyond else ''}"


def _chosen(kind: str, acted: Row, units: dict[str, float]) -> Iterator[Line]:
    for field in fields.action_fields(kind):
        entry = acted[f"action_{field.name}"]
        if entry is None:
            yield Line(field.name, "kept still", "its kind was left out of the step")
            continue
        value = field.low + (min(max(entry, -1.0), 1.0) + 1.0) * (field.high - field.low) / 2.0
        if field.unit in units:
            text = f"{_number(value * units[field.unit])} kW"
        elif field.name == "tariff_shift":
            text = f"{_number(value * neur_per_wh_to_ct_per_kwh(MAX_SHIFT))} ct/kWh"
        else:
            text = _number(value)
        yield Line(field.name, text, f"{field.meaning} ({entry:+.3f} in the unit box)")


def _feasible(acted: Row, seen: Row, units: dict[str, float]) -> Iterator[Line]:
    for device in _DEVICES:
        asked, plan = acted[f"asked_{device}_kwh"], acted[f"plan_{device}_kwh"]
        if asked is None or (asked == 0.0 and plan == 0.0):
            continue
        kept = abs(asked - plan) < 1e-9
        note = "as asked" if kept else f"asked for {_number(asked)} kWh, which the device won't allow"
        yield Line(device, f"{_number(plan)} kWh", note)
    forecast_kw = seen.get("net_forecast", 0.0) * units["site_kw"]
    position_kw = seen["position"] * units["site_kw"]
    yield Line("forecast", f"{_number(forecast_kw)} kW", "of what it can't move: the rest of its need")
    yield Line(
        "position", f"{_number(position_kw)} kW", "bought less sold before the round; its need is short of it"
    )


def _order(agent: str, acted: Row, fills: list[Row], step: Row) -> Iterator[Line]:
    if acted["order_side"] is None:
        yield Line("order", "none", "it had nothing to offer, or its envelope leaves no room")
    else:
        price = _ct(acted["order_price_neur_per_wh"])
        note = f"tick {acted['order_tick']}; retail {_ct(step['retail_neur_per_wh'])}, "
        note += f"feed-in {_ct(step['feed_in_neur_per_wh'])}, fee {_ct(step['fee_neur_per_wh'])}"
        yield Line("order", f"{acted['order_side']} {_wh(acted['order_wh'])} at {price}", note)
    if acted["order_rejected"] is not None:
        yield Line("rejected", acted["order_rejected"], "it was refused whole, and nothing of it traded")
    for fill in fills:
        bought = fill["buyer"] == agent
        partner = fill["seller"] if bought else fill["buyer"]
        verb, preposition = ("bought", "from") if bought else ("sold", "to")
        note = "its order came later" if fill["taker"] == agent else "its order was there first"
        yield Line(
            "fill",
            f"{verb} {_wh(fill['quantity_wh'])} {preposition} {partner} at {_ct(fill['price_neur_per_wh'])}",
            note,
        )
    if acted["order_side"] is not None and acted["order_rejected"] is None:
        yield Line("left", _wh(acted["resting_wh"]), "of the order, in the book after the round")


# --- delivery and cost


def _delivery(trace: Trace, episode: int, agent: str, step: Row) -> Iterator[Section]:
    here = [("slot", "==", step["slot"]), ("agent", "==", agent)]
    rows = trace.table("deliveries", episode, here).to_pylist()
    if not rows:
        yield Section("What was delivered", (Line("delivery", "not recorded", "the trace ends before it"),))
        return
    yield Section("What was delivered", tuple(_delivered(rows[0])))
    yield Section("What it cost", tuple(_cost(rows[0], step)))


def _delivered(row: Row) -> Iterator[Line]:
    for device in _DEVICES:
        plan, came = row[f"plan_{device}_kwh"], row[f"{device}_kwh"]
        if plan != 0.0 or came != 0.0:
            yield Line(device, f"{_number(came)} kWh", f"planned {_number(plan)} kWh")
    position_wh = row["bought_wh"] - row["sold_wh"]
    yield Line("follow", _number(row["follow"]), "how far delivery followed the position instead of the plan")
    yield Line("reading", _wh(row["reading_wh"]), "what the meter says, import positive")
    yield Line("position", _wh(position_wh), "bought less sold")
    yield Line("imbalance", _wh(row["imbalance_wh"]), "reading less position, settled with the supplier")
    yield Line("voltage", f"{row['voltage_pu']:.4f} pu")
    for name, note in (
        ("curtailed_kwh", "PV held back"),
        ("cut_kwh", "taken back by the envelope"),
        ("breach_kwh", "beyond the envelope all the same"),
        ("unmet_kwh", "what the car lacked when it left"),
        ("unserved_kwh", "heat that went unserved, thermal"),
    ):
        if row[name] != 0.0:
            yield Line(name.removesuffix("_kwh"), f"{_number(row[name])} kWh", note)
    for name in ("battery", "car", "heat"):
        if row[f"{name}_stored_kwh"] != 0.0:
            yield Line(f"{name} store", f"{_number(row[f'{name}_stored_kwh'])} kWh", "when the slot ended")


def _cost(row: Row, step: Row) -> Iterator[Line]:
    short = row["imbalance_wh"] > 0
    price = step["retail_neur_per_wh" if short else "feed_in_neur_per_wh"]
    imbalance_neur = row["imbalance_wh"] * price
    yield Line("bill", _eur(row["bill_eur"]), "what the slot's cash came to, of which:")
    if row["bought_wh"]:
        yield Line("  energy bought", _eur(neur_to_eur(row["paid_neur"])), _wh(row["bought_wh"]))
        yield Line("  fee", _eur(neur_to_eur(row["fee_neur"])), f"at {_ct(step['fee_neur_per_wh'])}")
    if row["sold_wh"]:
        yield Line("  energy sold", _eur(-neur_to_eur(row["received_neur"])), _wh(row["sold_wh"]))
    if row["imbalance_wh"]:
        what = "shortage, at retail" if short else "surplus, at feed-in"
        yield Line(
            "  imbalance",
            _eur(neur_to_eur(imbalance_neur)),
            f"{_wh(abs(row['imbalance_wh']))} {what} {_ct(price)}",
        )
    if row["response_neur"]:
        yield Line("  events", _eur(-neur_to_eur(row["response_neur"])), "paid for demand response")
    for part in _COSTS[1:]:
        if row[f"{part}_eur"] != 0.0:
            yield Line(part, _eur(row[f"{part}_eur"]), _MEANINGS[part])
    yield Line("J", _eur(sum(row[f"{part}_eur"] for part in _COSTS)), "the sum: what the slot cost")


_MEANINGS = {
    "wear": "throughput of the battery",
    "discomfort": "unserved heat",
    "unmet_ev": "energy that the car lacked",
    "violation": "breach of the envelope and share of overload",
    "stored": "what the stores hold less than before (more: negative)",
}


def _number(value: float) -> str:
    text = f"{value:.4g}"
    return "0" if float(text) == 0.0 else text


def _wh(energy_wh: int) -> str:
    return f"{energy_wh / WH_PER_KWH:.3f} kWh"


def _ct(price_neur_per_wh: int) -> str:
    return f"{neur_per_wh_to_ct_per_kwh(price_neur_per_wh):.2f} ct/kWh"


def _eur(value_eur: float) -> str:
    return f"{value_eur:+.4f} EUR"
