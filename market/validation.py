"""The edge of the core: what enters is looked at once, here, and every fault is told; the kernels check nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.errors import InputError
from gridbid.market.grid.network import validate
from gridbid.market.units import MAX_QUANTITY_WH
from gridbid.market.validation_faults import FINITE, Faults
from gridbid.market.validation_series import check_fit, check_series
from gridbid.market.validation_tables import (
    check_devices,
    check_losses,
    check_penalties,
    check_rules,
    check_sites,
)


def check_community(community: Community) -> None:
    """Refuse a community that the kernels can't run on: one InputError names every fault."""
    faults = Faults()
    try:
        validate(community.network)
    except InputError as error:
        faults.add("network", "faulty", f"a tree with its source first; it is {error}")
    n_participants, n_buses = np.size(community.sites.bus), np.size(community.network.parent)
    if n_participants == 0:
        faults.add("sites.bus", "empty", "at least one participant")
    check_sites(community.sites, n_buses, n_participants, faults)
    check_penalties(community.penalties, faults)
    faults.check_number("load_tan_phi", community.load_tan_phi, FINITE)
    rules, devices = community.rules, community.devices
    sound_rules = check_rules(rules, faults)
    sound_devices = check_devices(devices, n_participants, faults)
    if "slot_h" in sound_rules and "heat_loss_per_h" in sound_devices:
        check_losses(devices, rules.slot_h, faults)
    slots_per_day = rules.slots_per_day if "slots_per_day" in sound_rules else 96
    sound_series = check_series(community.series, n_participants, slots_per_day, faults)
    check_fit(community.series, devices, sound_series, sound_devices, faults)
    faults.raise_any("the community can't be simulated")


def check_orders(
    side: NDArray[Any], tick: NDArray[Any], quantity_wh: NDArray[Any], community: Community
) -> None:
    """Refuse a round's raw orders, integers (B, N) each, that can't be orders: one InputError names every fault.

    A quantity of 0 is no order, and its side and tick are as good as any.
    """
    faults, orders = Faults(), {"side": side, "tick": tick, "quantity_wh": quantity_wh}
    if _are_alike(orders, community.n_participants, faults):
        is_order = quantity_wh != 0
        n_ticks = community.rules.n_ticks
        wrong = is_order & ((side < 0) | (side > 1))
        faults.add_where("side", side, wrong, "0 (buy) or 1 (sell)")
        wrong = is_order & ((tick < 0) | (tick >= n_ticks))
        faults.add_where("tick", tick, wrong, f"an integer from 0 to {n_ticks - 1}")
        wrong = (quantity_wh < 0) | (quantity_wh >= MAX_QUANTITY_WH)
        faults.add_where("quantity_wh", quantity_wh, wrong, f"an integer from 0 to {MAX_QUANTITY_WH - 1}")
    faults.raise_any("these orders can't be placed")


def _are_alike(orders: Mapping[str, NDArray[Any]], n_participants: int, faults: Faults) -> bool:
    """Whether all are integers of one shape (B, N)."""
    batch = np.shape(orders["side"])[:1]
    alike = True
    for name, values in orders.items():
        is_integer = isinstance(values, np.ndarray) and np.issubdtype(values.dtype, np.integer)
        if not is_integer or len(batch) != 1 or values.shape != (*batch, n_participants):
            kind = getattr(values, "dtype", type(values).__name__)
            shape = f"(B, {n_participants})" if name == "side" else "the shape of side, (B, N)"
            faults.add(name, f"{kind} of shape {np.shape(values)}", f"integers of {shape}")
            alike = False
    return alike
