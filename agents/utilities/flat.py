"""Keeps the tariff as published and calls no events."""

from gridbid.agents.baselines.columns import unit_box
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import UTILITY


class FlatPolicy:
    """The utility of comparisons of S: nobody at the lever."""

    name = "flat"

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """No shift, no event, whatever is seen."""
        return {
            kind: unit_box(kind, rows.shape[:-1], {})
            for kind, rows in observations.items()
            if kind == UTILITY
        }
