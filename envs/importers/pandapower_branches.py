"""Lines and transformers of a pandapower net as pi branches between electrical nodes, in per unit on ``net.sn_mva``."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from gridbid.market.errors import InputError

if TYPE_CHECKING:
    from pandapower import pandapowerNet

Row = Any  # a row of a pandas table: its columns are attributes


class Branch(NamedTuple):
    """A pi branch."""

    name: str
    ends: tuple[int, int]
    """Nodes at the first and the second end; a transformer's first is its upper side."""
    z_pu: complex
    """Series impedance, referred to the second end."""
    y_pu: complex
    """Shunt admittance of both ends together, referred to the second end."""
    rating_kva: float
    """Rated current at nominal voltage of the second end's bus; inf where unknown."""
    ratio: float
    """Voltage of the first end over that of the second at no load, pu."""


class Nodes:
    """Electrical nodes: buses that closed switches join are one; each open end of a branch has its own."""

    def __init__(self, net: "pandapowerNet") -> None:
        in_service = net.bus.index[net.bus.in_service.astype(bool)]
        self._of_bus = {int(bus): node for node, bus in enumerate(in_service)}
        self._n_nodes = len(self._of_bus)
        self._open_ends = set()
        for switch in net.switch.itertuples():
            if switch.et == "b" and switch.closed:
                self._join(switch)
            elif not switch.closed:
                self._open_ends.add((switch.et, int(switch.element), int(switch.bus)))

    def of_bus(self, bus: int) -> int | None:
        """Node of a bus; None if the bus is out of service."""
        return self._of_bus.get(bus)

    def of_end(self, kind: str, element: int, bus: int) -> int:
        """Node at a branch's end: its bus's, or a new one where a switch or a bus out of service leaves it open."""
        if (kind, element, bus) not in self._open_ends and bus in self._of_bus:
            return self._of_bus[bus]
        self._n_nodes += 1
        return self._n_nodes - 1

    def buses_by_node(self) -> dict[int, list[int]]:
        """Buses in service at each node; an open end has none."""
        buses = defaultdict(list)
        for bus, node in self._of_bus.items():
            buses[node].append(bus)
        return buses

    def _join(self, switch: Row) -> None:
        if switch.z_ohm > 0.0:
            raise InputError(f"switch {switch.Index}: z_ohm is {switch.z_ohm}, expected 0: an ideal switch")
        kept, dropped = self.of_bus(int(switch.bus)), self.of_bus(int(switch.element))
        if kept is not None and dropped is not None:
            self._of_bus = {bus: kept if node == dropped else node for bus, node in self._of_bus.items()}


def branches(net: "pandapowerNet", nodes: Nodes) -> list[Branch]:
    """All lines and transformers in service; ValueError names one that can't be had as a pi branch."""
    found = [*_lines(net, nodes), *_transformers(net, nodes)]
    for branch in found:
        if not all(math.isfinite(abs(value)) for value in (branch.z_pu, branch.y_pu, branch.ratio)):
            raise InputError(
                f"{branch.name}: impedance {branch.z_pu}, admittance {branch.y_pu} and ratio {branch.ratio} in pu, "
                "expected finite numbers"
            )
    return found


def _lines(net: "pandapowerNet", nodes: Nodes) -> Iterator[Branch]:
    for line in net.line[net.line.in_service.astype(bool)].itertuples():
        start, end = int(line.from_bus), int(line.to_bus)
        nominal_kv = float(net.bus.vn_kv.at[start])
        base_ohm = nominal_kv**2 / net.sn_mva
        z_ohm = complex(line.r_ohm_per_km, line.x_ohm_per_km) * line.length_km / line.parallel
        siemens_per_km = complex(line.g_us_per_km * 1e-6, 2.0 * math.pi * net.f_hz * line.c_nf_per_km * 1e-9)
        thermal_ka = line.max_i_ka * line.df * line.parallel
        yield Branch(
            name=f"line {line.Index}",
            ends=(nodes.of_end("l", line.Index, start), nodes.of_end("l", line.Index, end)),
            z_pu=z_ohm / base_ohm,
            y_pu=siemens_per_km * line.length_km * line.parallel * base_ohm,
            rating_kva=_known(math.sqrt(3.0) * nominal_kv * thermal_ka * 1000.0),
            ratio=1.0,
        )


def _transformers(net: "pandapowerNet", nodes: Nodes) -> Iterator[Branch]:
    for trafo in net.trafo[net.trafo.in_service.astype(bool)].itertuples():
        upper, lower = int(trafo.hv_bus), int(trafo.lv_bus)
        tap = _tap_factor(trafo)
        upper_pu = trafo.vn_hv_kv / net.bus.vn_kv.at[upper] * (tap if trafo.tap_side == "hv" else 1.0)
        lower_pu = trafo.vn_lv_kv / net.bus.vn_kv.at[lower] * (tap if trafo.tap_side == "lv" else 1.0)
        own_base_pu = lower_pu**2 * net.sn_mva / (trafo.sn_mva * trafo.parallel)
        yield Branch(
            name=f"trafo {trafo.Index}",
            ends=(nodes.of_end("t", trafo.Index, upper), nodes.of_end("t", trafo.Index, lower)),
            z_pu=_short_circuit(trafo) * own_base_pu,
            y_pu=_no_load(trafo) / own_base_pu,
            rating_kva=_known(_rated_mva(net, trafo, tap) * 1000.0),
            ratio=float(upper_pu / lower_pu),
        )


def _rated_mva(net: "pandapowerNet", trafo: Row, tap: float) -> float:
    """The current of the lower side at which the first of both windings carries its own, times the bus's nominal voltage.

    A tap that lowers the upper side's turns, or raises the lower side's, makes the upper winding's current the larger.
    """
    upper_first = min(1.0, tap if trafo.tap_side == "hv" else 1.0 / tap)
    lower_pu = trafo.vn_lv_kv / net.bus.vn_kv.at[int(trafo.lv_bus)]
    return float(trafo.sn_mva * trafo.parallel * trafo.df * upper_first / lower_pu)


def _short_circuit(trafo: Row) -> complex:
    """Series impedance on the transformer's own base."""
    impedance, resistance = trafo.vk_percent / 100.0, trafo.vkr_percent / 100.0
    if not 0.0 <= resistance <= impedance:
        raise InputError(
            f"trafo {trafo.Index}: vkr_percent is {trafo.vkr_percent}, expected 0 to vk_percent = {trafo.vk_percent}"
        )
    return complex(resistance, math.sqrt(impedance**2 - resistance**2))


def _no_load(trafo: Row) -> complex:
    """Magnetising admittance on the transformer's own base: the no-load current beyond the iron losses is inductive."""
    admittance, conductance = trafo.i0_percent / 100.0, trafo.pfe_kw / (trafo.sn_mva * 1000.0)
    return complex(conductance, -math.sqrt(max(0.0, admittance**2 - conductance**2)))


def _tap_factor(trafo: Row) -> float:
    """What the tap changer makes of the nominal voltage on its side; 1 without a type, whatever its position."""
    kind = trafo.tap_changer_type
    if getattr(trafo, "tap_dependency_table", False) is True:
        raise InputError(
            f"trafo {trafo.Index}: tap_dependency_table is True, expected False: a constant impedance"
        )
    if pd.notna(getattr(trafo, "tap2_changer_type", None)):
        raise InputError(
            f"trafo {trafo.Index}: tap2_changer_type is {trafo.tap2_changer_type!r}, expected None: one tap changer"
        )
    if pd.isna(kind):
        return 1.0
    if kind not in ("Ratio", "Symmetrical") or (
        pd.notna(trafo.tap_step_degree) and trafo.tap_step_degree != 0.0
    ):
        raise InputError(
            f"trafo {trafo.Index}: tap_changer_type is {kind!r} with tap_step_degree {trafo.tap_step_degree}, "
            "expected None, or 'Ratio' without an angle"
        )
    return 1.0 + float(trafo.tap_pos - trafo.tap_neutral) * float(trafo.tap_step_percent) / 100.0


def _known(rating_kva: float) -> float:
    return math.inf if math.isnan(rating_kva) else float(rating_kva)
