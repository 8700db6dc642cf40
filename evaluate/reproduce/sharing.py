"""Three ways to share a feeder's room, on a street and on `rural`: the least and the most that a member gets, and the sum."""

from typing import NamedTuple

import numpy as np

from gridbid.envs.envelopes import scenario_envelopes
from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.reproduce.grid import CONNECTION_KW, N_HOUSES, street
from gridbid.evaluate.reproduce.pages import markdown_table
from gridbid.market.grid.envelopes import Allocation, Envelopes, operating_envelopes

ALLOCATIONS: tuple[Allocation, ...] = ("equal", "proportional", "throughput")
_HEAD = ("feeder", "allocation", "import: least to most, kW", "sum", "export: least to most, kW", "sum")
_WH_PER_KWH = 1_000.0


class _Feeder(NamedTuple):
    name: str
    slot_h: float
    envelopes: dict[Allocation, Envelopes]


def sharing_table() -> str:
    """The page's table; allocations that come to the same are one row."""
    rows = []
    for feeder in (_street(), _rural()):
        shown: dict[tuple[str, ...], list[str]] = {}
        for allocation, envelopes in feeder.envelopes.items():
            shown.setdefault(_figures(envelopes, feeder.slot_h), []).append(allocation)
        for number, (figures, allocations) in enumerate(shown.items()):
            rows.append(("" if number else feeder.name, ", ".join(allocations), *figures))
    return markdown_table(_HEAD, rows)


def _street() -> _Feeder:
    network, houses = street(), np.arange(1, N_HOUSES + 1)
    connections_kw = np.full(N_HOUSES, CONNECTION_KW)
    envelopes = {
        allocation: operating_envelopes(
            network, houses, connections_kw, connections_kw, slot_h=1.0, allocation=allocation
        )
        for allocation in ALLOCATIONS
    }
    return _Feeder(f"street, {N_HOUSES} × {CONNECTION_KW} kW", 1.0, envelopes)


def _rural() -> _Feeder:
    scenario = load_scenario("rural")
    envelopes = {allocation: scenario_envelopes(scenario, allocation) for allocation in ALLOCATIONS}
    return _Feeder(f"`rural`, {len(scenario.metered)} seats", scenario.slot_seconds / 3_600.0, envelopes)


def _figures(envelopes: Envelopes, slot_h: float) -> tuple[str, ...]:
    figures: list[str] = []
    for limit_wh in (envelopes.import_limit_wh, envelopes.export_limit_wh):
        limit_kw = limit_wh / (_WH_PER_KWH * slot_h)
        least, most = f"{limit_kw.min():.1f}", f"{limit_kw.max():.1f}"
        figures += [least if least == most else f"{least} to {most}", f"{limit_kw.sum():.1f}"]
    return tuple(figures)
