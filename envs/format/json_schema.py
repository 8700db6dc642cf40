"""A JSON schema (draft 2020-12) of ``scenario.yaml``, made of the dataclasses that the loader reads, for editors.

It accepts what the loader finds without a fault of form. Two things it cannot tell: that a number is finite, which JSON
always has, and what the parts of a scenario must agree on.
"""

import inspect
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

from gridbid.envs.format.schema import (
    Bounds,
    Pattern,
    allows_none,
    annotations,
    default_of,
    is_required,
    options,
    plain,
)
from gridbid.envs.format.schema_words import attribute_docstrings, unit_of
from gridbid.envs.specification import Specification

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string", "minLength": 1},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
}


def scenario_schema() -> dict[str, Any]:
    """The schema of the whole file."""
    definitions: dict[str, Any] = {}
    top = _object(Specification, definitions)
    return {"$schema": DIALECT, "title": "scenario.yaml of gridbid", **top, "$defs": definitions}


def schema_text() -> str:
    """The schema as the file that editors read."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """Schema of a dataclass; those inside it go to ``definitions``."""
    hints, meanings = annotations(kind), attribute_docstrings(kind)
    return {
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "type": "object",
        "properties": {
            field.name: {
                "description": _description(field.name, meanings[field.name]),
                **_default(field),
                **_schema(hints[field.name], definitions),
            }
            for field in fields(kind)
        },
        "required": [field.name for field in fields(kind) if is_required(field, kind)],
        "additionalProperties": False,
    }


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Schema of an annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _SCALARS:
        return _SCALARS[kind]
    if origin is Annotated:
        return _schema(arguments[0], definitions) | _limit(arguments[1])
    if origin is Literal:
        return {"const": arguments[0]} if len(arguments) == 1 else {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if is_dataclass(kind):
        return _reference(kind, definitions)
    allowed = [_schema(option, definitions) for option in options(kind)]
    return {"oneOf": [*allowed, {"type": "null"}] if allows_none(kind) else allowed}


def _reference(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _object(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _limit(limit: Bounds | Pattern) -> dict[str, Any]:
    if isinstance(limit, Pattern):
        return {"pattern": limit.expression}
    found = {}
    if math.isfinite(limit.low):
        found["exclusiveMinimum" if limit.above else "minimum"] = limit.low
    if math.isfinite(limit.high):
        found["maximum"] = limit.high
    return found


def _description(name: str, meaning: str) -> str:
    unit = unit_of(name)
    return f"{meaning} [{unit}]" if unit else meaning


def _default(field: "Field[Any]") -> dict[str, Any]:
    default = default_of(field)
    return {} if default is MISSING or default is None else {"default": plain(default)}
