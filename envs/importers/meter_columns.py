"""Which column of a meter file is what: time, meter, and values with their role and unit."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.stamps import DateOrder, is_time
from gridbid.envs.importers.tables import Table, is_numeric, texts_of
from gridbid.market.errors import InputError

Unit = Literal["kW", "W", "MW", "kWh", "Wh", "MWh", "kWh-register", "Wh-register"]
Role = Literal["load", "pv", "export"]
Duplicates = Literal["refuse", "last", "mean"]
Edge = Literal["start", "end"]

TIME_NAMES = frozenset(
    [
        "time",
        "timestamp",
        "datetime",
        "date",
        "stamp",
        "ts",
        "utc",
        "gmt",
        "zeit",
        "zeitstempel",
        "datum",
        "uhrzeit",
        "zeitpunkt",
        "from",
        "start",
        "begin",
        "von",
        "beginn",
        "to",
        "end",
        "until",
        "bis",
        "ende",
        "tstp",
    ]
)
DATE_NAMES, HOUR_NAMES = (
    frozenset(("date", "datum", "day", "tag")),
    frozenset(("time", "zeit", "uhrzeit", "hour")),
)
START_NAMES = frozenset(("start", "begin", "from", "von", "beginn"))
END_NAMES = frozenset(("end", "to", "until", "bis", "ende"))
METER_NAMES = frozenset(
    [
        "meter",
        "meterid",
        "meterpoint",
        "mpan",
        "lclid",
        "zaehler",
        "zähler",
        "zählpunkt",
        "zaehlpunkt",
        "malo",
        "melo",
        "customer",
        "household",
        "home",
        "house",
        "building",
        "site",
        "id",
    ]
)
KIND_NAMES = frozenset(("direction", "kind", "obis", "channel", "richtung", "flow"))
ROLE_NAMES: dict[Role, frozenset[str]] = {
    "load": frozenset(
        [
            "load",
            "import",
            "consumption",
            "demand",
            "usage",
            "use",
            "verbrauch",
            "bezug",
            "last",
            "value",
            "wert",
            "energy",
            "power",
            "energie",
            "leistung",
            "reading",
        ]
    ),
    "pv": frozenset(["pv", "solar", "generation", "gen", "production", "erzeugung"]),
    "export": frozenset(["export", "feed", "feedin", "einspeisung", "lieferung"]),
}
REGISTER_NAMES = frozenset(
    ["register", "reading", "readings", "zählerstand", "zaehlerstand", "stand", "cumulative", "index"]
)
FILLERS = frozenset(("in", "per", "hh", "h", "interval", "mean", "total", "active"))
MOST_DISTINCT = 0.9
"""Share of distinct stamps in a file where a column of numbers may name meters."""
UNITS = {unit.lower(): unit for unit in get_args(Unit)}
OBIS: dict[str, Role] = {"1.8.": "load", "2.8.": "export"}


@dataclass(frozen=True, kw_only=True)
class MeterOptions:
    """What a file doesn't show by itself, or what is to be done differently; every field is an option of the command."""

    time: str | None = None
    """Column of the time stamps; date and time in two columns: ``date,time``."""
    meter: str | None = None
    """Column of the meter's name, where a row is one reading (long format)."""
    value: str | None = None
    """Column of the values, where a row is one reading."""
    unit: Unit | None = None
    """kW, W, MW: mean power; kWh, Wh, MWh: energy of the interval; kWh-register, Wh-register: a counter's readings."""
    clock: str | None = None
    """The stamps' clock: utc, local (the scenario's zone, with daylight saving), an offset as +01:00, or a zone."""
    stamps: Edge | None = None
    """Whether a stamp is the start or the end of its interval."""
    date_order: DateOrder | None = None
    """dmy or mdy, where a date as 01/02/2023 may be either."""
    duplicates: Duplicates = "refuse"
    """Rows of one meter and time with different values: refuse, or take the last or the mean."""
    flip_sign: bool = False
    """Consumption is negative in the file."""
    most_filled: float = 0.1
    """Share of a meter's intervals that may be filled."""
    leave_out: tuple[str, ...] = ()
    """Meters that are not taken."""


@dataclass(frozen=True)
class Values:
    """A column of values."""

    column: str
    meter: str
    """Name of the meter; empty where another column has it."""
    role: Role
    unit: Unit | None
    """None where neither the name nor an option says."""


@dataclass(frozen=True)
class Layout:
    """What the columns are."""

    time: tuple[str, ...]
    meter: str | None
    """Column of the meter's name in a long file; None in a wide one."""
    kind: str | None
    """Column that says import or export in a long file, if there is one."""
    values: tuple[Values, ...]
    edge: Edge | None
    """What the time column's name says about the stamps."""
    is_utc: bool
    """Whether the time column's name says UTC."""


def recognise_layout(table: Table, options: MeterOptions, findings: Findings) -> Layout | None:
    """The layout; None, with a fault, where time or values can't be found."""
    _check_named(table, options)
    time = _time_columns(table, options)
    if time is None:
        findings.fault(
            "columns",
            ", ".join(table.columns),
            "no column of time stamps was recognised: name it by --time COLUMN",
        )
        return None
    meter = options.meter or _meter_column(table, time)
    kind = next((name for name in table.columns if meter and _tokens(name) & KIND_NAMES), None)
    values = _values(table, options, (*time, meter, kind))
    if not values:
        findings.fault(
            "columns", ", ".join(table.columns), "no column of numbers: name one by --value COLUMN"
        )
        return None
    tokens = set().union(*(_tokens(name) for name in time))
    edge: Edge | None = "start" if tokens & START_NAMES else "end" if tokens & END_NAMES else None
    return Layout(time, meter, kind, values, edge, bool(tokens & {"utc", "gmt"}))


def role_of(text: str) -> Role | None:
    """What a name or a code (OBIS 1.8, 2.8) says about the direction."""
    for code, role in OBIS.items():
        if code in text:
            return role
    tokens = _tokens(text)
    return next((role for role in ("pv", "export", "load") if tokens & ROLE_NAMES[role]), None)


def unit_of(name: str) -> Unit | None:
    """The unit in a column's name, as in ``house_1 [kWh]``; a register where the name says that as well."""
    tokens = _tokens(name)
    unit = next((UNITS[token] for token in tokens if token in UNITS), None)
    if unit in ("kWh", "Wh") and tokens & REGISTER_NAMES:
        return UNITS[f"{unit.lower()}-register"]
    return unit


def meter_of(name: str) -> str:
    """A column's name without its unit and role."""
    words = [word for word in _words(name) if word.lower() not in UNITS]
    spare = frozenset().union(*ROLE_NAMES.values(), REGISTER_NAMES, FILLERS)
    kept = [word for word in words if word.lower() not in spare]
    return "_".join(kept or words[:1] or [name])


def _check_named(table: Table, options: MeterOptions) -> None:
    named = [*(options.time or "").split(","), options.meter or "", options.value or ""]
    unknown = [name for name in named if name and name not in table.columns]
    if unknown:
        raise InputError(f"columns {', '.join(unknown)}: not in the file; it has {', '.join(table.columns)}")


def _time_columns(table: Table, options: MeterOptions) -> tuple[str, ...] | None:
    if options.time:
        return tuple(options.time.split(","))
    stamped = [name for name in table.columns if is_time(table, name)]
    named = [name for name in stamped if _tokens(name) & TIME_NAMES] or stamped
    named = named or [
        name for name in table.columns if _tokens(name) & TIME_NAMES and is_numeric(table, name)
    ]
    if not named:
        return None
    first = min(named, key=lambda name: (not _tokens(name) & START_NAMES, list(table.columns).index(name)))
    if _tokens(first) & DATE_NAMES:
        hours = [name for name in table.columns if name != first and _tokens(name) & HOUR_NAMES]
        if hours and not is_time(table, hours[0]):
            return first, hours[0]
    return (first,)


def _meter_column(table: Table, time: tuple[str, ...]) -> str | None:
    """A column named like one that holds names; numbers only where stamps stand again and again, as they do in a long file."""
    named = [
        name
        for name in table.columns
        if name not in time and _tokens(name) & METER_NAMES and unit_of(name) is None
    ]
    for name in named:
        if not is_numeric(table, name):
            return name
    stamps = texts_of(table, time[0])
    repeated = len(time) == 1 and len(stamps.unique()) < MOST_DISTINCT * len(stamps)
    return named[0] if len(named) == 1 and repeated else None


def _values(table: Table, options: MeterOptions, others: tuple[str | None, ...]) -> tuple[Values, ...]:
    wide = others[-2] is None
    names = [options.value] if options.value else [name for name in table.columns if name not in others]
    if options.value is None:
        names = [name for name in names if not is_time(table, name) and _could_be_values(table, name)]
    if not wide and len(names) > 1:
        names = [name for name in names if unit_of(name) or role_of(name)] or names
    return tuple(
        Values(name, meter_of(name) if wide else "", role_of(name) or "load", options.unit or unit_of(name))
        for name in names
    )


def _could_be_values(table: Table, name: str) -> bool:
    """Numbers, or a name that says values: then what isn't a number is a fault, not another column."""
    return is_numeric(table, name) or unit_of(name) is not None or not _tokens(name) & TIME_NAMES


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_\-./()\[\]{}:,]+", name) if word]


def _tokens(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _words(name))
