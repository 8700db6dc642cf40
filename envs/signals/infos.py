"""Writes what `fields.INFOS` describes: the parts of the reward, what the safety layer changed, and the round's orders."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import INFOS, info_index
from gridbid.envs.signals.seating import Seating
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.response import EngineResponse
from gridbid.market.state import Arena, State, state_of
from gridbid.market.types import Cost
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

_AT = info_index()
_SIZE = len(INFOS)
_ENERGY, _FEE, _WEAR, _COMFORT = (_AT[f"{name}_eur"] for name in ("energy", "fee", "wear", "comfort"))
_UNMET_EV, _VIOLATION, _RESPONSE, _STORED = (
    _AT[f"{name}_eur"] for name in ("unmet_ev", "violation", "response", "stored")
)
_TRIMMED, _CUT, _BREACH, _CURTAILED = (
    _AT[f"{name}_kwh"] for name in ("trimmed", "cut", "breach", "curtailed")
)
_UNMET, _UNSERVED, _BOUGHT, _SOLD = (_AT[f"{name}_kwh"] for name in ("unmet", "unserved", "bought", "sold"))
_REJECTED, _READING, _IMBALANCE = _AT["rejected"], _AT["reading_kwh"], _AT["imbalance_kwh"]
_COST_BILL, _COST_WEAR, _COST_DISCOMFORT = int(Cost.BILL), int(Cost.WEAR), int(Cost.DISCOMFORT)
_COST_UNMET, _COST_VIOLATION, _COST_STORED = int(Cost.UNMET_EV), int(Cost.VIOLATION), int(Cost.STORED)

Floats = NDArray[np.float64]


class Infos(NamedTuple):
    """Infos by kind, float64 (B, seats, infos), no seats where a kind is absent; ``filled_wh`` int64 (2, N) is scratch."""

    prosumer: Floats
    battery: Floats
    ev: Floats
    utility: Floats
    filled_wh: NDArray[np.int64]


def make_infos(sizes: Sequence[tuple[int, int]], n_participants: int) -> Infos:
    """Nothing has happened; ``sizes`` are (B, agents) by kind, in the order of `fields.KINDS`."""
    prosumer, battery, ev, utility = (np.zeros((*size, _SIZE)) for size in sizes)
    return Infos(prosumer, battery, ev, utility, np.zeros((2, n_participants), np.int64))


def clear_infos(infos: Infos, chosen: NDArray[np.bool_] | None = None) -> None:
    """Nothing has happened in the chosen communities (B,), or in any."""
    for rows in infos[:-1]:
        rows[slice(None) if chosen is None else chosen] = 0.0


@allocating_kernel
def write_infos(arena: Arena, response: EngineResponse | None, seating: Seating, infos: Infos) -> None:
    """Write the infos of a step that delivered one slot at most, from the state that it left."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        infos.prosumer[b, :, :] = 0.0
        infos.battery[b, :, :] = 0.0
        infos.ev[b, :, :] = 0.0
        _enter_delivery(state, response, seating, infos, b)
        _enter_round(state, response, seating, infos, b)


@allocating_kernel
def enter_deliveries(arena: Arena, response: EngineResponse | None, seating: Seating, infos: Infos) -> None:
    """Add what has just been delivered; a step that ends an episode delivers two slots."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        _enter_delivery(state, response, seating, infos, b)


@allocating_kernel
def enter_rounds(arena: Arena, response: EngineResponse | None, seating: Seating, infos: Infos) -> None:
    """Write what belongs to the round, and the parts of J, once everything is delivered."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        _enter_round(state, response, seating, infos, b)


@kernel
def _enter_delivery(
    state: State, response: EngineResponse | None, seating: Seating, infos: Infos, b: int
) -> None:
    if state.delivered.slot[b] < 0:
        return
    _add_delivery(state, response, b, seating.prosumers, infos.prosumer)
    _add_delivery(state, response, b, seating.batteries, infos.battery)
    _add_delivery(state, response, b, seating.evs, infos.ev)


@kernel
def _add_delivery(
    state: State, response: EngineResponse | None, b: int, seats: NDArray[np.int64], rows: Floats
) -> None:
    delivered = state.delivered
    for n in range(seats.size):
        i, row = seats[n], rows[b, n]
        row[_FEE] += delivered.fee_neur[b, i] / NEUR_PER_EUR
        if response is not None:
            row[_RESPONSE] -= response.paid_neur[b, i] / NEUR_PER_EUR
        row[_CUT] += delivered.cut_kwh[b, i]
        row[_BREACH] += delivered.breach_kwh[b, i]
        row[_CURTAILED] += delivered.curtailed_kwh[b, i]
        row[_UNMET] += delivered.unmet_kwh[b, i]
        row[_UNSERVED] += delivered.unserved_kwh[b, i]
        row[_READING] += delivered.reading_wh[b, i] / WH_PER_KWH
        row[_IMBALANCE] += delivered.imbalance_wh[b, i] / WH_PER_KWH


@kernel
def _enter_round(
    state: State, response: EngineResponse | None, seating: Seating, infos: Infos, b: int
) -> None:
    _sum_fills(state, infos.filled_wh, b)
    _write_round(state, b, seating.prosumers, infos.filled_wh, infos.prosumer)
    _write_round(state, b, seating.batteries, infos.filled_wh, infos.battery)
    _write_round(state, b, seating.evs, infos.filled_wh, infos.ev)
    for n in range(infos.utility.shape[1]):
        row = infos.utility[b, n]
        row[:] = 0.0
        _add_mean(infos.prosumer, b, infos.filled_wh.shape[1], row)
        _add_mean(infos.battery, b, infos.filled_wh.shape[1], row)
        _add_mean(infos.ev, b, infos.filled_wh.shape[1], row)
        row[_REJECTED] = 0.0 if response is None else response.refused[b]


@kernel
def _sum_fills(state: State, filled_wh: NDArray[np.int64], b: int) -> None:
    """What everybody bought and sold in the round, (2, N); a taker's side is that of its order."""
    log, side = state.fills, state.orders.side
    filled_wh[:, :] = 0
    for f in range(log.fills[b]):
        taker, maker, quantity_wh = log.taker[b, f], log.maker[b, f], log.quantity_wh[b, f]
        filled_wh[side[b, taker], taker] += quantity_wh
        filled_wh[1 - side[b, taker], maker] += quantity_wh


@kernel
def _write_round(
    state: State, b: int, seats: NDArray[np.int64], filled_wh: NDArray[np.int64], rows: Floats
) -> None:
    # A slot that has ended was handed over to delivery with the plans of its last round.
    trimmed_kwh = state.delivery.trimmed_kwh if state.clock.closing[b] == 1 else state.trading.trimmed_kwh
    for n in range(seats.size):
        i, row = seats[n], rows[b, n]
        cost_eur = state.cost_eur[b, i]
        row[_ENERGY] = cost_eur[_COST_BILL] - row[_FEE] - row[_RESPONSE]
        row[_WEAR] = cost_eur[_COST_WEAR]
        row[_COMFORT] = cost_eur[_COST_DISCOMFORT]
        row[_UNMET_EV] = cost_eur[_COST_UNMET]
        row[_VIOLATION] = cost_eur[_COST_VIOLATION]
        row[_STORED] = cost_eur[_COST_STORED]
        row[_TRIMMED] = trimmed_kwh[b, i]
        row[_BOUGHT] = filled_wh[0, i] / WH_PER_KWH
        row[_SOLD] = filled_wh[1, i] / WH_PER_KWH
        row[_REJECTED] = state.orders.rejected[b, i]


@kernel
def _add_mean(rows: Floats, b: int, n_participants: int, mean: Floats) -> None:
    for n in range(rows.shape[1]):
        for k in range(_SIZE):
            mean[k] += rows[b, n, k] / n_participants
