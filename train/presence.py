"""Which actions can matter in a row: a device that is absent is switched off, and its column isn't explored or learned."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import EV, action_fields, action_index, observation_index

Singles = NDArray[np.float32]

_SEEN_BY = {
    "battery": "battery_kw",
    "charger": "car_plugged",
    "heat_pump": "heat_pump_kw",
    "curtail": "pv_forecast",
}
"""The observation that is above zero where a device can be used."""


def presence_weights(kind: str) -> tuple[Singles, Singles]:
    """Weights (action, observation) and bias (action,): an action matters where weights x observation + bias > 0.

    A charge point with its own meter does nothing without a car: none of its actions matters then.
    """
    seen, actions = observation_index(kind), action_index(kind)
    n_seen = max(span.stop for span in seen.values())
    weights, bias = np.zeros((len(actions), n_seen), np.float32), np.ones(len(actions), np.float32)
    for field in action_fields(kind):
        condition = "car_plugged" if kind == EV else _SEEN_BY.get(field.name)
        if condition is not None:
            place = actions[field.name].start
            weights[place, seen[condition].start], bias[place] = 1.0, 0.0
    return weights, bias
