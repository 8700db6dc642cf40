"""The columns of each kind of event: whole numbers with their units in the names, words unpacked, UTC times."""

import dataclasses
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, NamedTuple

import pyarrow as pa

from gridbid.chain.client import ContractEvent, EventField
from gridbid.chain.clients.types import Quality
from gridbid.chain.records.history import Told
from gridbid.chain.words.order_words import slot_of, tick_of, unpack_fill, unpack_order, unpack_settling
from gridbid.chain.words.reading_words import unpack_reading
from gridbid.market.types import Side

UTC_TIME = pa.timestamp("ms", tz="UTC")
"""Parquet knows no whole seconds."""
PLACE = (
    pa.field("block_number", pa.int64()),
    pa.field("block_time", UTC_TIME),
    pa.field("transaction_hash", pa.string()),
    pa.field("log_index", pa.int32()),
)

_ORDER = {"slot": pa.int64(), "side": pa.string(), "tick": pa.int16(), "sequence": pa.int64()}
_RESTING = {**_ORDER, "participant": pa.int64(), "quantity_wh": pa.int64()}
_FILL = {
    **{f"maker_{name}" if name != "slot" else name: kind for name, kind in _ORDER.items()},
    "maker": pa.int64(),
    "taker": pa.int64(),
    "quantity_wh": pa.int64(),
}

_READINGS = pa.list_(
    pa.struct({"signer": pa.string(), "meter": pa.int64(), "slot": pa.int64(), "reading_wh": pa.int64()})
)

_SETTLING = {
    "participant": pa.int64(),
    "slot": pa.int64(),
    "reading_wh": pa.int64(),
    "quality": pa.string(),
    "operator_neur": pa.int64(),
}
_SETTLED_AMOUNTS = {"change_neur": pa.int64(), "supplier_neur": pa.int64()}

_PRICES = ("retail", "feed_in", "fee", "floor", "price_cap")
_RENAMED = {name: f"{name}_neur_per_wh" for name in _PRICES}
_UNITS = ("_neur", "_wh", "_ppm", "_seconds")


class Column(NamedTuple):
    """One or several columns that an event's field becomes."""

    types: dict[str, pa.DataType]
    values: Callable[[Any], tuple[Any, ...]]


def schema_of(event: type[ContractEvent]) -> pa.Schema:
    """The columns of a kind of event; its arguments, then where it stands."""
    fields = [pa.field(name, kind) for column in _columns(event) for name, kind in column.types.items()]
    return pa.schema([*fields, *PLACE])


def table_of(event: type[ContractEvent], told: Iterable[Told]) -> pa.Table:
    """Events of one kind as a table."""
    columns, names = _columns(event), [field.name for field in dataclasses.fields(event)]
    rows = []
    for entry in told:
        row: list[Any] = []
        for name, column in zip(names, columns, strict=True):
            row += column.values(getattr(entry.event, name))
        place = (entry.block_number, 1_000 * entry.block_time, entry.transaction_hash, entry.log_index)
        rows.append([*row, *place])
    schema = schema_of(event)
    arrays = [pa.array([row[index] for row in rows], field.type) for index, field in enumerate(schema)]
    return pa.Table.from_arrays(arrays, schema=schema)


def order_parts(order: int) -> tuple[int, str, int, int]:
    """Slot, side, tick and sequence of an order's name."""
    return slot_of(order), Side(order >> 40 & 0xFF).name.lower(), tick_of(order), order & 0xFFFF_FFFF


def _columns(event: type[ContractEvent]) -> list[Column]:
    names = [field.name for field in dataclasses.fields(event)]
    return [_column(name, field) for name, field in zip(names, event.FIELDS, strict=True)]


def _column(name: str, field: EventField) -> Column:
    if name == "order_participant_wh":
        return Column(_RESTING, _resting)
    if name == "maker_order_maker_taker_wh":
        return Column(_FILL, _fill)
    if name == "order":
        return Column(_ORDER, order_parts)
    if name == "participant_slot_reading_quality_operator":
        return Column(_SETTLING, _settling)
    if name == "change_supplier":
        return Column(_SETTLED_AMOUNTS, _settled_amounts)
    if name == "signer_meter_slot_wh":
        return Column({"readings": _READINGS}, _readings)
    if field.abi_type.endswith("[]"):
        item = _column(name, field._replace(abi_type=field.abi_type.removesuffix("[]")))
        ((item_name, kind),) = item.types.items()
        return Column(
            {item_name: pa.list_(kind)}, lambda values: ([item.values(value)[0] for value in values],)
        )
    if field.kind is not None:
        return Column({name: pa.string()}, _member)
    if field.abi_type == "bool":
        return Column({name: pa.bool_()}, _same)
    if field.abi_type in ("address", "string"):
        return Column({name: pa.string()}, _same)
    if field.abi_type.startswith("bytes"):
        return Column({name: pa.string()}, _hexadecimal)
    if _bits(field.abi_type) < 64 or field.abi_type == "int64" or name.endswith(_UNITS):
        return Column({_RENAMED.get(name, name): pa.int64()}, _same)
    return Column({name: pa.string()}, _digits)


def _bits(abi_type: str) -> int:
    """Width of a whole number's type."""
    return int(abi_type.removeprefix("u").removeprefix("int") or 256)


def _resting(word: int) -> tuple[Any, ...]:
    order, participant, quantity_wh = unpack_order(word)
    return *order_parts(order), participant, quantity_wh


def _fill(word: int) -> tuple[Any, ...]:
    fill = unpack_fill(word)
    return *order_parts(fill.maker_order), fill.maker, fill.taker, fill.quantity_wh


def _settling(word: int) -> tuple[Any, ...]:
    told = unpack_settling(word, 0)
    quality = Quality(told.quality).name.lower()
    return told.participant, told.slot, told.reading_wh, quality, told.operator_neur


def _settled_amounts(word: int) -> tuple[Any, ...]:
    told = unpack_settling(0, word)
    return told.change_neur, told.supplier_neur


def _readings(words: tuple[int, ...]) -> tuple[Any, ...]:
    return ([unpack_reading(word)._asdict() for word in words],)


def _same(value: Any) -> tuple[Any, ...]:
    return (value,)


def _member(value: IntEnum) -> tuple[Any, ...]:
    return (value.name.lower(),)


def _hexadecimal(value: bytes) -> tuple[Any, ...]:
    return ("0x" + value.hex(),)


def _digits(value: int) -> tuple[Any, ...]:
    return (str(value),)
