"""Operating envelopes: how much each member may import and export in a slot so that no combination violates a limit.

Some members may import while others export; what is granted is safe at every corner and inside (``load_box``). Against
under-voltage the linear model is optimistic; the margin is the loss bound of ``load_box``, which is a quadratic of the limits.
Balanced: an unbalanced feeder sees worse voltages.
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.errors import InputError
from gridbid.market.grid.allocations import Limits, by_weight, for_throughput
from gridbid.market.grid.feeder_room import FeederRoom
from gridbid.market.grid.limits import HIGHEST_PU, LOWEST_PU
from gridbid.market.grid.load_box import LoadBox
from gridbid.market.grid.network import Network, validate
from gridbid.market.grid.sensitivities import linear_flow
from gridbid.market.units import WH_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Allocation = Literal["equal", "proportional", "throughput"]

_SHOWN = 3
"""Slots that an error names one by one."""


class Background(NamedTuple):
    """What is on the buses whatever the members' active power is: (n_buses,), or (T, n_buses) if it varies by slot.

    - ``kw``: inflexible load beside the members.
    - ``least_kvar``, ``most_kvar``: interval of all reactive power, the members' included. Members at a fixed tan phi
      of their connection's power c have -tan phi · c to tan phi · c.
    """

    kw: ArrayLike = 0.0
    least_kvar: ArrayLike = 0.0
    most_kvar: ArrayLike = 0.0


class Envelopes(NamedTuple):
    """Limits by member, and what they can lead to: (N,) and (), or (T, N) and (T,) if the background varies by slot.

    - ``import_limit_wh``, ``export_limit_wh``: int64, Wh a slot, rounded down.
    - ``lowest_pu``, ``highest_pu``: no voltage leaves these, whatever the members do.
    - ``loading``: no branch exceeds this share of its rating; 0 where no rating is known.
    - ``margin_pu``: kept against under-voltage, by how much LinDistFlow puts the lowest voltage above ``lowest_pu``.
    """

    import_limit_wh: Integers
    export_limit_wh: Integers
    lowest_pu: Floats
    highest_pu: Floats
    loading: Floats
    margin_pu: Floats


def operating_envelopes(
    network: Network,
    bus: ArrayLike,
    import_connection_kw: ArrayLike,
    export_connection_kw: ArrayLike,
    *,
    slot_h: float,
    allocation: Allocation = "equal",
    weights: ArrayLike | None = None,
    background: Background = Background(),  # noqa: B008  # a record of constants
    lowest_pu: float = LOWEST_PU,
    highest_pu: float = HIGHEST_PU,
) -> Envelopes:
    """Envelopes of N members connected at ``bus`` (N,), at most their connections' ratings (N,), kW.

    - ``equal``: the same for everyone, capped by the connection.
    - ``proportional``: to ``weights`` (N,), or to the connection's rating.
    - ``throughput``: the greatest sum over members and directions; among those the greatest least share of a connection.

    InputError lists every fault, and the slots in which the background alone violates a limit.
    """
    loads = [np.asarray(load, np.float64) for load in background]
    members = [np.asarray(values) for values in (bus, import_connection_kw, export_connection_kw)]
    given_weights = None if weights is None else np.asarray(weights, np.float64)
    faults = [
        *_network_faults(network),
        *_member_faults(network, *members),
        *_background_faults(network, loads),
        *_setting_faults(slot_h, lowest_pu, highest_pu, allocation),
        *_weight_faults(given_weights, members[0].size, allocation),
    ]
    if faults:
        raise InputError("no operating envelopes: " + "; ".join(faults))
    room = _room(network, members, loads, slot_h, (lowest_pu, highest_pu))
    _check_background(room)
    limits = _allocate(room, allocation, given_weights)
    envelopes = _report(room, limits)
    varies = max(load.ndim for load in loads) == 2
    return envelopes if varies else Envelopes(*(values[0] for values in envelopes))


def _room(
    network: Network,
    members: list[NDArray[Any]],
    loads: list[Floats],
    slot_h: float,
    band: tuple[float, float],
) -> FeederRoom:
    n_slots = max(load.shape[0] if load.ndim == 2 else 1 for load in loads)
    kw, least_kvar, most_kvar = (np.broadcast_to(load, (n_slots, network.parent.size)) for load in loads)
    bus, import_kw, export_kw = members
    import_wh, export_wh = (
        np.floor(power.astype(np.float64) * slot_h * WH_PER_KWH).astype(np.int64)
        for power in (import_kw, export_kw)
    )
    standing = LoadBox(kw, kw, least_kvar, most_kvar)
    return FeederRoom(network, bus.astype(np.int64), import_wh, export_wh, standing, *band, slot_h)


def _allocate(room: FeederRoom, allocation: Allocation, weights: Floats | None) -> Limits:
    if allocation == "throughput":
        return for_throughput(room)
    if allocation == "equal":
        weights = np.ones(room.bus.size)
    if weights is not None:
        return by_weight(room, weights, weights)
    return by_weight(
        room, room.import_connection_wh.astype(np.float64), room.export_connection_wh.astype(np.float64)
    )


def _report(room: FeederRoom, limits: Limits) -> Envelopes:
    bounds = room.bounds(*limits)
    buses = range(1, room.network.parent.size)
    lowest, linear = bounds.lowest_pu[:, buses], _linear_lowest_pu(room, limits)[:, buses]
    at_lowest = np.arange(room.n_slots), lowest.argmin(axis=1)
    return Envelopes(
        import_limit_wh=limits[0],
        export_limit_wh=limits[1],
        lowest_pu=lowest[at_lowest],
        highest_pu=bounds.highest_pu[:, buses].max(axis=1),
        loading=(bounds.branch_kva / room.network.rating_kva).max(axis=1),
        margin_pu=linear[at_lowest] - lowest[at_lowest],
    )


def _linear_lowest_pu(room: FeederRoom, limits: Limits) -> Floats:
    """LinDistFlow where everybody imports all it may, (T, n_buses)."""
    box = room.box(*limits)
    return linear_flow(room.network, box.most_kw, box.most_kvar).voltage_pu


def _check_background(room: FeederRoom) -> None:
    """InputError when limits of 0 don't fit: then no envelope can keep the feeder safe."""
    nothing = np.zeros((room.n_slots, room.bus.size), np.int64)
    bad = np.flatnonzero(~room.holds(nothing, nothing))
    if not bad.size:
        return
    bounds, shown = room.bounds(nothing, nothing), []
    for t in bad[:_SHOWN]:
        lowest, highest = bounds.lowest_pu[t, 1:].min(), bounds.highest_pu[t, 1:].max()
        loading = (bounds.branch_kva[t] / room.network.rating_kva).max()
        shown.append(f"slot {t}: voltages {lowest:.4f} to {highest:.4f} pu, loading {loading:.1%}")
    more = f"; and {bad.size - _SHOWN} more slots" if bad.size > _SHOWN else ""
    raise InputError(
        "no operating envelopes: background alone violates the feeder's limits, expected at most "
        f"{room.lowest_pu:g} to {room.highest_pu:g} pu and 100 % loading; " + "; ".join(shown) + more
    )


def _network_faults(network: Network) -> list[str]:
    try:
        validate(network)
    except InputError as error:
        return [str(error)]
    faults = [] if network.parent.size > 1 else ["network has no bus but the source, expected a branch"]
    for name in ("r_pu", "x_pu"):
        values = getattr(network, name)
        faults += [
            f"{name}[{bus}] is {values[bus]}, expected at least 0: a negative one would raise voltages under load"
            for bus in np.flatnonzero(values < 0.0)
        ]
    return faults


def _member_faults(
    network: Network, bus: NDArray[Any], import_kw: NDArray[Any], export_kw: NDArray[Any]
) -> list[str]:
    if bus.ndim != 1 or bus.size == 0 or not np.issubdtype(bus.dtype, np.integer):
        return [f"bus has shape {bus.shape} of {bus.dtype}, expected whole numbers (N,), N at least 1"]
    n_buses = np.size(network.parent)
    faults = [
        f"bus[{i}] is {bus[i]}, expected a bus of the network, 0 to {n_buses - 1}"
        for i in np.flatnonzero((bus < 0) | (bus >= n_buses))
    ]
    faults += _amount_faults("import_connection_kw", import_kw, bus.size)
    return faults + _amount_faults("export_connection_kw", export_kw, bus.size)


def _weight_faults(weights: Floats | None, n_members: int, allocation: str) -> list[str]:
    if weights is None:
        return []
    if allocation != "proportional":
        return [f"weights are given for the allocation {allocation!r}, expected none but for 'proportional'"]
    return _amount_faults("weights", weights, n_members)


def _amount_faults(name: str, values: NDArray[Any], n_members: int) -> list[str]:
    if values.shape != (n_members,) or not np.issubdtype(values.dtype, np.number):
        return [
            f"{name} has shape {values.shape} of {values.dtype}, expected numbers ({n_members},) as bus has"
        ]
    amounts = values.astype(np.float64)
    return [
        f"{name}[{i}] is {amounts[i]}, expected a finite number, at least 0"
        for i in np.flatnonzero(~((amounts >= 0.0) & np.isfinite(amounts)))
    ]


def _background_faults(network: Network, loads: list[Floats]) -> list[str]:
    n_buses = np.size(network.parent)
    n_slots = max([load.shape[0] for load in loads if load.ndim == 2], default=1)
    faults = []
    for name, load in zip(Background._fields, loads, strict=True):
        if load.shape not in ((), (n_buses,), (n_slots, n_buses)):
            expected = f"({n_buses},) or (T, {n_buses}), the same T for all"
            faults.append(f"background.{name} has shape {load.shape}, expected {expected}")
        elif not np.isfinite(load).all():
            faults.append(f"background.{name} holds {load[~np.isfinite(load)][0]}, expected finite numbers")
    if n_slots == 0:
        faults.append("background has no slots, expected at least one")
    if not faults and (loads[1] > loads[2]).any():
        faults.append("background.least_kvar is above most_kvar somewhere, expected at most as much")
    return faults


def _setting_faults(slot_h: float, lowest_pu: float, highest_pu: float, allocation: str) -> list[str]:
    faults = []
    if not 0.0 < slot_h < np.inf:
        faults.append(f"slot_h is {slot_h}, expected above 0")
    if not 0.0 < lowest_pu < highest_pu < np.inf:
        faults.append(
            f"lowest_pu and highest_pu are {lowest_pu}, {highest_pu}, expected 0 < lowest < highest"
        )
    if allocation not in get_args(Allocation):
        faults.append(f"allocation is {allocation!r}, expected one of {', '.join(get_args(Allocation))}")
    return faults
