"""A transaction in plain language."""

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from gridbid.chain.inspection.trace_transaction import Call, TransactionTrace
from gridbid.chain.records.history import Told
from gridbid.chain.role_names import role_names
from gridbid.cli.chain_words import utc

SHOWN_BYTES = 16


def transaction_lines(trace: TransactionTrace) -> Iterator[str]:
    """What a transaction did."""
    yield f"Transaction {trace.transaction_hash}"
    yield (
        f"  sent by {trace.sender} in block {trace.block_number}, {utc(trace.block_time)} UTC, {trace.gas_used:,} gas"
    )
    call: Call | None = trace.call
    depth = 1
    while call is not None:
        verb = "called" if depth == 1 else "which called"
        yield f"{'  ' * depth}{verb} {call.contract}.{call.function}({_arguments(call)})"
        call, depth = call.inner, depth + 1
    if trace.failure is not None:
        yield f"  FAILED: {trace.failure}"
        return
    yield "  succeeded; the contracts told:" if trace.events else "  succeeded; the contracts told nothing"
    for told in trace.events:
        yield f"    {_event(told)}"


def _arguments(call: Call) -> str:
    # What is shown as the call within needs no second telling.
    hidden = ("data", "payload", "signatures") if call.inner is not None else ()
    return _pairs({name: value for name, value in call.arguments.items() if name not in hidden})


def _event(told: Told) -> str:
    # Every event is a dataclass of its arguments.
    values = {field.name: getattr(told.event, field.name) for field in dataclasses.fields(told.event)}
    return f"{told.contract}: {told.event.NAME}({_pairs(values)})"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {role_names().get(value) or _value(value) if 'role' in name.lower() else _value(value)}"
        for name, value in values.items()
    )


def _value(value: Any) -> str:
    if isinstance(value, bytes):
        shown = "0x" + value[:SHOWN_BYTES].hex()
        return shown + ("..." if len(value) > SHOWN_BYTES else "")
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return f"({', '.join(map(_value, value))})"
    return str(value)
