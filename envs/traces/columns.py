"""From stacked frames to the columns of a trace's tables; pure, and off the path of a step.

Frames have a leading axis K (steps, or deliveries), then communities B, then participants N.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.signals.actions import decode
from gridbid.envs.traces.frames import Deliveries
from gridbid.envs.traces.rounds import Published, Rounds, filled_wh, resting_wh
from gridbid.envs.traces.tables import TABLES, schema
from gridbid.market.community import Community
from gridbid.market.state import NO_PRICE, State
from gridbid.market.types import Account, Control, Cost, Device, Reject, Side

Columns = dict[str, Any]
Array = NDArray[Any]

_SIDES = [side.name.lower() for side in Side]
_REASONS = [reason.name.lower() for reason in Reject]
_TOTALS = {account: f"{account.name.lower()}_neur" for account in Account}


class Seats(NamedTuple):
    """Who is who: agents and their kinds in the order of rows, the metered ones first; participants and names by kind."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    seats: Mapping[str, NDArray[np.int64]]
    agents: Mapping[str, tuple[str, ...]]

    @property
    def n_metered(self) -> int:
        """N."""
        return sum(kind != fields.UTILITY for kind in self.kinds)


def table(name: str, columns: Columns) -> pa.Table:
    """An Arrow table of a trace; every column has to be there."""
    given = schema(name)
    assert columns.keys() == set(given.names), f"{name}: {columns.keys() ^ set(given.names)}"
    return pa.table(
        [_array(columns[column.name], given.field(column.name).type) for column in TABLES[name]], given
    )


def _array(values: Any, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_fixed_size_list(type_):
        flat = pa.array(np.ascontiguousarray(values).reshape(-1), type_.value_type)
        return pa.FixedSizeListArray.from_arrays(flat, type=type_)
    flat = np.ma.getdata(values).reshape(-1)
    mask = np.ma.getmaskarray(values).reshape(-1) if isinstance(values, np.ma.MaskedArray) else None
    flat = flat.astype("datetime64[ms]") if pa.types.is_timestamp(type_) else flat
    return pa.array(flat, type_, mask=mask)


def names_of(indices: Array, names: Sequence[str]) -> pa.Array:
    """A column of names from indices (...); -1 is null."""
    flat = np.ascontiguousarray(indices).reshape(-1).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(flat, mask=flat < 0), pa.array(names, pa.string()))


class Told(NamedTuple):
    """A stack of K steps with all that its tables are told from."""

    seats: Seats
    community: Community
    rounds: Rounds
    published: Published
    state: State


def steps_columns(told: Told, noted: Mapping[str, Array]) -> Columns:
    """Columns of ``steps``: one row a community and step; ``noted`` is what the recorder keeps beside the state."""
    return {
        **told.rounds.keys(),
        "begins": told.rounds.begins,
        "seed": noted["seed"],
        **told.published.columns(),
        "last_price_neur_per_wh": np.ma.masked_equal(told.state.last_price, NO_PRICE),
        "fills": told.state.fills.fills,
        "event_target_wh": noted["target_wh"],
        "event_rate_neur_per_wh": noted["rate"],
        "event_refused": noted["refused"],
        "in_turns": noted["in_turns"].astype(np.bool_),
        "raw_orders": noted["raw_orders"].astype(np.bool_),
    }


def agents_columns(
    told: Told, present: Mapping[str, Array], actions: Mapping[str, Array], rewards: Mapping[str, Array]
) -> Columns:
    """Columns of ``agents``: one row an agent and step."""
    seats, community, rounds, published, state = told
    utilities = len(seats.names) - seats.n_metered
    shape = (*rounds.slot.shape, seats.n_metered)

    def metered(values: Array) -> Array:
        return _with_nulls(np.broadcast_to(values, shape), utilities)

    orders = state.orders
    has_order = orders.quantity_wh > 0
    price = published.feed_in[..., None] + orders.tick * community.rules.tick_size
    trading = rounds.slot_books(state)
    columns: Columns = {
        **rounds.keys(len(seats.names)),
        "agent": names_of(_everyone(rounds, len(seats.names)), seats.names),
        "kind": names_of(_everyone(rounds, len(seats.names), _kind_codes(seats)), fields.KINDS),
        "present": _by_seat(seats, present).astype(np.bool_),
        **_action_columns(seats, actions),
        "order_side": names_of(_padded(np.where(has_order, orders.side, -1), utilities, -1), _SIDES),
        "order_tick": metered(np.ma.array(orders.tick, mask=~has_order)),
        "order_price_neur_per_wh": metered(np.ma.array(price, mask=~has_order)),
        "order_wh": metered(orders.quantity_wh),
        "order_rejected": names_of(
            _padded(np.where(orders.rejected > 0, orders.rejected, -1), utilities, -1), _REASONS
        ),
        "trimmed_kwh": metered(trading.trimmed_kwh),
        "filled_wh": metered(filled_wh(orders, state.fills)),
        "resting_wh": metered(resting_wh(orders, state.fills, rounds.rank, community.rules.max_fills)),
        "bought_wh": metered(trading.bought_wh),
        "sold_wh": metered(trading.sold_wh),
        "reward_eur": _by_seat(seats, rewards),
    }
    asked_kwh = _asked_kwh(seats, community, actions)
    for device in Device:
        name = device.name.lower()
        columns[f"asked_{name}_kwh"] = metered(np.ma.masked_invalid(asked_kwh[..., device]))
        columns[f"plan_{name}_kwh"] = metered(trading.plan_kwh[..., device])
    return columns


def fills_columns(told: Told) -> Columns:
    """Columns of ``fills``: one row a fill."""
    seats, community, rounds, published, state = told
    log = state.fills
    there = np.arange(log.taker.shape[-1]) < log.fills[..., None]
    k, b, n = np.nonzero(there)
    taker, maker = log.taker[there], log.maker[there]
    taker_buys = state.orders.side[k, b, taker] == Side.BUY
    price = published.feed_in[k, b] + log.tick[there] * community.rules.tick_size
    return {
        **{name: values[k, b] for name, values in rounds.keys().items()},
        "fill": n,
        "buyer": names_of(np.where(taker_buys, taker, maker), seats.names),
        "seller": names_of(np.where(taker_buys, maker, taker), seats.names),
        "taker": names_of(taker, seats.names),
        "tick": log.tick[there],
        "price_neur_per_wh": price,
        "quantity_wh": log.quantity_wh[there],
        "energy_neur": price * log.quantity_wh[there],
    }


def observations_columns(told: Told, kind: str, observation: Array) -> Columns:
    """Columns of a kind's table of observations, as float32 (K, B, agents, observation) holds them."""
    agents, rounds = told.seats.agents[kind], told.rounds
    index = fields.observation_index(kind)
    keys = rounds.keys(len(agents))
    return {
        **{name: keys[name] for name in ("episode", "step", "slot")},
        "agent": names_of(_everyone(rounds, len(agents)), agents),
        **{
            field.name: np.ascontiguousarray(observation[..., index[field.name]])
            for field in fields.observation_fields(kind)
        },
    }


def deliveries_columns(seats: Seats, delivered: Deliveries, state: State) -> Columns:
    """Columns of ``deliveries``: one row a participant and delivered slot."""
    at, n = (delivered.frame, delivered.community), seats.n_metered
    came, books, stores = state.delivered, state.delivery, state.stores
    rows = delivered.episode.size

    def each(values: Array) -> Array:
        return np.repeat(values, n)

    columns: Columns = {
        "episode": each(delivered.episode),
        "slot": each(came.slot[at]),
        "begins": each(delivered.begins),
        "agent": names_of(np.tile(np.arange(n), rows), seats.names),
        "kind": names_of(np.tile(_kind_codes(seats)[:n], rows), fields.KINDS),
        "battery_stored_kwh": stores.battery_kwh[at],
        "car_stored_kwh": stores.car_kwh[at],
        "heat_stored_kwh": stores.heat_kwh[at],
        **{name: getattr(books, name)[at] for name in ("bought_wh", "sold_wh", "paid_neur", "received_neur")},
        "follow": books.follow[at],
        "response_neur": delivered.response_neur,
        **{f"{part.name.lower()}_eur": delivered.cost_eur[..., part] for part in Cost},
    }
    for device in Device:
        name = device.name.lower()
        columns[f"plan_{name}_kwh"] = books.plan_kwh[at][..., device]
        columns[f"{name}_kwh"] = came.device_kwh[at][..., device]
    told = {column.name for column in TABLES["deliveries"]} - columns.keys()
    return columns | {name: getattr(came, name)[at] for name in told}


def feeder_columns(delivered: Deliveries, state: State) -> Columns:
    """Columns of ``feeder``: one row a community and delivered slot."""
    at, came = (delivered.frame, delivered.community), state.delivered
    return {
        "episode": delivered.episode,
        "slot": came.slot[at],
        "begins": delivered.begins,
        "feeder_kw": came.feeder_kw[at],
        "losses_kwh": came.losses_kwh[at],
        "overload_kwh": came.overload_kwh[at],
        **{name: state.totals.accounts_neur[at][:, account] for account, name in _TOTALS.items()},
    }


def _everyone(rounds: Rounds, size: int, codes: Array | None = None) -> Array:
    """Each row's agent, or its code, for every step and community."""
    return np.broadcast_to(np.arange(size) if codes is None else codes, (*rounds.slot.shape, size))


def _kind_codes(seats: Seats) -> Array:
    return np.array([fields.KINDS.index(kind) for kind in seats.kinds])


def _padded(values: Array, utilities: int, filler: int) -> Array:
    """Values (K, B, N), and the filler for the utilities."""
    width = [(0, 0)] * (values.ndim - 1) + [(0, utilities)]
    return np.pad(values, width, constant_values=filler)


def _with_nulls(values: Array, utilities: int) -> Array:
    """Values (K, B, N), perhaps masked, and nulls for the utilities."""
    mask = _padded(np.ma.getmaskarray(values), utilities, 1)
    return np.ma.array(_padded(np.ma.getdata(values), utilities, 0), mask=mask)


def _by_seat(seats: Seats, by_kind: Mapping[str, Array]) -> Array:
    """Numbers by kind (K, B, agents) in the order of rows (K, B, everybody); masked where there is none (NaN)."""
    shape = next(iter(by_kind.values())).shape[:2]
    rows = _nulls((*shape, len(seats.names)))
    for kind, values in by_kind.items():
        rows[..., _rows_of(seats, kind)] = np.ma.masked_invalid(values)
    return rows


def _nulls(shape: tuple[int, ...]) -> Array:
    return np.ma.array(np.zeros(shape, np.float32), mask=True)


def _rows_of(seats: Seats, kind: str) -> Array:
    return np.flatnonzero([own == kind for own in seats.kinds])


def _action_columns(seats: Seats, actions: Mapping[str, Array]) -> Columns:
    columns: Columns = {}
    for field in fields.ACTIONS:
        own = {
            kind: action[..., fields.action_index(kind)[field.name].start]
            for kind, action in actions.items()
            if kind in field.kinds
        }
        shape = next(iter(actions.values())).shape[:2]
        columns[f"action_{field.name}"] = _by_seat(seats, own) if own else _nulls((*shape, len(seats.names)))
    return columns


def _asked_kwh(seats: Seats, community: Community, actions: Mapping[str, Array]) -> Array:
    """Set points in kWh of the slot, (K, B, N, devices), as the kernel that plans understands them."""
    shape = next(iter(actions.values())).shape[:2]
    asked_kwh = np.zeros((*shape, seats.n_metered, len(Device)))
    devices, hours = community.devices, community.rules.slot_h
    for kind, action in actions.items():
        if kind == fields.UTILITY:
            continue
        place, controls = seats.seats[kind], decode(kind, action).controls
        charger = controls[..., Control.CHARGER]
        rated_kw = np.where(charger > 0.0, devices.charger_kw[place], devices.charger_v2g_kw[place])
        asked_kwh[..., place, Device.BATTERY] = (
            controls[..., Control.BATTERY] * devices.battery_kw[place] * hours
        )
        asked_kwh[..., place, Device.CHARGER] = charger * rated_kw * hours
        asked_kwh[..., place, Device.HEAT_PUMP] = (
            controls[..., Control.HEAT_PUMP] * devices.heat_pump_kw[place] * hours
        )
    return asked_kwh
