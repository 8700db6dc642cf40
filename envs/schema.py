"""Plain data (as YAML gives it) to frozen dataclasses and back: every fault is noted, none stops the reading.

The dataclass is the schema: an annotation says the type, :class:`Bounds` the range, a default what may be
left out.
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Bounds:
    """Range of a number: low <= value <= high, or low < value when ``above`` is set."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False

    def hold(self, value: float) -> bool:
        """Whether a value lies within."""
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        least = f"above {self.low:g}" if self.above else f"at least {self.low:g}"
        if math.isinf(self.high):
            return least
        return f"{least} and at most {self.high:g}" if math.isfinite(self.low) else f"at most {self.high:g}"


Above0 = Annotated[float, Bounds(0.0, above=True)]
AtLeast0 = Annotated[float, Bounds(0.0)]
Share = Annotated[float, Bounds(0.0, 1.0)]
Efficiency = Annotated[float, Bounds(0.0, 1.0, above=True)]
Count = Annotated[int, Bounds(1)]
Index = Annotated[int, Bounds(0)]


@dataclass(frozen=True)
class Fault:
    """What is wrong in a file: where, what stands there, and what would be right."""

    file: str
    field: str
    value: object
    expected: str

    def __str__(self) -> str:
        found = "missing" if self.value is MISSING else _short(self.value)
        return f"{self.file}: {self.field}: {found}; expected {self.expected}"


class Faults:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, field: str, value: object, expected: str) -> None:
        """Note a fault."""
        self.found.append(Fault(self.file, field, value, expected))


class _Faulty:
    """Stands where a value could not be read; its fault is noted."""


FAULTY = _Faulty()


def parse(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    """``value`` as the annotation ``kind`` wants it, or FAULTY after noting every fault inside it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _parse_bounded(arguments[0], arguments[1], value, where, faults)
    if origin in (Union, UnionType):
        inner = next(option for option in arguments if option is not NoneType)
        return None if value is None else parse(inner, value, where, faults)
    if origin is Literal:
        return _accept(value in arguments, value, where, "one of " + ", ".join(map(str, arguments)), faults)
    if origin is tuple:
        return _parse_list(arguments[0], value, where, faults)
    if origin in (dict, Mapping):
        return _parse_mapping(arguments[1], value, where, faults)
    if is_dataclass(kind):
        return _parse_dataclass(kind, value, where, faults)
    return _parse_scalar(kind, value, where, faults)


def plain(value: Any) -> Any:
    """Plain data of a dataclass, for YAML; what is None is left out."""
    if is_dataclass(value):
        pairs = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: plain(entry) for name, entry in pairs if entry is not None}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    return value


def join(where: str, field: str) -> str:
    """Name of a field inside another."""
    return f"{where}.{field}" if where else field


def _parse_dataclass(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    if not isinstance(value, Mapping):
        return _accept(False, value, where, "a mapping with the fields " + ", ".join(_names(kind)), faults)
    for name in value:
        if name not in _names(kind):
            faults.add(
                join(where, str(name)), value[name], "no such field; known are " + ", ".join(_names(kind))
            )
    hints = _type_hints(kind)
    entries = {
        field.name: _parse_field(field, hints[field.name], value, where, faults) for field in fields(kind)
    }
    entries = {name: entry for name, entry in entries.items() if entry is not MISSING}
    return FAULTY if any(entry is FAULTY for entry in entries.values()) else kind(**entries)


@cache
def _type_hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _parse_field(field: "Field[Any]", kind: Any, value: Mapping[str, Any], where: str, faults: Faults) -> Any:
    """The field's value; MISSING when it is left out and has a default."""
    if field.name in value:
        return parse(kind, value[field.name], join(where, field.name), faults)
    if field.default is MISSING and field.default_factory is MISSING:
        return _accept(False, MISSING, join(where, field.name), _describe(kind), faults)
    return MISSING


def _parse_list(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    if not isinstance(value, list):
        return _accept(False, value, where, f"a list, each entry {_describe(kind)}", faults)
    entries = tuple(parse(kind, entry, f"{where}[{i}]", faults) for i, entry in enumerate(value))
    return FAULTY if any(entry is FAULTY for entry in entries) else entries


def _parse_mapping(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    if not isinstance(value, Mapping):
        return _accept(False, value, where, f"a mapping of names, each to {_describe(kind)}", faults)
    entries = {str(name): parse(kind, entry, join(where, str(name)), faults) for name, entry in value.items()}
    return FAULTY if any(entry is FAULTY for entry in entries.values()) else entries


def _parse_bounded(kind: Any, bounds: Bounds, value: Any, where: str, faults: Faults) -> Any:
    number = parse(kind, value, where, Faults(faults.file))
    good = number is not FAULTY and bounds.hold(number)
    return _accept(good, number if good else value, where, f"{_describe(kind)} {bounds}", faults)


def _parse_scalar(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    good = type(value) is kind and (kind is not float or math.isfinite(value)) and value != ""
    return _accept(good, value, where, _describe(kind), faults)


def _accept(good: bool, value: Any, where: str, expected: str, faults: Faults) -> Any:
    if good:
        return value
    faults.add(where, value, expected)
    return FAULTY


def _describe(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        inner, bounds = get_args(kind)[:2]
        return f"{_describe(inner)} {bounds}"
    words = {str: "a text", int: "a whole number", float: "a finite number", bool: "true or false"}
    if kind in words:
        return words[kind]
    return f"a {kind.__name__}" if is_dataclass(kind) and isinstance(kind, type) else "a value of this kind"


def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
