"""The grid that meters are placed on: a scenario's, a pandapower file's, a SimBench code's, or none."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.specification import Licence
from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network

NO_GRID = "none"
LOAD_TAN_PHI = 0.33
"""Reactive over active energy at a power factor of 0.95, where the grid doesn't say."""


@dataclass(frozen=True)
class Feeder:
    """A radial network and where sites may be on it."""

    network: Network
    load_buses: tuple[int, ...]
    """Buses of the network at which sites are spread, each once."""
    bus_of: dict[str, int]
    """Bus of the network by the number or name that a user gives."""
    load_tan_phi: float
    licences: tuple[Licence, ...]
    source: str
    """What it is, for people."""


def read_feeder(grid: str) -> Feeder:
    """``none``, a scenario (built-in name or folder), a pandapower JSON file, or a SimBench code. InputError otherwise."""
    if grid == NO_GRID:
        return no_grid()
    if grid.endswith(".json"):
        return _of_pandapower(Path(grid))
    if grid.startswith("1-LV-"):
        return _of_simbench(grid)
    return _of_scenario(load_scenario(grid))


def no_grid() -> Feeder:
    """All sites at one bus behind a line without impedance to speak of and without a limit."""
    zeros = np.zeros(2)
    network = Network(
        parent=np.array([-1, 0], np.int32),
        r_pu=np.array([0.0, 1e-6]),
        x_pu=np.array([0.0, 1e-6]),
        g_pu=zeros,
        b_pu=zeros.copy(),
        rating_kva=np.array([np.inf, np.inf]),
        base_kva=1000.0,
        source_pu=1.0,
    )
    return Feeder(network, (1,), {"1": 1}, LOAD_TAN_PHI, (), "one bus without limits")


def _of_scenario(scenario: Scenario) -> Feeder:
    buses = tuple(sorted({seat.bus for seat in scenario.metered}))
    numbers = {str(bus): bus for bus in range(scenario.network.parent.size)}
    licences = tuple(
        Licence("grid.parquet", licence.terms, licence.attribution)
        for licence in scenario.licences
        if "grid" in licence.covers
    )
    tan_phi = scenario.grid.load_tan_phi
    return Feeder(scenario.network, buses, numbers, tan_phi, licences, f"the grid of {scenario.name}")


def _of_pandapower(path: Path) -> Feeder:
    from gridbid.envs.importers.pandapower_net import feeder_of_net, read_net

    return feeder_of_net(read_net(path), path.name)


def _of_simbench(code: str) -> Feeder:
    from gridbid.envs.importers.pandapower_net import feeder_of_net
    from gridbid.envs.importers.simbench import read_source

    feeder = feeder_of_net(read_source(code).net, f"SimBench {code}")
    licence = Licence(
        "grid.parquet", "ODbL 1.0, contents DbCL 1.0", f"SimBench, grid {code}, www.simbench.net"
    )
    return Feeder(
        feeder.network, feeder.load_buses, feeder.bus_of, feeder.load_tan_phi, (licence,), feeder.source
    )


def refuse_unknown_bus(feeder: Feeder, bus: str, where: str) -> int:
    """The network's bus. InputError names those that there are."""
    if bus not in feeder.bus_of:
        known = ", ".join(list(feeder.bus_of)[:20])
        raise InputError(f"{where}: bus {bus!r} isn't in {feeder.source}; expected one of {known} ...")
    return feeder.bus_of[bus]
