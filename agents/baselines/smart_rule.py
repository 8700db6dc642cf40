"""A rule for neighbours: batteries serve their surplus and their deficit, cars charge in the cheapest hours of their stay."""

from typing import NamedTuple

from gridbid.agents.baselines.row_policy import RowPolicy
from gridbid.agents.baselines.rows import (
    Columns,
    Outlets,
    Plan,
    Rows,
    Singles,
    clipped,
    limit_at,
    value,
    value_at,
    write_plan,
)
from gridbid.agents.baselines.rule import NO_CURTAILMENT, NO_HEAT, need_of, true_limit
from gridbid.envs.signals.observe_published import HOURS
from gridbid.market.kernel import kernel

LEAN = 0.25
"""Of what the community still lacks or gives away, the part that a battery takes on beside what it does already. How many
others do the same it can't know; what they offer too much nobody buys."""

LEAST_SHARE = 0.1
"""Of its power, what a battery counts on selling in an hour at least when it asks how long its store would last."""

ROUND_TRIP, CYCLE_CT = 0.9, 5.5
"""What a typical battery gives back of what it stored, and what it wears per kWh stored and given back, in ct."""


class SmartRulePolicy(RowPolicy):
    """Sees what any participant sees, and asks for nothing in return.

    - A battery leans against the community's net load, which shows what others do two slots later: it goes on with what
      it did then, and changes it little by little, or all would swing together.
    - It sells from its store in the dearest hours before the next cheapest one, and follows its position: beside its own
      site it serves what neighbours buy and stores what they sell. The supplier neither fills nor empties it.
    - It bids what the store's content will bring, and asks what filling it up again will cost: so neighbours with a
      need or a surplus of their own, who trade at their true value, go first.
    - A car charges when no more hours of its stay are cheaper than it needs.
    """

    name = "smart_rule"

    def _decide(self, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
        _decide_rows(rows, columns, outlets, actions)


class Storing(NamedTuple):
    """What a battery sets out to do: its set point relative to its power, and the limit of that trade."""

    battery: float
    limit: float


@kernel
def _decide_rows(rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
    for m in range(actions.shape[0]):
        charger = cheapest_hours(rows, columns, m)
        battery, limit, follow = 0.0, 0.0, 1.0 - value(rows, m, columns.car_plugged)
        if value(rows, m, columns.battery_kw) > 0.0:
            storing = neighbours_battery(rows, columns, m)
            battery, limit, follow = storing.battery, storing.limit, 1.0
        need = need_of(rows, columns, m, battery, charger)
        if need * battery <= 0.0:  # what is traded isn't the battery's doing
            limit = true_limit(need)
        write_plan(outlets, actions, m, Plan(1.0, limit, follow, battery, charger, NO_HEAT, NO_CURTAILMENT))


@kernel
def cheapest_hours(rows: Rows, columns: Columns, m: int) -> float:
    """Set point of the charge point: the share of this hour that the car needs once all cheaper hours of its stay are used."""
    stay_h, now_ct = value(rows, m, columns.car_departure), value(rows, m, columns.retail_ct)
    cheaper_h = 0
    for h in range(HOURS):
        if h < stay_h and value_at(rows, m, columns.retail_ct, h) < now_ct:
            cheaper_h += 1
    wanted = clipped(value(rows, m, columns.car_due) - cheaper_h, 0.0, 1.0)
    return clipped(wanted, value(rows, m, columns.car_least), value(rows, m, columns.car_most))


@kernel
def neighbours_battery(rows: Rows, columns: Columns, m: int) -> Storing:
    """What row m's battery, which it has, does for the community."""
    site_kw = value(rows, m, columns.site_kw)
    power_kw = value(rows, m, columns.battery_kw) * site_kw
    heat = value(rows, m, columns.heat_pump_kw) * value(rows, m, columns.heat_least)
    inflexible = value(rows, m, columns.net_forecast) + heat
    own_kw = (value(rows, m, columns.reading_2) - inflexible) * site_kw
    net_kw = value(rows, m, columns.community_net)
    wanted = (own_kw - LEAN * net_kw) / power_kw
    if wanted < 0.0 and _waits(rows, columns, m, (net_kw - own_kw) / power_kw):
        wanted = 0.0
    fee_ct, feed_in_ct = value(rows, m, columns.fee_ct), value(rows, m, columns.feed_in_ct)
    if wanted > 0.0:
        price_ct = (_dearest_ct(rows, columns, m) - fee_ct) * ROUND_TRIP - CYCLE_CT - fee_ct
    else:
        price_ct = (feed_in_ct + fee_ct) / ROUND_TRIP + CYCLE_CT
    least, most = value(rows, m, columns.battery_least), value(rows, m, columns.battery_most)
    return Storing(clipped(wanted, least, most), limit_at(rows, columns, m, price_ct))


@kernel
def _waits(rows: Rows, columns: Columns, m: int, share: float) -> bool:
    """Whether the store, sold at ``share`` of its power, won't outlast the dearer hours before the next cheapest one."""
    now_ct, cheapest = value(rows, m, columns.retail_ct), 1
    for h in range(2, HOURS):
        price_ct = value_at(rows, m, columns.retail_ct, h)
        if price_ct < value_at(rows, m, columns.retail_ct, cheapest):
            cheapest = h
    dearer_h = 0
    for h in range(1, cheapest):
        if value_at(rows, m, columns.retail_ct, h) > now_ct:
            dearer_h += 1
    stored_h = value(rows, m, columns.battery_soc) * value(rows, m, columns.battery_hours)
    return dearer_h * clipped(share, LEAST_SHARE, 1.0) >= stored_h


@kernel
def _dearest_ct(rows: Rows, columns: Columns, m: int) -> float:
    """The highest retail price of the coming day."""
    dearest_ct = value(rows, m, columns.retail_ct)
    for h in range(1, HOURS):
        dearest_ct = max(dearest_ct, value_at(rows, m, columns.retail_ct, h))
    return dearest_ct
