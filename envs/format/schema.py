"""Plain data (as YAML gives it) to frozen dataclasses and back: every fault is noted, none stops the reading.

The dataclass is the schema: an annotation says the type, :class:`Bounds` the range, :class:`Pattern` the form of a text,
a default what may be left out. Where several dataclasses are allowed, the field ``kind`` says which is meant.
`gridbid.envs.format.json_schema` makes a JSON schema of the same dataclasses.
"""

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

KIND = "kind"
"""Field that says which of several dataclasses a mapping is."""


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


@dataclass(frozen=True)
class Pattern:
    """Form of a text: a regular expression that ECMAScript reads as well, and what it means in words."""

    expression: str
    meaning: str

    def hold(self, value: str) -> bool:
        """Whether a text has the form."""
        return re.fullmatch(self.expression, value) is not None

    def __str__(self) -> str:
        return f"that is {self.meaning}"


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
        return _parse_limited(arguments[0], arguments[1], value, where, faults)
    if origin in (Union, UnionType):
        return _parse_choice(kind, value, where, faults)
    if origin is Literal:
        return _parse_literal(arguments, value, where, faults)
    if origin is tuple:
        return _parse_list(arguments[0], value, where, faults)
    if origin in (dict, Mapping):
        return _parse_mapping(arguments[1], value, where, faults)
    if is_dataclass(kind):
        return _parse_dataclass(kind, value, where, faults)
    return _parse_scalar(kind, value, where, faults)


def plain(value: Any) -> Any:
    """Plain data of a dataclass, for YAML; what is None or empty by default is left out."""
    if is_dataclass(value):
        pairs = [(field, getattr(value, field.name)) for field in fields(value)]
        return {field.name: plain(entry) for field, entry in pairs if not _goes_without_saying(field, entry)}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    return value


@functools.cache
def annotations(kind: Any) -> dict[str, Any]:
    """Annotations of a dataclass by field, with their bounds and patterns."""
    return get_type_hints(kind, include_extras=True)


def options(kind: Any) -> tuple[Any, ...]:
    """The types that an annotation allows beside None."""
    if get_origin(kind) in (Union, UnionType):
        return tuple(option for option in get_args(kind) if option is not NoneType)
    return (kind,)


def allows_none(kind: Any) -> bool:
    """Whether an annotation allows None."""
    return get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind)


def is_tagged(kind: Any) -> bool:
    """Whether a dataclass is one of several, told by its kind."""
    hint = annotations(kind).get(KIND)
    return get_origin(hint) is Literal and len(get_args(hint)) == 1


def tag(kind: Any) -> str:
    """What the kind of such a dataclass is."""
    return str(get_args(annotations(kind)[KIND])[0])


def is_required(field: "Field[Any]", kind: Any) -> bool:
    """Whether a field of the dataclass ``kind`` must be written."""
    return default_of(field) is MISSING or (field.name == KIND and is_tagged(kind))


def default_of(field: "Field[Any]") -> Any:
    """What stands where a field is left out; MISSING where it must not be."""
    return field.default if field.default_factory is MISSING else field.default_factory()


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
    hints = annotations(kind)
    entries = {
        field.name: _parse_field(field, is_required(field, kind), hints[field.name], value, where, faults)
        for field in fields(kind)
    }
    entries = {name: entry for name, entry in entries.items() if entry is not MISSING}
    return FAULTY if any(entry is FAULTY for entry in entries.values()) else kind(**entries)


def _parse_field(
    field: "Field[Any]", required: bool, kind: Any, value: Mapping[str, Any], where: str, faults: Faults
) -> Any:
    """The field's value; MISSING when it is left out and may be."""
    if field.name in value:
        return parse(kind, value[field.name], join(where, field.name), faults)
    if required:
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


def _parse_limited(kind: Any, limit: Bounds | Pattern, value: Any, where: str, faults: Faults) -> Any:
    inner = parse(kind, value, where, Faults(faults.file))
    good = inner is not FAULTY and limit.hold(inner)
    return _accept(good, inner if good else value, where, f"{_describe(kind)} {limit}", faults)


def _parse_choice(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    """None where it is allowed, or the one dataclass of those allowed that the value's kind names."""
    if value is None and allows_none(kind):
        return None
    allowed = options(kind)
    if len(allowed) == 1:
        return parse(allowed[0], value, where, faults)
    kinds = {tag(option): option for option in allowed}
    if not isinstance(value, Mapping):
        return _accept(False, value, where, f"a mapping with a kind: {', '.join(kinds)}", faults)
    named = value.get(KIND, MISSING)
    if not isinstance(named, str) or named not in kinds:
        return _accept(False, named, join(where, KIND), "one of " + ", ".join(kinds), faults)
    return parse(kinds[named], value, where, faults)


def _parse_literal(allowed: tuple[Any, ...], value: Any, where: str, faults: Faults) -> Any:
    # True == 1 and hash alike, so the type is looked at as well.
    found = [
        option
        for option in allowed
        if option == value and isinstance(value, bool) is isinstance(option, bool)
    ]
    expected = "one of " + ", ".join(map(str, allowed))
    return _accept(bool(found), found[0] if found else value, where, expected, faults)


def _parse_scalar(kind: Any, value: Any, where: str, faults: Faults) -> Any:
    if kind is date and isinstance(value, str):
        value = _date(value)
    elif kind is float and type(value) is int:
        value = float(value)
    elif kind is int and type(value) is float and value.is_integer():
        value = int(value)
    good = type(value) is kind and (kind is not float or math.isfinite(value)) and value != ""
    return _accept(good, value, where, _describe(kind), faults)


def _date(text: str) -> date | str:
    """The day that a text as 2016-03-27 names, or the text."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else text
    except ValueError:
        return text


def _accept(good: bool, value: Any, where: str, expected: str, faults: Faults) -> Any:
    if good:
        return value
    faults.add(where, value, expected)
    return FAULTY


def _describe(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        inner, bounds = get_args(kind)[:2]
        return f"{_describe(inner)} {bounds}"
    if get_origin(kind) is tuple:
        return f"a list, each entry {_describe(get_args(kind)[0])}"
    if len(options(kind)) > 1:
        return f"a mapping with a kind: {', '.join(map(tag, options(kind)))}"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    words = {
        str: "a text",
        int: "a whole number",
        float: "a finite number",
        bool: "true or false",
        date: "a day as 2016-03-27",
    }
    if kind in words:
        return words[kind]
    return f"a {kind.__name__}" if is_dataclass(kind) and isinstance(kind, type) else "a value of this kind"


def _goes_without_saying(field: "Field[Any]", entry: Any) -> bool:
    """Whether an entry is None, or the empty list or mapping that stands where nothing is written."""
    return entry is None or (entry in ((), {}) and entry == default_of(field))


def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
