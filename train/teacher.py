"""A teacher for warm starts: cars in the cheapest hours of their stay, batteries against the community's net load."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.baselines.rule import need_share
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import METERED

Floats = NDArray[np.float64]

KEPT, GAIN = 0.8, 0.25
"""Of the last set point that is kept, and of the community's net load, in own ratings, that is set against it."""

DISCHARGE_ABOVE = 0.95
"""Stored energy is kept for hours that cost at least so much of the coming day's mean."""

SURPLUS_KW = 40.0
"""A community that gives so much feeds its cars."""


class CommunityTeacher:
    """Sees what any participant sees, and asks for nothing in return.

    - A car charges when no more hours of its stay are cheaper than it needs, or when the community has much to spare.
    - A battery follows the negative of the community's net load, which shows what others do two slots later: it changes
      its set point little by little, or all would swing together.
    - The whole need is offered at its true value; sites with a battery follow their position.
    """

    name = "teacher"

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered kind that is asked for."""
        return {kind: _act(Seen(kind, rows)) for kind, rows in observations.items() if kind in METERED}


def _act(seen: Seen) -> NDArray[np.float32]:
    set_points = {"charger": _charger(seen), "battery": _battery(seen)}
    limit = np.where(need_share(seen, set_points) > 0.0, 1.0, 0.0)
    follow = np.where(seen.get("battery_kw") > 0.0, 1.0, 1.0 - seen.get("car_plugged"))
    return unit_box(seen.kind, seen.shape, {**set_points, "offer": 1.0, "limit": limit, "follow": follow})


def _charger(seen: Seen) -> Floats:
    """Share of this hour that the car needs once all cheaper hours of its stay are used."""
    price, due_h = seen["retail_ct"], seen.get("car_due")
    in_stay = np.arange(price.shape[-1]) < seen.get("car_departure")[..., None]
    cheaper_h = ((price < price[..., :1]) & in_stay).sum(axis=-1)
    spared = (seen["community_net"] < -SURPLUS_KW) & (due_h > 0.0)
    wanted = np.where(spared, 1.0, np.clip(due_h - cheaper_h, 0.0, 1.0))
    return np.clip(wanted, seen.get("car_least"), seen.get("car_most"))


def _battery(seen: Seen) -> Floats:
    """Set point against the community's net load; no discharge in cheap hours."""
    power = seen.get("battery_kw")
    has = power > 0.0
    last = np.divide(seen["delivery_plan"], power, out=np.zeros(seen.shape), where=has)
    net = np.divide(seen["community_net"], power * seen["site_kw"], out=np.zeros(seen.shape), where=has)
    wanted = KEPT * last - GAIN * net
    price = seen["retail_ct"]
    cheap = price[..., 0] < DISCHARGE_ABOVE * price.mean(axis=-1)
    wanted = np.where(cheap, np.maximum(wanted, 0.0), wanted)
    return np.clip(wanted, seen.get("battery_least"), seen.get("battery_most"))
