"""The feeder's rows in a linear program: tangents of its power flow, added where a solution needs them."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.device_blocks import Flow
from gridbid.agents.baselines.feeder_tangents import branch_tangents
from gridbid.agents.baselines.linear_program import ABSENT, LinearProgram, value_of
from gridbid.agents.baselines.outlook import Outlook
from gridbid.market.community import Community
from gridbid.market.types import Cost

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCE_KVA = 0.02
"""Overload beyond what a solution pays for that is left alone."""


class FeederRows:
    """No branch carries more than its rating, but for an overload that is priced as in J; columns appear on demand."""

    def __init__(
        self, program: LinearProgram, community: Community, outlook: Outlook, flows: tuple[Flow, ...]
    ) -> None:
        self._program, self._community, self._outlook, self._flows = program, community, outlook, flows
        self._overload_kva = np.full(
            (outlook.net_kwh.shape[0], community.network.parent.size), ABSENT, np.int64
        )

    def begin(self, least_kwh: Floats, most_kwh: Floats) -> None:
        """Tangents of the transformer wherever devices could overfill it, where together they just fill it, both ways.

        ``least_kwh`` and ``most_kwh`` (T, N) bracket the meters.
        """
        network, net_kwh = self._community.network, self._outlook.net_kwh
        transformer = network.parent == 0
        rating_kwh = float(network.rating_kva[transformer].sum()) * self._community.rules.slot_h
        for reach_kwh, sign in ((most_kwh - net_kwh, 1.0), (net_kwh - least_kwh, -1.0)):
            room_kwh = rating_kwh - sign * net_kwh.sum(axis=1)
            total_kwh = reach_kwh.sum(axis=1)
            slots = np.flatnonzero((total_kwh > room_kwh) & (total_kwh > 0.0))
            share = sign * room_kwh[slots] / total_kwh[slots]
            self._add(slots, net_kwh[slots] + share[:, None] * reach_kwh[slots], transformer)

    def cut(self, net_kwh: Floats, solution: Floats) -> bool:
        """Add tangents where the meters' ``net_kwh`` (T, N) overload branches by more than the solution pays for.

        Returns whether there were any.
        """
        paid_kva = value_of(self._overload_kva, solution)
        every = np.ones(self._overload_kva.shape[1], np.bool_)
        return self._add(np.arange(net_kwh.shape[0]), net_kwh, every, paid_kva + TOLERANCE_KVA)

    def _add(
        self, slots: Integers, net_kwh: Floats, branches: NDArray[np.bool_], known_kva: Floats | None = None
    ) -> bool:
        """Tangents at ``net_kwh`` (K, N) of the chosen branches; with ``known_kva`` (K, branches) only above it."""
        tangents = branch_tangents(self._community, self._outlook, slots, net_kwh)
        excess_kva = tangents.branch_kva - self._community.network.rating_kva
        wanted = branches & ((excess_kva > known_kva) if known_kva is not None else np.isfinite(excess_kva))
        points, buses = np.nonzero(wanted)
        slope, at = tangents.slope[points, buses], slots[points]
        flexible_kwh = net_kwh[points] - self._outlook.net_kwh[at]
        rows = self._program.at_most((slope * flexible_kwh).sum(axis=1) - excess_kva[points, buses])
        self._program.put_at_most(rows, self._overload_columns(at, buses), -1.0)
        for flow in self._flows:
            self._program.put_at_most(rows[:, None], flow.take[at], slope)
            self._program.put_at_most(rows[:, None], flow.give[at], -slope)
        return points.size > 0

    def _overload_columns(self, slots: Integers, buses: Integers) -> Integers:
        """Columns of overloads in kVA, made where they are new; a slot and branch comes once in a call."""
        new = self._overload_kva[slots, buses] == ABSENT
        columns = self._program.columns(np.zeros(int(new.sum())), np.inf)
        price = self._community.penalties.overload * self._community.rules.slot_h
        self._program.price(Cost.VIOLATION, columns, price)
        self._overload_kva[slots[new], buses[new]] = columns
        return self._overload_kva[slots, buses]
