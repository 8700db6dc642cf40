"""The rule-based yardstick (S = 0): greedy self-consumption, and truthful trading of the need that it leaves."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import METERED

Floats = NDArray[np.float64]


class RulePolicy:
    """Each site for itself.

    - The battery takes the forecast surplus and serves the forecast need, inside what it can do. A stand-alone battery
      has nothing behind its meter and stays idle.
    - Cars charge at full power on arrival, heat pumps keep comfort.
    - The whole need is offered at its true value: a buyer's is retail less the fee, a seller's the feed-in price.
    - Delivery follows the position, which without a trade is self-consumption; while a car charges it follows the plan,
      or the car would be cut back to what was bought.
    """

    name = "rule"

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered kind that is asked for."""
        return {kind: self._act(Seen(kind, rows)) for kind, rows in observations.items() if kind in METERED}

    def _act(self, seen: Seen) -> NDArray[np.float32]:
        set_points = rule_set_points(seen)
        need = need_share(seen, set_points)
        limit = np.where(need > 0.0, 1.0, 0.0)
        follow = 1.0 - seen.get("car_plugged")
        return unit_box(seen.kind, seen.shape, {**set_points, "offer": 1.0, "limit": limit, "follow": follow})


def rule_set_points(seen: Seen) -> dict[str, Floats]:
    """The rule's set points of battery and charge point, each relative to its own power, as they are feasible."""
    charger = np.clip(1.0, seen.get("car_least"), seen.get("car_most"))
    other = (
        seen.get("net_forecast")
        + seen.get("charger_kw") * charger
        + seen.get("heat_pump_kw") * seen.get("heat_least")
    )
    battery_kw = seen.get("battery_kw")
    wanted = np.divide(-other, battery_kw, out=np.zeros(seen.shape), where=battery_kw > 0.0)
    battery = np.clip(wanted, seen.get("battery_least"), seen.get("battery_most"))
    return {"battery": battery, "charger": charger}


def need_share(seen: Seen, set_points: dict[str, Floats]) -> Floats:
    """The need g = forecast + planned energy - position that set points leave, as mean power relative to site_kw."""
    flexible = seen.get("battery_kw") * set_points["battery"] + seen.get("charger_kw") * set_points["charger"]
    heat = seen.get("heat_pump_kw") * seen.get("heat_least")
    return seen.get("net_forecast") + flexible + heat - seen["position"]
