"""Zero intelligence within the budget (ZI-C): random offers that can't lose, over the rule's devices.

Gode, Sunder: Allocative efficiency of markets with zero-intelligence traders, J. Polit. Econ. 101:119, 1993.
"""

import numpy as np

from gridbid.agents.baselines.draws import RowKeys, row_key, row_keys
from gridbid.agents.baselines.row_policy import RowPolicy
from gridbid.agents.baselines.rows import Columns, Outlets, Plan, Rows, Singles, value, write_plan
from gridbid.agents.baselines.rule import NO_CURTAILMENT, NO_HEAT, full_power, self_consumption
from gridbid.agents.traders.streams import Streams, draw_share
from gridbid.market.kernel import kernel


class ZeroIntelligencePolicy(RowPolicy):
    """Quantity and limit are drawn evenly: up to the whole need, at any price between feed-in and retail less the fee.

    Sites run the rule's devices; a device with its own meter draws its set point from what it can do, and delivers its plan.
    """

    name = "zero_intelligence"

    def __init__(self) -> None:
        self._seed = 0

    def reset(self, seed: int) -> None:
        """Draws follow from ``seed`` and from what each row sees."""
        self._seed = seed

    def _decide(self, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
        _decide_rows(
            rows, columns, outlets, row_keys(self._seed, rows.values), np.zeros(1, np.uint64), actions
        )


@kernel
def _decide_rows(
    rows: Rows, columns: Columns, outlets: Outlets, keys: RowKeys, streams: Streams, actions: Singles
) -> None:
    for m in range(actions.shape[0]):
        streams[0] = row_key(keys, m)
        offer, limit, place = draw_share(streams, 0), draw_share(streams, 0), draw_share(streams, 0)
        charger = full_power(rows, columns, m)
        battery = self_consumption(rows, columns, m, charger)
        follow = 1.0 - value(rows, m, columns.car_plugged)
        if columns.net_forecast < 0:  # a device with its own meter
            battery = _between(
                value(rows, m, columns.battery_least), value(rows, m, columns.battery_most), place
            )
            charger = _between(value(rows, m, columns.car_least), value(rows, m, columns.car_most), place)
            follow = 0.0
        write_plan(outlets, actions, m, Plan(offer, limit, follow, battery, charger, NO_HEAT, NO_CURTAILMENT))


@kernel
def _between(least: float, most: float, share: float) -> float:
    return least + (most - least) * share
