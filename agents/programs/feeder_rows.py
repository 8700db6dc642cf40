"""The feeder's rows in a linear program: tangents of its power flow, added where a solution needs them."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.feeder_tangents import Tangents, branch_tangents
from gridbid.agents.programs.linear_program import ABSENT, value_of
from gridbid.agents.programs.meters import Meters
from gridbid.market.community import Community
from gridbid.market.types import Cost

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE_EUR = 0.5
"""What a solution may leave unpaid for overload, over all its slots."""
_LEAST_EXCESS_KVA = 1e-3


class FeederRows:
    """No branch carries more than its rating, but for an overload that is priced as in J; columns appear on demand."""

    def __init__(self, meters: Meters, community: Community) -> None:
        self._meters, self._program, self._community = meters, meters.program, community
        self._outlook = meters.outlook
        self._price = community.penalties.overload * community.rules.slot_h
        self._overload_kva = np.full(
            (self._outlook.net_kwh.shape[0], community.network.parent.size), ABSENT, np.int64
        )
        self._begin()

    def _begin(self) -> None:
        """Tangents of the transformer wherever devices could overfill it, where together they just fill it, both ways."""
        network, net_kwh = self._community.network, self._outlook.net_kwh
        transformer = network.parent == 0
        rating_kwh = float(network.rating_kva[transformer].sum()) * self._community.rules.slot_h
        for reach_kwh, sign in (
            (self._meters.most_kwh - net_kwh, 1.0),
            (net_kwh - self._meters.least_kwh, -1.0),
        ):
            room_kwh = rating_kwh - sign * net_kwh.sum(axis=1)
            total_kwh = reach_kwh.sum(axis=1)
            slots = np.flatnonzero((total_kwh > room_kwh) & (total_kwh > 0.0))
            share = sign * room_kwh[slots] / total_kwh[slots]
            filled_kwh = net_kwh[slots] + share[:, None] * reach_kwh[slots]
            tangents = branch_tangents(self._community, self._outlook, slots, filled_kwh)
            self._add(slots, filled_kwh, tangents, transformer & np.isfinite(tangents.branch_kva))

    def cut(self, net_kwh: Floats, solution: Floats) -> bool:
        """Add tangents where the meters' ``net_kwh`` (T, N) overload branches by more than the solution pays for.

        Returns whether that was worth while: more than TOLERANCE_EUR in all.
        """
        slots = np.arange(net_kwh.shape[0])
        tangents = branch_tangents(self._community, self._outlook, slots, net_kwh)
        paid_kva = value_of(self._overload_kva, solution)
        unpaid_kva = tangents.branch_kva - self._community.network.rating_kva - paid_kva
        if np.nansum(np.maximum(0.0, unpaid_kva)) * self._price <= TOLERANCE_EUR:
            return False
        self._add(slots, net_kwh, tangents, unpaid_kva > _LEAST_EXCESS_KVA)
        return True

    def _add(self, slots: Integers, net_kwh: Floats, tangents: Tangents, wanted: NDArray[np.bool_]) -> None:
        """Rows for the tangents at ``net_kwh`` (K, N) of the ``wanted`` points and branches (K, branches)."""
        points, buses = np.nonzero(wanted)
        slope, at = tangents.slope[points, buses], slots[points]
        excess_kva = tangents.branch_kva[points, buses] - self._community.network.rating_kva[buses]
        flexible_kwh = net_kwh[points] - self._outlook.net_kwh[at]
        rows = self._program.at_most((slope * flexible_kwh).sum(axis=1) - excess_kva)
        self._program.put_at_most(rows, self._overload_columns(at, buses), -1.0)
        self._meters.put_sum(rows, at, slope)

    def _overload_columns(self, slots: Integers, buses: Integers) -> Integers:
        """Columns of overloads in kVA, made where they are new; a slot and branch comes once in a call."""
        new = self._overload_kva[slots, buses] == ABSENT
        columns = self._program.columns(np.zeros(int(new.sum())), np.inf)
        self._program.price(Cost.VIOLATION, columns, self._price)
        self._overload_kva[slots[new], buses[new]] = columns
        return self._overload_kva[slots, buses]
