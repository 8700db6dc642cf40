"""Each trade as an energy transaction: who produced, who consumed, how much, when, at what price, from what mix."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pyarrow as pa

from gridbid.chain.records.columns import UTC_SECONDS


class OpenedSlot(NamedTuple):
    """What a slot's trades are recorded with."""

    floor_neur_per_wh: int
    fee_neur_per_wh: int
    renewable_ppm: int
    grid_state: str


class Trade(NamedTuple):
    """A fill, whichever way it came about."""

    slot: int
    tick: int
    producer: int
    consumer: int
    energy_wh: int
    block_number: int
    block_time: int
    transaction_hash: str
    log_index: int


class EnergyTransaction(NamedTuple):
    """A trade as it is recorded."""

    producer: int
    consumer: int
    slot: int
    delivery_start: int
    energy_wh: int
    price_neur_per_wh: int
    amount_neur: int
    fee_neur: int
    renewable_ppm: int
    grid_state: str
    settled: bool
    block_number: int
    block_time: int
    transaction_hash: str
    log_index: int


SCHEMA = pa.schema(
    [
        pa.field("producer", pa.int64()),
        pa.field("consumer", pa.int64()),
        pa.field("slot", pa.int64()),
        pa.field("delivery_start", UTC_SECONDS),
        pa.field("energy_wh", pa.int64()),
        pa.field("price_neur_per_wh", pa.int64()),
        pa.field("amount_neur", pa.int64()),
        pa.field("fee_neur", pa.int64()),
        pa.field("renewable_ppm", pa.int64()),
        pa.field("grid_state", pa.string()),
        pa.field("settled", pa.bool_()),
        pa.field("block_number", pa.int64()),
        pa.field("block_time", UTC_SECONDS),
        pa.field("transaction_hash", pa.string()),
        pa.field("log_index", pa.int32()),
    ]
)


def energy_transactions(
    trades: Iterable[Trade],
    opened: Mapping[int, OpenedSlot],
    settled: frozenset[tuple[int, int]],
    slot_seconds: int,
    tick_size: int,
) -> list[EnergyTransaction]:
    """Trades with what was published for their slots; `settled` holds (slot, participant).

    A trade is settled when both its sides are. Raises KeyError for a trade of a slot whose opening is not known.
    """
    return [
        _transaction(trade, opened[trade.slot], settled, slot_seconds, tick_size) for trade in trades
    ]


def _transaction(
    trade: Trade,
    slot: OpenedSlot,
    settled: frozenset[tuple[int, int]],
    slot_seconds: int,
    tick_size: int,
) -> EnergyTransaction:
    price = slot.floor_neur_per_wh + trade.tick * tick_size
    return EnergyTransaction(
        producer=trade.producer,
        consumer=trade.consumer,
        slot=trade.slot,
        delivery_start=trade.slot * slot_seconds,
        energy_wh=trade.energy_wh,
        price_neur_per_wh=price,
        amount_neur=price * trade.energy_wh,
        fee_neur=slot.fee_neur_per_wh * trade.energy_wh,
        renewable_ppm=slot.renewable_ppm,
        grid_state=slot.grid_state,
        settled={(trade.slot, trade.producer), (trade.slot, trade.consumer)} <= settled,
        block_number=trade.block_number,
        block_time=trade.block_time,
        transaction_hash=trade.transaction_hash,
        log_index=trade.log_index,
    )
