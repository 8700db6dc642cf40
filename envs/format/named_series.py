"""Real series that a scenario names: files beside scenario.yaml, read in place of the paths that are drawn otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from gridbid.envs.format.schema import Faults, Pattern
from gridbid.envs.timeline.real_prices import PriceFile, read_prices
from gridbid.envs.timeline.real_sessions import SessionFile, read_sessions
from gridbid.market.errors import InputError

FileName = Annotated[
    str, Pattern(r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.parquet$", "the name of a Parquet file beside scenario.yaml")
]


@dataclass(frozen=True, kw_only=True)
class PriceSeries:
    """Wholesale prices and carbon intensity, by hours or parts of an hour."""

    file: FileName
    """Parquet file beside scenario.yaml."""
    time_column: str = "time_utc"
    """Start of the interval: time stamps with a zone, or in UTC."""
    price_column: str = "price_eur_per_mwh"
    """Wholesale price in EUR/MWh."""
    carbon_column: str = "ci_g_per_kwh"
    """Carbon intensity in gCO2e/kWh; may be missing in the file, then it is drawn."""
    licence: str
    """Terms, and who is to be named."""


@dataclass(frozen=True, kw_only=True)
class SessionSeries:
    """Charging sessions, a row for each."""

    file: FileName
    """Parquet file beside scenario.yaml."""
    user_column: str = "user"
    """Who charged: users are divided between the splits."""
    plug_in_column: str = "plug_in_utc"
    """Arrival: time stamps with a zone, or in UTC."""
    plug_out_column: str = "plug_out_utc"
    """Departure, likewise."""
    energy_column: str = "energy_kwh"
    """AC energy drawn in kWh."""
    licence: str
    """Terms, and who is to be named."""


@dataclass(frozen=True, kw_only=True)
class SeriesSpec:
    """Real series of the scenario's own; each needs its SHA-256 in `sha256`."""

    prices: PriceSeries | None = None
    """Wholesale prices and carbon intensity; absent: seeded paths about typical days."""
    sessions: SessionSeries | None = None
    """Charging sessions; absent: drawn from published statistics."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files, each once."""
        named = (part.file for part in (self.prices, self.sessions) if part is not None)
        return tuple(dict.fromkeys(named))


def price_file(series: SeriesSpec | None, folder: Path) -> PriceFile | None:
    """The file of prices in a scenario's folder, if it names one."""
    if series is None or series.prices is None:
        return None
    named = series.prices
    return PriceFile(folder / named.file, named.time_column, named.price_column, named.carbon_column)


def session_file(series: SeriesSpec | None, folder: Path) -> SessionFile | None:
    """The file of charging sessions in a scenario's folder, if it names one."""
    if series is None or series.sessions is None:
        return None
    named = series.sessions
    columns = (named.user_column, named.plug_in_column, named.plug_out_column, named.energy_column)
    return SessionFile(folder / named.file, *columns)


def check_series(series: SeriesSpec, folder: Path, faults: Faults) -> None:
    """Read each file that is there, and note what is wrong in it."""
    for field, error in _read_all(series, folder):
        faults.add(field, str(error), "a series that can be read; see docs/scenario-format.md")


def _read_all(series: SeriesSpec, folder: Path) -> Iterator[tuple[str, InputError]]:
    prices, sessions = price_file(series, folder), session_file(series, folder)
    try:
        if prices is not None and prices.path.is_file():
            read_prices(prices)
    except InputError as error:
        yield "series.prices", error
    try:
        if sessions is not None and sessions.path.is_file():
            read_sessions(sessions, "UTC")
    except InputError as error:
        yield "series.sessions", error
