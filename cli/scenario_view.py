"""How a scenario looks in a terminal."""

import math

import numpy as np
from numpy.typing import NDArray
from rich.markup import escape
from rich.table import Table

from gridbid.cli.terminal import console
from gridbid.envs.format.seat_words import counted_kinds, device_words
from gridbid.envs.format.tariff_words import tariff_words
from gridbid.envs.render.feeder_text import feeder_lines
from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.calendar import window_calendar
from gridbid.envs.timeline.prices import sampled_series
from gridbid.envs.timeline.tariffs import TariffPrices, tariff_prices
from gridbid.envs.timeline.year import weeks_of
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.units import neur_per_wh_to_ct_per_kwh

BARS = "▁▂▃▄▅▆▇█"
WEDNESDAY = 2


def show_scenario(scenario: Scenario, tree: bool = True) -> None:
    """Title, figures, market, tariff with an example day, splits, licences, and the feeder if ``tree``."""
    console.print(f"[bold]{escape(scenario.title)}[/]")
    console.print(f"[dim]{scenario.name}, version {scenario.version}, sha256 {scenario.digest[:12]}[/]\n")
    console.print(_figures(scenario))
    console.print("\n[bold]Tariff[/]")
    console.print(_two_columns(tariff_words(scenario.tariff)))
    _show_day(scenario)
    if tree:
        console.print("\n[bold]Feeder[/]")
        for line in feeder_lines(scenario.network, _labels(scenario)):
            console.print(escape(line), soft_wrap=True)
    console.print()
    for licence in scenario.licences:
        told = f"{licence.covers}: {licence.terms}; {licence.attribution}"
        console.print(f"[dim]{escape(told)}[/]")


def _figures(scenario: Scenario) -> Table:
    seats, network, market = scenario.seats, scenario.network, scenario.market
    pv_kw = sum(seat.pv.peak_kw for seat in seats if seat.pv)
    battery_kwh = sum(seat.battery.capacity_kwh for seat in seats if seat.battery)
    pumps = sum(seat.heat_pump is not None for seat in seats)
    points = sum(seat.charge_point is not None for seat in seats)
    splits = {name: weeks_of(scenario, name) for name in ("train", "validation", "test")}
    rounds = f"{market.rounds} round{'s' if market.rounds > 1 else ''} of trading a slot"
    rows = {
        "members": counted_kinds(seats),
        "devices": f"{pv_kw:.0f} kWp of PV, {battery_kwh:.0f} kWh of batteries, {pumps} heat pumps, {points} charge points",
        "grid": f"{network.parent.size} buses, transformer {_rating(scenario)}, {scenario.grid.source_pu:g} pu at the source",
        "time": f"{scenario.year}, {scenario.timezone}, slots of {_duration(scenario.slot_seconds)}",
        "market": f"{rounds}; {market.n_ticks} price levels of {neur_per_wh_to_ct_per_kwh(market.tick_size_neur_per_wh):g} ct/kWh; "
        f"envelopes {market.envelopes or 'by connection alone'}",
        "forecast": scenario.forecast.kind if scenario.forecast else "persistence",
        "response": _response(scenario),
        "splits": f"{len(splits['train'])} weeks of training; validation {_weeks(splits['validation'])}; "
        f"test {_weeks(splits['test'])}",
    }
    if scenario.population is not None:
        record = scenario.population
        rows["sampled"] = (
            f"{record.members} members on {record.feeders} feeders, modelled on {record.source}, seed {record.seed}"
        )
    return _two_columns(rows)


def _two_columns(rows: dict[str, str]) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, told in rows.items():
        table.add_row(escape(name), escape(told))
    return table


def _show_day(scenario: Scenario) -> None:
    """Prices of a Wednesday by hour, as bars between the least and the greatest of all rows."""
    week = weeks_of(scenario, "train")[0]
    calendar = window_calendar(scenario.year, scenario.timezone, scenario.slot_seconds, [week])
    prices = tariff_prices(scenario.tariff, calendar, sampled_series(calendar, [0], "train").spot_ct)
    day = np.flatnonzero((calendar.week == week) & (calendar.weekday == WEDNESDAY))
    hours = calendar.local_hour[day].astype(np.int64)
    rows = {name: _by_hour(values[day], hours) for name, values in _rows(prices).items()}
    least, most = min(map(min, rows.values())), max(map(max, rows.values()))
    console.print(
        f"\n[dim]Wednesday of week {week}, by hour from 0:00, with drawn day-ahead prices, ct/kWh[/]"
    )
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, values in rows.items():
        table.add_row(escape(name), _bars(values, least, most), f"{min(values):.2f} to {max(values):.2f}")
    console.print(table)


def _rows(prices: TariffPrices) -> dict[str, NDArray[np.int64]]:
    lines = {f"  {name}": line[0] for name, line in prices.lines.items()} if len(prices.lines) > 1 else {}
    return {
        "retail": prices.retail[0],
        **lines,
        "feed-in": prices.feed_in[0],
        "local fee": prices.fee,
    }


def _by_hour(values: NDArray[np.int64], hours: NDArray[np.int64]) -> list[float]:
    return [neur_per_wh_to_ct_per_kwh(float(values[hours == hour].mean())) for hour in np.unique(hours)]


def _bars(values: list[float], least: float, most: float) -> str:
    step = (most - least) / (len(BARS) - 1) or 1.0
    return "".join(BARS[round((value - least) / step)] for value in values)


def _labels(scenario: Scenario) -> list[list[str]]:
    labels: list[list[str]] = [[] for _ in range(scenario.network.parent.size)]
    for seat in scenario.seats:
        labels[seat.bus].append(f"{seat.name}: {device_words(seat)}")
    return labels


def _response(scenario: Scenario) -> str:
    response = scenario.response
    if response is None:
        return "no programme of demand response"
    return (
        f"events of {response.duration_minutes} min, called {response.lead_minutes} min ahead; "
        f"baseline {response.baseline.method}, cap {response.baseline.cap_percent} %"
    )


def _rating(scenario: Scenario) -> str:
    rating_kva = source_rating_kva(scenario.network)
    return f"{rating_kva:.0f} kVA" if math.isfinite(rating_kva) else "of unknown rating"


def _duration(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _weeks(weeks: tuple[int, ...]) -> str:
    return ", ".join(map(str, weeks))
