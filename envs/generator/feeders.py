"""Feeders of a generated community: a transformer each, strings of one cable, a home at every joint.

Cable and transformers are the standard types that German utilities lay most, with the figures that pandapower lists for
them. The medium voltage above is stiff: bus 0 holds its voltage whatever the feeders do.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network

BASE_KVA = 1_000.0
SOURCE_PU = 1.0
NOMINAL_KV = 0.4
NOMINAL_HZ = 50.0
STRINGS = 4
"""Cables that leave a transformer."""
SPACING_KM = 0.025
"""Cable from one home to the next."""
MOST_MEMBERS = 160
"""Of a feeder: strings of 40 homes are a kilometre long."""

_KVA_PER_MVA = 1_000.0
_IMPEDANCE_OHM = NOMINAL_KV**2 * _KVA_PER_MVA / BASE_KVA


class Cable(NamedTuple):
    """A cable, by the kilometre."""

    resistance_ohm: float
    reactance_ohm: float
    capacitance_nf: float
    current_ka: float


class Transformer(NamedTuple):
    """A transformer from 20 to 0.4 kV, in the words of its plate."""

    rating_kva: float
    short_circuit_percent: float
    copper_loss_percent: float
    iron_loss_kw: float
    no_load_percent: float


NAYY_4X150 = Cable(0.208, 0.080, 261.0, 0.270)
TRANSFORMERS = (
    Transformer(250.0, 6.0, 1.44, 0.8, 0.32),
    Transformer(400.0, 6.0, 1.425, 1.35, 0.3375),
    Transformer(630.0, 6.0, 1.206, 1.65, 0.2619),
)
KVA_PER_MEMBER = 5.0
"""What utilities reckon with for a home among many, with a heat pump or a charge point in some."""


def transformer_for(members: int) -> Transformer:
    """The smallest that is large enough for so many members, or the largest."""
    fitting = (t for t in TRANSFORMERS if t.rating_kva >= members * KVA_PER_MEMBER)
    return next(fitting, TRANSFORMERS[-1])


def lay_feeders(members: Sequence[int]) -> tuple[Network, NDArray[np.int64]]:
    """Feeders of so many members each, and the bus of every member in order of the feeders.

    Members of a feeder are dealt out to its strings one after another.
    """
    if not members or min(members) < 1 or max(members) > MOST_MEMBERS:
        raise InputError(
            f"members: {list(members)}; expected at least one feeder of 1 to {MOST_MEMBERS} each"
        )
    tree = _Tree()
    buses: list[int] = []
    for count in members:
        busbar = tree.add_transformer(transformer_for(count))
        ends = [busbar] * STRINGS
        for n in range(count):
            ends[n % STRINGS] = tree.add_cable(ends[n % STRINGS], NAYY_4X150, SPACING_KM)
            buses.append(ends[n % STRINGS])
    return tree.network(), np.array(buses)


class _Tree:
    """A network as it grows, branch by branch."""

    def __init__(self) -> None:
        self._parent, self._series_pu, self._rating_kva = [-1], [0.0 + 0.0j], [math.inf]
        self._shunt_pu = [0.0 + 0.0j]

    def add_transformer(self, transformer: Transformer) -> int:
        """A busbar below the source."""
        per_unit = BASE_KVA / transformer.rating_kva / 100.0
        resistance = transformer.copper_loss_percent * per_unit
        reactance = math.sqrt((transformer.short_circuit_percent * per_unit) ** 2 - resistance**2)
        conductance = transformer.iron_loss_kw / BASE_KVA
        admittance = transformer.no_load_percent / 100.0 * transformer.rating_kva / BASE_KVA
        susceptance = -math.sqrt(max(0.0, admittance**2 - conductance**2))  # plates are rounded
        series, shunt = complex(resistance, reactance), complex(conductance, susceptance)
        return self._add(0, series, shunt, transformer.rating_kva)

    def add_cable(self, parent: int, cable: Cable, length_km: float) -> int:
        """A joint at the end of a piece of cable."""
        series = complex(cable.resistance_ohm, cable.reactance_ohm) * length_km / _IMPEDANCE_OHM
        siemens = 2.0 * math.pi * NOMINAL_HZ * cable.capacitance_nf * 1e-9 * length_km
        rating_kva = math.sqrt(3.0) * NOMINAL_KV * cable.current_ka * _KVA_PER_MVA
        return self._add(parent, series, 1j * siemens * _IMPEDANCE_OHM, rating_kva)

    def network(self) -> Network:
        """What has grown."""
        series, shunt = np.array(self._series_pu), np.array(self._shunt_pu)
        return Network(
            parent=np.array(self._parent, np.int32),
            r_pu=series.real.copy(),
            x_pu=series.imag.copy(),
            g_pu=shunt.real.copy(),
            b_pu=shunt.imag.copy(),
            rating_kva=np.array(self._rating_kva),
            base_kva=BASE_KVA,
            source_pu=SOURCE_PU,
        )

    def _add(self, parent: int, series_pu: complex, shunt_pu: complex, rating_kva: float) -> int:
        """A pi branch: half of its shunt at either end."""
        self._parent.append(parent)
        self._series_pu.append(series_pu)
        self._rating_kva.append(rating_kva)
        self._shunt_pu.append(shunt_pu / 2.0)
        self._shunt_pu[parent] += shunt_pu / 2.0
        return len(self._parent) - 1
