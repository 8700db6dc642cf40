"""The dataclasses of the schema in words: types, units, defaults, meanings; for docs and for editors."""

import ast
import inspect
import itertools
from collections.abc import Mapping
from dataclasses import Field, is_dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

from gridbid.envs.format.schema import Pattern, default_of, is_tagged, options, plain, tag

UNITS = (
    ("_eur_per_kwh_th", "EUR/kWh of heat"),
    ("_neur_per_wh", "nEUR/Wh"),
    ("_eur_per_kwh", "EUR/kWh"),
    ("_ct_per_kwh", "ct/kWh"),
    ("_per_day", "1/day"),
    ("_per_h", "1/h"),
    ("_minutes", "min"),
    ("_seconds", "s"),
    ("_rows", "rows"),
    ("_slots", "slots"),
    ("_kwh", "kWh"),
    ("_kva", "kVA"),
    ("_kw", "kW"),
    ("_pu", "pu"),
)
"""Unit by the end of a key's name; the first that fits."""


def unit_of(name: str) -> str:
    """Unit of a field by its name; empty without one."""
    return next((unit for ending, unit in UNITS if name.endswith(ending)), "")


def describe(kind: Any) -> str:
    """A type of the schema."""
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "day"}
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in words:
        return words[kind]
    if origin is Annotated:
        inner, limit = arguments
        return limit.meaning if isinstance(limit, Pattern) else f"{describe(inner)}, {limit}"
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list, each {describe(arguments[0])}"
    if origin is Mapping:
        return f"mapping of names, each to {describe(arguments[1])}"
    if len(options(kind)) > 1:
        return "section of the kind " + " or ".join(f"`{tag(option)}`" for option in options(kind))
    return "section" if is_dataclass(options(kind)[0]) else describe(options(kind)[0])


def default_words(field: "Field[Any]") -> str:
    """What stands where a field is left out."""
    default = default_of(field)
    if default is None:
        return "absent"
    if default in ((), {}):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if is_dataclass(default):
        return f"kind `{tag(type(default))}`" if is_tagged(type(default)) else "with its defaults"
    return f"`{plain(default)}`"


def attribute_docstrings(kind: type) -> dict[str, str]:
    """What stands under each field of a dataclass, by its name."""
    body = ast.parse(inspect.getsource(kind)).body[0].body  # type: ignore[attr-defined]  # a class statement
    found = {}
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            found[ast.unparse(field.target)] = ast.literal_eval(text.value)
    return found
