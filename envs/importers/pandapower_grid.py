"""A radial pandapower (or SimBench) low-voltage net as a :class:`Network`.

It is the model that ``pandapower.runpp(net, trafo_model="pi", calculate_voltage_angles=False)`` solves:

- Lines and transformers are pi branches, half of the charging or of the magnetising branch at either end.
- A closed switch between two buses makes them one. An open switch at a line or a transformer, or a bus out of service
  at its end, leaves that end open: a bus of its own, without loads.
- Tap changers count as delivered: without a ``tap_changer_type``, as in all SimBench nets, ``tap_pos`` is ignored (by
  pandapower as well); type "Ratio" shifts the ratio by (tap_pos - tap_neutral) steps.
- Above a transformer all is referred to its lower side: bus 0 has the source's voltage over the ratio. With the
  nominal ratio, the usual case, that makes no difference.

Loads and generators aren't taken over. Buses without a path to the source are left out.
"""

import math
from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridbid.envs.importers.pandapower_branches import Branch, Nodes, branches
from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network, validate

if TYPE_CHECKING:
    from pandapower import pandapowerNet

NOT_MODELLED = (
    *("trafo3w", "impedance", "shunt", "ward", "xward", "gen", "dcline", "line_dc"),
    *("tcsc", "svc", "ssc", "vsc", "b2b_vsc", "vsc_stacked", "vsc_bipolar"),
)


class _Bus(NamedTuple):
    """A bus of the tree: its node, the bus above it and the branch from there; for the source -1 and None."""

    node: int
    parent: int
    branch: Branch | None


def network_from_pandapower(net: "pandapowerNet") -> tuple[Network, dict[int, int]]:
    """The net as a Network, and the Network's bus for each of the net's buses that has a path to the source.

    ValueError if the net is meshed, has no single source, or has something in service that a Network can't hold.
    """
    _refuse_not_modelled(net)
    nodes = Nodes(net)
    source, source_pu = _source(net, nodes)
    tree = _tree(branches(net, nodes), source)
    network = _network(tree, net.sn_mva * 1000.0, source_pu / _ratio_at_source(tree))
    validate(network)
    buses = nodes.buses_by_node()
    return network, {
        bus: position for position, entry in enumerate(tree) for bus in buses.get(entry.node, [])
    }


def _refuse_not_modelled(net: "pandapowerNet") -> None:
    for table in NOT_MODELLED:
        if table not in net:
            continue
        found = net[table].index[net[table].in_service.astype(bool)].tolist()
        if found:
            raise InputError(
                f"{table} {found}: in service, expected none: only lines and transformers are modelled"
            )
    if "tap_changer_type" not in net.trafo:
        raise InputError(
            "trafo.tap_changer_type: missing, expected a net of pandapower 3: pandapower.convert_format(net) makes one"
        )


def _source(net: "pandapowerNet", nodes: Nodes) -> tuple[int, float]:
    """Node and voltage (pu) of the only external grid."""
    grids = net.ext_grid[net.ext_grid.in_service.astype(bool)]
    if len(grids) != 1:
        raise InputError(
            f"ext_grid {grids.index.tolist()}: {len(grids)} in service, expected exactly one source"
        )
    grid = grids.iloc[0]
    node = nodes.of_bus(int(grid.bus))
    if node is None:
        raise InputError(
            f"ext_grid {grids.index[0]}: bus {grid.bus} is out of service, expected one in service"
        )
    return node, float(grid.vm_pu)


def _tree(found: list[Branch], source: int) -> list[_Bus]:
    """Buses from the source down, each after the one that feeds it."""
    at_node = defaultdict(list)
    for branch in found:
        for node in branch.ends:
            at_node[node].append(branch)
    tree = [_Bus(source, -1, None)]
    reached = {source}
    waiting = deque([0])
    while waiting:
        parent = waiting.popleft()
        above = tree[parent]
        for branch in at_node[above.node]:
            if branch is above.branch:
                continue
            node = branch.ends[1] if branch.ends[0] == above.node else branch.ends[0]
            if node in reached:
                raise InputError(
                    f"{branch.name}: closes a loop, expected a radial net: open a switch in the loop"
                )
            reached.add(node)
            waiting.append(len(tree))
            tree.append(_Bus(node, parent, branch))
    return tree


def _ratio_at_source(tree: list[_Bus]) -> float:
    """The ratio that all branches at the source share; below it there must be nominal ratios alone."""
    ratios = {}
    for bus in tree:
        if bus.branch is None:
            continue
        if bus.parent == 0 and bus.branch.ends[0] == tree[0].node:
            ratios[bus.branch.name] = bus.branch.ratio
        elif not math.isclose(bus.branch.ratio, 1.0, rel_tol=1e-12):
            raise InputError(
                f"{bus.branch.name}: off-nominal ratio {bus.branch.ratio}, expected 1, or its upper side at the source"
            )
    ratio = next(iter(ratios.values()), 1.0)
    if not all(math.isclose(other, ratio, rel_tol=1e-12) for other in ratios.values()):
        raise InputError(f"branches at the source: ratios {ratios}, expected the same for all")
    return ratio


def _network(tree: list[_Bus], base_kva: float, source_pu: float) -> Network:
    z_pu, y_pu = np.zeros(len(tree), np.complex128), np.zeros(len(tree), np.complex128)
    rating_kva = np.full(len(tree), np.inf)
    for position, (_, parent, branch) in enumerate(tree):
        if branch is None:
            continue
        z_pu[position] = branch.z_pu
        y_pu[position] += branch.y_pu / 2.0
        y_pu[parent] += branch.y_pu / 2.0
        rating_kva[position] = branch.rating_kva
    return Network(
        parent=np.array([bus.parent for bus in tree], np.int32),
        r_pu=z_pu.real.copy(),
        x_pu=z_pu.imag.copy(),
        g_pu=y_pu.real.copy(),
        b_pu=y_pu.imag.copy(),
        rating_kva=rating_kva,
        base_kva=float(base_kva),
        source_pu=source_pu,
    )
