"""``gridbid data import``: scenario folders from meter data, pandapower, SimBench and CityLearn."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from gridbid.envs.importers.folders import Imported

app = typer.Typer(help="Make a scenario of other data.", no_args_is_help=True)

Unit = Literal["kW", "W", "MW", "kWh", "Wh", "MWh", "kWh-register", "Wh-register"]
Edge = Literal["start", "end"]
DateOrder = Literal["dmy", "mdy"]
Duplicates = Literal["refuse", "last", "mean"]

TIMEZONE = typer.Option(help="IANA zone of the scenario's local time.")
TIME = typer.Option(help="Column of the time stamps; date and time in two columns: date,time.")
METER = typer.Option(help="Column of the meter's name, where a row is one reading.")
VALUE = typer.Option(help="Column of the values, where a row is one reading.")
UNIT = typer.Option(help="Mean power, energy of the interval, or a counter's readings.")
CLOCK = typer.Option(
    help="The stamps' clock: utc, local (with daylight saving), an offset as +01:00, or a zone."
)
STAMPS = typer.Option(help="Whether a stamp is the start or the end of its interval.")
DATE_ORDER = typer.Option(help="Day or month first, where 01/02/2023 may be either.")
DUPLICATES = typer.Option(help="Rows of one meter and time that differ.")
FLIP_SIGN = typer.Option("--flip-sign", help="Consumption is negative in the file.")
MOST_FILLED = typer.Option(help="Share of a meter's intervals that may be filled.")
LEAVE_OUT = typer.Option(help="A meter that isn't taken; may be given several times.")
OUT = typer.Option(help="Folder of the scenario; it is replaced if it is there.")
GRID = typer.Option(help="A scenario (name or folder), a pandapower JSON file, a SimBench code, or none.")
YEAR = typer.Option(help="Local year of the scenario; else the one of which the data have most days.")
SEED = typer.Option(help="Of the buses of meters that no row places.")
TITLE = typer.Option(help="One line for reports.")
LICENCE = typer.Option(help="Terms of the data.")


@app.command(
    epilog="Example: `gridbid data import meters meters.csv --grid rural --clock local --out mine --pv-kwp 5`"
)
def meters(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, a column a meter or a row a reading.")],
    out: Annotated[Path, OUT],
    grid: Annotated[str, GRID] = "none",
    sites: Annotated[
        Path | None,
        typer.Option(help="CSV: meter, bus, pv_kwp, battery_kwh, battery_kw, charge_point_kw, heat_pump_kw."),
    ] = None,
    pv_kwp: Annotated[float, typer.Option(min=0.0, help="PV of every site, unless the table says.")] = 0.0,
    battery_kwh: Annotated[float, typer.Option(min=0.0, help="Battery of every site, likewise.")] = 0.0,
    battery_kw: Annotated[
        float, typer.Option(min=0.0, help="Its power; else half its capacity an hour.")
    ] = 0.0,
    charge_point_kw: Annotated[float, typer.Option(min=0.0, help="Charge point of every site.")] = 0.0,
    heat_pump_kw: Annotated[float, typer.Option(min=0.0, help="Heat pump of every site.")] = 0.0,
    timezone: Annotated[str, TIMEZONE] = "Europe/Berlin",
    year: Annotated[int | None, YEAR] = None,
    slot_seconds: Annotated[int, typer.Option(help="Length of a slot, a part of an hour.")] = 900,
    profile_seconds: Annotated[
        int | None, typer.Option(help="Time between the rows of the profiles; else the slot's, 900 at most.")
    ] = None,
    seed: Annotated[int, SEED] = 0,
    title: Annotated[str | None, TITLE] = None,
    licence: Annotated[str | None, LICENCE] = None,
    time: Annotated[str | None, TIME] = None,
    meter: Annotated[str | None, METER] = None,
    value: Annotated[str | None, VALUE] = None,
    unit: Annotated[Unit | None, UNIT] = None,
    clock: Annotated[str | None, CLOCK] = None,
    stamps: Annotated[Edge | None, STAMPS] = None,
    date_order: Annotated[DateOrder | None, DATE_ORDER] = None,
    duplicates: Annotated[Duplicates, DUPLICATES] = "refuse",
    flip_sign: Annotated[bool, FLIP_SIGN] = False,
    most_filled: Annotated[float, MOST_FILLED] = 0.1,
    leave_out: Annotated[list[str] | None, LEAVE_OUT] = None,
) -> None:
    """Smart meters on a grid: one prosumer a meter."""
    from gridbid.envs.importers.meter_columns import MeterOptions
    from gridbid.envs.importers.meters import SiteOptions, import_meters
    from gridbid.envs.importers.sites import Devices

    reading = MeterOptions(
        time=time,
        meter=meter,
        value=value,
        unit=unit,
        clock=clock,
        stamps=stamps,
        date_order=date_order,
        duplicates=duplicates,
        flip_sign=flip_sign,
        most_filled=most_filled,
        leave_out=tuple(leave_out or ()),
    )
    devices = Devices(pv_kwp, battery_kwh, battery_kw, charge_point_kw, heat_pump_kw)
    placing = SiteOptions(
        grid=grid,
        timezone=timezone,
        year=year,
        sites=sites,
        devices=devices,
        slot_seconds=slot_seconds,
        profile_seconds=profile_seconds,
        seed=seed,
        **_given(title=title, licence=licence),
    )
    _tell(import_meters(file, out, reading, placing))


@app.command(epilog="Example: `gridbid data import pandapower net.json --out mine`")
def pandapower(
    file: Annotated[Path, typer.Argument(help="A radial net, as pandapower.to_json writes it.")],
    out: Annotated[Path, OUT],
    profiles: Annotated[
        Path | None,
        typer.Option(
            help="Meter file with the power of the loads, named or numbered as they are; else net.profiles, else households."
        ),
    ] = None,
    clock: Annotated[str | None, CLOCK] = None,
    unit: Annotated[Unit | None, UNIT] = None,
    stamps: Annotated[Edge | None, STAMPS] = None,
    timezone: Annotated[str, TIMEZONE] = "Europe/Berlin",
    year: Annotated[int | None, YEAR] = None,
    title: Annotated[str | None, TITLE] = None,
    licence: Annotated[str | None, LICENCE] = None,
) -> None:
    """Any radial, balanced pandapower net: loads, static generators and storages."""
    from gridbid.envs.importers.meter_columns import MeterOptions
    from gridbid.envs.importers.pandapower_net import NetOptions, import_pandapower

    options = NetOptions(
        profiles=profiles,
        meters=MeterOptions(clock=clock, unit=unit, stamps=stamps),
        timezone=timezone,
        year=year,
        **_given(title=title, licence=licence),
    )
    _tell(import_pandapower(file, out, options))


@app.command(epilog="Example: `gridbid data import simbench 1-LV-semiurb4--2-sw --out mine`")
def simbench(
    code: Annotated[str, typer.Argument(help="SimBench code of a low-voltage grid, e.g. 1-LV-rural1--2-sw.")],
    out: Annotated[Path, OUT],
    title: Annotated[str | None, TITLE] = None,
) -> None:
    """A SimBench grid with its year of profiles (needs gridbid[simbench])."""
    from gridbid.cli.terminal import console
    from gridbid.envs.importers.simbench import convert

    folder = out.absolute()
    convert(code, folder.parent, name=folder.name, title=title)
    console.print(f"Wrote {out}. Look at it: gridbid scenario show {out}")


@app.command(
    epilog="Example: `gridbid data import citylearn citylearn_challenge_2022_phase_1/schema.json --out mine`"
)
def citylearn(
    file: Annotated[Path, typer.Argument(help="CityLearn's schema.json; its files lie beside it.")],
    out: Annotated[Path, OUT],
    grid: Annotated[str, GRID] = "none",
    timezone: Annotated[str, TIMEZONE] = "UTC",
    year: Annotated[int | None, YEAR] = None,
    seed: Annotated[int, SEED] = 0,
    title: Annotated[str | None, TITLE] = None,
    licence: Annotated[str | None, LICENCE] = None,
) -> None:
    """A CityLearn data set: buildings, with prices, carbon and charging sessions beside the scenario."""
    from gridbid.cli.terminal import console
    from gridbid.envs.importers.citylearn import PRICES, SESSIONS, CityLearnOptions, import_citylearn

    options = CityLearnOptions(
        grid=grid, timezone=timezone, year=year, seed=seed, **_given(title=title, licence=licence)
    )
    made = import_citylearn(file, out, options)
    _tell(made)
    beside = [
        f"--{name.partition('.')[0]} {out / name}" for name in (PRICES, SESSIONS) if (out / name).is_file()
    ]
    console.print(f"Its own series: {' '.join(beside)}")


def _given(**options: Any) -> dict[str, Any]:
    """Options that were given, so that the others keep their defaults."""
    return {name: value for name, value in options.items() if value is not None}


def _tell(made: "Imported") -> None:
    from gridbid.cli.data import show
    from gridbid.cli.terminal import console

    show(made.findings)
    console.print(f"Wrote {made.folder}. Look at it: gridbid scenario show {made.folder}")
