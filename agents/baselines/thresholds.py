"""Price thresholds: store and charge in the cheapest hours of the coming day, give back in its dearest, whoever needs it."""

from typing import NamedTuple

from gridbid.agents.baselines.row_policy import RowPolicy
from gridbid.agents.baselines.rows import (
    Columns,
    Outlets,
    Plan,
    Rows,
    Singles,
    clipped,
    value,
    value_at,
    write_plan,
)
from gridbid.agents.baselines.rule import NO_CURTAILMENT, NO_HEAT, need_of, true_limit
from gridbid.envs.signals.observe_published import HOURS
from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel


class Thresholds(NamedTuple):
    """Quantiles of the coming 24 hours' retail prices, 0 to 1, and a share of power."""

    charge_below: float = 0.1
    """Batteries charge while the price lies below this quantile ..."""
    discharge_above: float = 0.9
    """... and discharge while it lies above this one."""
    car_below: float = 0.1
    """Cars charge while the price lies below this quantile; else only what they must to be ready in time."""
    power: float = 0.5
    """Share of its power at which a battery charges: all of them see the same prices, and would charge together."""
    spread_ct: float = 15.0
    """Batteries charge only when an hour of the coming day costs so much more, ct/kWh: losses, wear and the fee have to be earned."""


class ThresholdsPolicy(RowPolicy):
    """Looks at nothing but announced prices and what its own devices can do.

    - A battery charges by plan, from whomever; it discharges as far as its site and its buyers take it, since what the
      supplier pays for the rest is less than it was bought for.
    - The whole need is offered at its true value, as by the rule.
    """

    name = "thresholds"

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """InputError names each threshold that isn't a share, and quantiles in the wrong order."""
        self.thresholds = Thresholds() if thresholds is None else thresholds
        _check(self.thresholds)

    def _decide(self, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
        _decide_rows(self.thresholds, rows, columns, outlets, actions)


def _check(thresholds: Thresholds) -> None:
    faults = [
        f"{name}={share}: it should lie in 0 to 1"
        for name, share in thresholds._asdict().items()
        if name != "spread_ct" and not 0.0 <= share <= 1.0
    ]
    if thresholds.charge_below > thresholds.discharge_above:
        faults.append(
            f"charge_below={thresholds.charge_below} lies above discharge_above={thresholds.discharge_above}"
        )
    if faults:
        raise InputError("thresholds: " + "; ".join(faults))


@kernel
def _decide_rows(
    thresholds: Thresholds, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles
) -> None:
    for m in range(actions.shape[0]):
        cheaper, dearer, spread_ct = _place_of_price(rows, columns, m)
        least, most = value(rows, m, columns.car_least), value(rows, m, columns.car_most)
        charger = clipped(1.0 if cheaper < thresholds.car_below else 0.0, least, most)
        wanted, follow = 0.0, 1.0 - value(rows, m, columns.car_plugged)
        if cheaper < thresholds.charge_below and spread_ct >= thresholds.spread_ct:
            wanted, follow = thresholds.power, 0.0
        elif dearer < 1.0 - thresholds.discharge_above:
            wanted = -1.0
        least, most = value(rows, m, columns.battery_least), value(rows, m, columns.battery_most)
        battery = clipped(wanted, least, most)
        limit = true_limit(need_of(rows, columns, m, battery, charger))
        write_plan(outlets, actions, m, Plan(1.0, limit, follow, battery, charger, NO_HEAT, NO_CURTAILMENT))


@kernel
def _place_of_price(rows: Rows, columns: Columns, m: int) -> tuple[float, float, float]:
    """Of the coming day's hours, the shares that are cheaper and dearer than the first; and by how much the dearest is."""
    now_ct = value(rows, m, columns.retail_ct)
    cheaper, dearer, dearest_ct = 0, 0, now_ct
    for h in range(1, HOURS):
        price_ct = value_at(rows, m, columns.retail_ct, h)
        cheaper += price_ct < now_ct
        dearer += price_ct > now_ct
        dearest_ct = max(dearest_ct, price_ct)
    return cheaper / HOURS, dearer / HOURS, dearest_ct - now_ct
