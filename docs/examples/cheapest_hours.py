"""A policy of one's own: the rule, but cars wait for the hours that cost less than the day's mean."""

import numpy as np

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.baselines.rule import need_share, rule_set_points
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import METERED
from gridbid.evaluate.protocol import evaluate


class CheapestHours:
    """Decides for every metered kind from what it sees; keeps no memory, so nothing has to be reset."""

    name = "cheapest_hours"

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every row of every kind that is asked for."""
        return {kind: self._act(Seen(kind, rows)) for kind, rows in observations.items() if kind in METERED}

    def _act(self, seen: Seen) -> np.ndarray:
        prices_ct = seen["retail_ct"]  # (communities, agents, 24), in the unit of the table
        dear = prices_ct[..., 0] > prices_ct.mean(axis=-1)
        set_points = rule_set_points(seen)
        set_points["charger"] = np.where(dear, seen.get("car_least"), set_points["charger"])
        limit = np.where(need_share(seen, set_points) > 0.0, 1.0, 0.0)
        values = {**set_points, "offer": 1.0, "limit": limit, "follow": 1.0 - seen.get("car_plugged")}
        return unit_box(seen.kind, seen.shape, values)


if __name__ == "__main__":
    found = evaluate("tiny", [CheapestHours()], weeks=[42], n_slots=192)
    for name, score in found.scores.items():
        print(f"{name:15} J {found.j_eur[name].sum():6.2f} EUR  S {score.estimate:5.2f}")
