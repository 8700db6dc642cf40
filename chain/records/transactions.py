"""Each trade as an energy transaction: who produced, who consumed, how much, when, at what price, from what mix."""

from datetime import UTC, datetime
from typing import NamedTuple

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


_TYPES = {int: pa.int64(), str: pa.string(), bool: pa.bool_(), datetime: UTC_TIME}

SCHEMA = pa.schema([pa.field(name, _TYPES[kind]) for name, kind in EnergyTransaction.__annotations__.items()])
"""Columns of a table of energy transactions."""


def transactions_of(
    traded: pa.Table, opened: pa.Table, settled: pa.Table, *, slot_seconds: int, tick_size: int
) -> list[EnergyTransaction]:
    """Join what trades, openings and settlements tell; a trade is settled when both its sides are.

    Raises KeyError for a trade of a slot whose opening is not among them.
    """
    slots = {row["slot"]: row for row in opened.to_pylist()}
    seats = set(zip(settled["slot"].to_pylist(), settled["participant"].to_pylist(), strict=True))
    transactions = []
    for row in traded.to_pylist():
        slot = slots[row["slot"]]
        producer, consumer = (row["maker"], row["taker"])
        if row["maker_side"] == "buy":
            producer, consumer = consumer, producer
        price = slot["floor_neur_per_wh"] + row["maker_tick"] * tick_size
        transactions.append(
            EnergyTransaction(
                producer=producer,
                consumer=consumer,
                slot=row["slot"],
                delivery_start=datetime.fromtimestamp(row["slot"] * slot_seconds, UTC),
                energy_wh=row["energy_wh"],
                price_neur_per_wh=price,
                amount_neur=price * row["energy_wh"],
                fee_neur=slot["fee_neur_per_wh"] * row["energy_wh"],
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
