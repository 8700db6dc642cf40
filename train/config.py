"""Everything that a training run can be told."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """One run; a field's line is its meaning."""

    scenario: str = "rural"
    """A built-in scenario or a folder."""
    seconds: float = 150.0
    """Wall-clock budget, start-up included; the iteration under way is finished."""
    iterations: int | None = None
    """At most so many iterations; None: until the time is up."""
    seed: int = 0
    """Of networks, exploration, weeks, prices and cars."""
    num_env_runners: int = 0
    """Ray actors that sample; 0 samples in this process."""
    batch: int = 32
    """Communities that a runner steps together."""
    steps: int = 96
    """Steps of each community in an iteration."""
    days: int = 3
    """Days of an episode of training, 1 to 6."""
    samples: int = 4
    """Draws of prices and cars that each runner meets."""
    hidden: tuple[int, ...] = (64, 64)
    """Sizes of the hidden layers, of actor and critic each."""
    log_std: float = -0.7
    """Natural logarithm of the initial spread of actions (unit box)."""
    learning_rate: float = 1e-3
    """Of Adam."""
    gamma: float = 0.998
    """Discount of a step: energy is bought hours before it is used, so a day must count."""
    lam: float = 0.95
    """Of generalised advantage estimation."""
    clip: float = 0.2
    """PPO's bound on the ratio of probabilities."""
    entropy: float = 0.0
    """Weight of the entropy bonus."""
    epochs: int = 4
    """Passes over each iteration's batch."""
    minibatches: int = 8
    """Parts that each kind's batch is cut into, whatever its size."""
    community_weight: float = 0.0
    """Share of the community's mean in a reward; the rest is the participant's own."""
    warm_start: str | None = "smart_rule"
    """Policy that the actors are taught first: the name of one or a bundle's folder; None: noise."""
    validate_every_s: float = 20.0
    """Seconds between looks at the validation weeks; the best networks are kept."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "hidden": list(self.hidden)}
