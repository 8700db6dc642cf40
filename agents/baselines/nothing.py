"""Nothing controlled: no trading, no battery, cars charge at full power on arrival, heat pumps only keep comfort."""

from gridbid.agents.baselines.columns import unit_box
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import METERED


class NothingPolicy:
    """What happens in a community that has devices and no control: the floor of the ladder."""

    name = "nothing"

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """Full power for every car, nothing else, whatever is seen."""
        return {
            kind: unit_box(kind, rows.shape[:-1], {"charger": 1.0})
            for kind, rows in observations.items()
            if kind in METERED
        }
