"""Each trade as an energy transaction: who produced, who consumed, how much, when, at what price, from what mix."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from gridbid.chain.records.columns import UTC_TIME


class EnergyTransaction(NamedTuple):
    """A trade as it is recorded; times are UTC."""

    producer: int
    consumer: int
    slot: int
    delivery_start: datetime
    energy_wh: int
    price_neur_per_wh: int
    amount_neur: int
    """What the consumer pays the producer for the energy."""
    fee_neur: int
    """What the consumer pays the operator on top."""
    renewable_ppm: int
    """Share of renewable generation, in millionths, as published for the slot."""
    grid_state: str
    settled: bool
    """Whether both seats of the slot are settled."""
    block_number: int
    block_time: datetime
    transaction_hash: str
    log_index: int


class _Trade(NamedTuple):
    """A trade, and the row of the event that told it."""

    producer: int
    consumer: int
    tick: int
    row: dict[str, Any]


_TYPES = {int: pa.int64(), str: pa.string(), bool: pa.bool_(), datetime: UTC_TIME}

SCHEMA = pa.schema([pa.field(name, _TYPES[kind]) for name, kind in EnergyTransaction.__annotations__.items()])
"""Columns of a table of energy transactions."""


def transactions_of(
    traded: pa.Table,
    auctioned: pa.Table,
    opened: pa.Table,
    settled: pa.Table,
    *,
    slot_seconds: int,
    tick_size: int,
) -> list[EnergyTransaction]:
    """Join what trades, openings and settlements tell; a trade is settled when both its sides are.

    `traded` are the book's trades, `auctioned` those of the closing auction.

    Raises KeyError for a trade of a slot whose opening is not among them.
    """
    slots = {row["slot"]: row for row in opened.to_pylist()}
    seats = set(zip(settled["slot"].to_pylist(), settled["participant"].to_pylist(), strict=True))
    transactions = []
    trades = [*map(_book_trade, traded.to_pylist()), *map(_auction_trade, auctioned.to_pylist())]
    for producer, consumer, tick, row in sorted(trades, key=_place):
        slot = slots[row["slot"]]
        price = slot["floor_neur_per_wh"] + tick * tick_size
        transactions.append(
            EnergyTransaction(
                producer=producer,
                consumer=consumer,
                slot=row["slot"],
                delivery_start=datetime.fromtimestamp(row["slot"] * slot_seconds, UTC),
                energy_wh=row["quantity_wh"],
                price_neur_per_wh=price,
                amount_neur=price * row["quantity_wh"],
                fee_neur=slot["fee_neur_per_wh"] * row["quantity_wh"],
                renewable_ppm=slot["renewable_ppm"],
                grid_state=slot["grid_state"],
                settled=(row["slot"], producer) in seats and (row["slot"], consumer) in seats,
                block_number=row["block_number"],
                block_time=row["block_time"],
                transaction_hash=row["transaction_hash"],
                log_index=row["log_index"],
            )
        )
    return transactions


def table_of_transactions(transactions: list[EnergyTransaction]) -> pa.Table:
    """Energy transactions as a table."""
    columns = zip(*transactions, strict=True) if transactions else [[] for _ in SCHEMA]
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _book_trade(row: dict[str, Any]) -> _Trade:
    maker_buys = row["maker_side"] == "buy"
    producer, consumer = (row["taker"], row["maker"]) if maker_buys else (row["maker"], row["taker"])
    return _Trade(producer, consumer, row["maker_tick"], row)


def _auction_trade(row: dict[str, Any]) -> _Trade:
    return _Trade(row["seller"], row["buyer"], row["price_tick"], row)


def _place(trade: _Trade) -> tuple[int, int]:
    return trade.row["block_number"], trade.row["log_index"]
