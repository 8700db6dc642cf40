"""The rule-based yardstick (S = 0): greedy self-consumption, and truthful trading of the need that it leaves."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen
from gridbid.agents.baselines.row_policy import RowPolicy
from gridbid.agents.baselines.rows import (
    COLUMNS,
    Columns,
    Outlets,
    Plan,
    Rows,
    Singles,
    clipped,
    rows_of,
    value,
    write_plan,
)
from gridbid.market.kernel import kernel

Floats = NDArray[np.float64]

NO_HEAT, NO_CURTAILMENT = 0.0, 0.0
"""Heat pumps only keep comfort, which is served first whatever is planned; PV is never held back."""


class RulePolicy(RowPolicy):
    """Each site for itself.

    - The battery takes the forecast surplus and serves the forecast need, inside what it can do. A stand-alone battery
      has nothing behind its meter and stays idle.
    - Cars charge at full power on arrival, heat pumps keep comfort.
    - The whole need is offered at its true value: a buyer's is retail less the fee, a seller's the feed-in price.
    - Delivery follows the position, which without a trade is self-consumption; while a car charges it follows the plan,
      or the car would be cut back to what was bought.
    """

    name = "rule"

    def _decide(self, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
        _decide_rows(rows, columns, outlets, actions)


@kernel
def _decide_rows(rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
    for m in range(actions.shape[0]):
        charger = full_power(rows, columns, m)
        battery = self_consumption(rows, columns, m, charger)
        limit = true_limit(need_of(rows, columns, m, battery, charger))
        follow = 1.0 - value(rows, m, columns.car_plugged)
        plan = Plan(1.0, limit, follow, battery, charger, NO_HEAT, NO_CURTAILMENT)
        write_plan(outlets, actions, m, plan)


@kernel
def full_power(rows: Rows, columns: Columns, m: int) -> float:
    """Set point of the charge point that charges all it can, relative to its power."""
    return clipped(1.0, value(rows, m, columns.car_least), value(rows, m, columns.car_most))


@kernel
def self_consumption(rows: Rows, columns: Columns, m: int, charger: float) -> float:
    """Set point of the battery, relative to its power, that brings the site to 0 as far as it can."""
    battery_kw = value(rows, m, columns.battery_kw)
    other = (
        value(rows, m, columns.net_forecast)
        + value(rows, m, columns.charger_kw) * charger
        + value(rows, m, columns.heat_pump_kw) * value(rows, m, columns.heat_least)
    )
    wanted = -other / battery_kw if battery_kw > 0.0 else 0.0
    return clipped(wanted, value(rows, m, columns.battery_least), value(rows, m, columns.battery_most))


@kernel
def need_of(rows: Rows, columns: Columns, m: int, battery: float, charger: float) -> float:
    """The need g = forecast + planned energy - position that set points leave, as mean power relative to site_kw."""
    flexible = value(rows, m, columns.battery_kw) * battery + value(rows, m, columns.charger_kw) * charger
    heat = value(rows, m, columns.heat_pump_kw) * value(rows, m, columns.heat_least)
    return value(rows, m, columns.net_forecast) + flexible + heat - value(rows, m, columns.position)


@kernel
def true_limit(need: float) -> float:
    """The limit at which the supplier would do as well: retail less the fee for a need, feed-in for a surplus."""
    return 1.0 if need > 0.0 else 0.0


def rule_set_points(seen: Seen) -> dict[str, Floats]:
    """The rule's set points of battery and charge point, each relative to its own power, as they are feasible."""
    battery, charger = np.empty(seen.shape), np.empty(seen.shape)
    rows, columns = rows_of(seen.kind, seen.observations), COLUMNS[seen.kind]
    _set_points(rows, columns, battery.reshape(-1), charger.reshape(-1))
    return {"battery": battery, "charger": charger}


def need_share(seen: Seen, set_points: dict[str, Floats]) -> Floats:
    """`need_of` for arrays: the need that set points (communities, agents) of battery and charge point leave."""
    needs = np.empty(seen.shape)
    rows, columns = rows_of(seen.kind, seen.observations), COLUMNS[seen.kind]
    battery, charger = (
        np.ascontiguousarray(set_points[device], np.float64).reshape(-1) for device in ("battery", "charger")
    )
    _needs(rows, columns, battery, charger, needs.reshape(-1))
    return needs


@kernel
def _set_points(rows: Rows, columns: Columns, battery: Floats, charger: Floats) -> None:
    for m in range(battery.size):
        charger[m] = full_power(rows, columns, m)
        battery[m] = self_consumption(rows, columns, m, charger[m])


@kernel
def _needs(rows: Rows, columns: Columns, battery: Floats, charger: Floats, needs: Floats) -> None:
    for m in range(needs.size):
        needs[m] = need_of(rows, columns, m, battery[m], charger[m])
