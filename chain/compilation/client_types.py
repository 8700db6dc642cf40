"""How Solidity's types appear in a generated client: annotations, conversions, names.

`names` are the Python names of structs and enums, by the names that the compiler gives them, such as
IEnergyTrading.Side; an enum that is none of them is a plain number.
"""

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

AbiEntry = dict[str, Any]

_ARRAY = re.compile(r"^(?P<item>.*)\[\d*\]$")
_INTERNAL = re.compile(r"^(?P<sort>struct|enum) (?P<name>[\w.]+?)(?P<array>(\[\d*\])*)$")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\b|\d|_)|[A-Z]?[a-z0-9]+|[A-Z]+|\d+")
_PLAIN = {"address": "str", "bool": "bool", "string": "str"}


class NamedType(NamedTuple):
    """A struct or an enum as the compiler names it."""

    sort: str
    name: str
    """With its contract's, such as IEnergyTrading.Side."""


def named_type(item: AbiEntry) -> NamedType | None:
    """The struct or enum of an ABI item, arrays taken off; None for a plain type."""
    match = _INTERNAL.match(item.get("internalType", ""))
    return None if match is None else NamedType(match["sort"], match["name"])


def snake_case(name: str) -> str:
    """A Solidity name as Python writes it, out of the way of its keywords."""
    words = "_".join(_WORD.findall(name)).lower()
    return f"{words}_" if keyword.iskeyword(words) else words


def argument_names(items: list[AbiEntry], unnamed: str, taken: tuple[str, ...] = ()) -> list[str]:
    """Python names of ABI items; those without one, or with one that is taken, get another."""
    names = [snake_case(item["name"]) or f"{unnamed}_{index}" for index, item in enumerate(items)]
    return [f"{name}_" if name in taken else name for name in names]


def items_of(abi: list[AbiEntry]) -> Iterator[AbiEntry]:
    """Every input, output and component of functions and events."""
    pending = [
        item
        for entry in abi
        if entry["type"] in ("function", "event")
        for item in [*entry["inputs"], *entry.get("outputs", [])]
    ]
    while pending:
        item = pending.pop()
        yield item
        pending += item.get("components", [])


def annotation(item: AbiEntry, names: Mapping[str, str], *, result: bool) -> str:
    """Python's annotation of an ABI item; a sequence is asked for and a tuple is given."""
    return _annotation(item["type"], item, names, result=result)


def conversion(item: AbiEntry, names: Mapping[str, str], value: str) -> str:
    """Expression that gives a decoded value its classes."""
    return _conversion(item["type"], item, names, value)


def _annotation(abi_type: str, item: AbiEntry, names: Mapping[str, str], *, result: bool) -> str:
    array = _ARRAY.match(abi_type)
    if array is not None:
        inner = _annotation(array["item"], item, names, result=result)
        return f"tuple[{inner}, ...]" if result else f"Sequence[{inner}]"
    named = named_type(item)
    if named is not None and named.name in names:
        return names[named.name]
    if abi_type.startswith("bytes"):
        return "bytes"
    return _PLAIN.get(abi_type, "int")


def _conversion(abi_type: str, item: AbiEntry, names: Mapping[str, str], value: str) -> str:
    named = named_type(item)
    if named is None or named.name not in names:
        return value
    array = _ARRAY.match(abi_type)
    if array is not None:
        return f"tuple({_conversion(array['item'], item, names, 'item')} for item in {value})"
    name = names[named.name]
    if named.sort == "enum":
        return f"{name}({value})"
    parts = [conversion(part, names, f"{value}[{index}]") for index, part in enumerate(item["components"])]
    plain = all(part == f"{value}[{index}]" for index, part in enumerate(parts))
    return f"{name}(*{value})" if plain else f"{name}({', '.join(parts)})"
