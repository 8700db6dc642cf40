"""The rules on whole arrays, as one writes them in NumPy: the yardstick for kernels, and their twin in tests.

Each takes one kind's observations by name and gives values in the ranges of the table of actions.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.baselines.smart_rule import CYCLE_CT, LEAN, LEAST_SHARE, ROUND_TRIP
from gridbid.agents.policy import Actions, Observations

Floats = NDArray[np.float64]
Values = dict[str, Floats | float]


def act_by_rule(observations: Observations) -> Actions:
    """Actions of `gridbid.agents.baselines.rule.RulePolicy`."""
    return {
        kind: unit_box(kind, rows.shape[:-1], rule(Seen(kind, rows))) for kind, rows in observations.items()
    }


def act_by_smart_rule(observations: Observations) -> Actions:
    """Actions of `gridbid.agents.baselines.smart_rule.SmartRulePolicy`."""
    return {
        kind: unit_box(kind, rows.shape[:-1], smart_rule(Seen(kind, rows)))
        for kind, rows in observations.items()
    }


def rule(seen: Seen) -> Values:
    """Greedy self-consumption, truthful trading."""
    return {**truthful(seen, *set_points(seen)), "follow": 1.0 - seen.get("car_plugged")}


def set_points(seen: Seen) -> tuple[Floats, Floats]:
    """The rule's battery and charge point."""
    charger = np.clip(1.0, seen.get("car_least"), seen.get("car_most"))
    heat = seen.get("heat_pump_kw") * seen.get("heat_least")
    other = seen.get("net_forecast") + seen.get("charger_kw") * charger + heat
    wanted = _divided(-other, seen.get("battery_kw"))
    return np.clip(wanted, seen.get("battery_least"), seen.get("battery_most")), charger


def need(seen: Seen, battery: Floats, charger: Floats) -> Floats:
    """The need that set points leave, relative to site_kw."""
    flexible = seen.get("battery_kw") * battery + seen.get("charger_kw") * charger
    heat = seen.get("heat_pump_kw") * seen.get("heat_least")
    return seen.get("net_forecast") + flexible + heat - seen["position"]


def truthful(seen: Seen, battery: Floats, charger: Floats) -> Values:
    """The whole need, offered at its true value."""
    limit = np.where(need(seen, battery, charger) > 0.0, 1.0, 0.0)
    return {"offer": 1.0, "limit": limit, "battery": battery, "charger": charger}


def smart_rule(seen: Seen) -> Values:
    """Batteries for neighbours, cars in the cheapest hours of their stay."""
    has, charger = seen.get("battery_kw") > 0.0, _cheapest_hours(seen)
    battery, limit = _neighbours_battery(seen)
    battery = np.where(has, battery, 0.0)
    values = truthful(seen, battery, charger)
    by_battery = has & (need(seen, battery, charger) * battery > 0.0)
    values["limit"] = np.where(by_battery, limit, values["limit"])
    return {**values, "follow": np.where(has, 1.0, 1.0 - seen.get("car_plugged"))}


def _cheapest_hours(seen: Seen) -> Floats:
    price = seen["retail_ct"]
    in_stay = np.arange(price.shape[-1]) < seen.get("car_departure")[..., None]
    cheaper = ((price < price[..., :1]) & in_stay).sum(axis=-1)
    wanted = np.clip(seen.get("car_due") - cheaper, 0.0, 1.0)
    return np.clip(wanted, seen.get("car_least"), seen.get("car_most"))


def _neighbours_battery(seen: Seen) -> tuple[Floats, Floats]:
    """Set point and limit; what it says about a seat without a battery means nothing."""
    price, site_kw = seen["retail_ct"], seen["site_kw"]
    power_kw = seen.get("battery_kw") * site_kw
    inflexible = seen.get("net_forecast") + seen.get("heat_pump_kw") * seen.get("heat_least")
    own_kw, net_kw = (seen["reading_2"] - inflexible) * site_kw, seen["community_net"]
    wanted = _divided(own_kw - LEAN * net_kw, power_kw)
    before = np.arange(price.shape[-1]) < 1 + np.argmin(price[..., 1:], axis=-1)[..., None]
    dearer = ((price > price[..., :1]) & before).sum(axis=-1)
    share = np.clip(_divided(net_kw - own_kw, power_kw), LEAST_SHARE, 1.0)
    waits = dearer * share >= seen.get("battery_soc") * seen.get("battery_hours")
    wanted = np.where((wanted < 0.0) & waits, 0.0, wanted)
    fee, feed_in = seen["fee_ct"], seen["feed_in_ct"]
    bid = (price.max(axis=-1) - fee) * ROUND_TRIP - CYCLE_CT - fee
    ask = (feed_in + fee) / ROUND_TRIP + CYCLE_CT
    limit = _limit_at(seen, np.where(wanted > 0.0, bid, ask))
    return np.clip(wanted, seen.get("battery_least"), seen.get("battery_most")), limit


def _limit_at(seen: Seen, price_ct: Floats) -> Floats:
    width_ct = seen["retail_ct"][..., 0] - seen["fee_ct"] - seen["feed_in_ct"]
    return np.clip(_divided(price_ct - seen["feed_in_ct"], width_ct), 0.0, 1.0)


def _divided(above: Floats, below: Floats) -> Floats:
    """0 where ``below`` isn't above 0."""
    return np.divide(above, below, out=np.zeros(np.shape(above)), where=below > 0.0)
