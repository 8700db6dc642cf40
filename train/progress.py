"""What a training run tells while it goes, and in the end."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridbid.train.config import TrainConfig


@dataclass(frozen=True, kw_only=True)
class TrainProgress:
    """One iteration, as the learning curve keeps it."""

    iteration: int
    """Counted from 1, over all runs into the folder."""
    seconds: float
    """Since the run began, with those of the runs that it resumes."""
    env_steps: int
    """Steps of communities so far."""
    agent_steps: int
    """Steps of agents so far."""
    agent_steps_per_s: float
    """Agent steps a second in this iteration, sampled and trained."""
    sample_s: float
    """Seconds that sampling takes, a recent mean."""
    update_s: float
    """Seconds that the update takes, a recent mean."""
    returns: dict[str, float]
    """By kind, EUR a community and day, exploring: what was saved on the inherent cost (`inherent_cost`)."""
    return_sum: float
    """Sum over kinds."""
    validation_eur: float | None
    """Mean weekly J on the validation weeks, not exploring, where it was looked at."""


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """A finished run."""

    config: TrainConfig
    """As given."""
    best: Path
    """Folder of the best networks, an RLModule checkpoint for each kind."""
    checkpoint: Path
    """Folder to resume from."""
    kinds: tuple[str, ...]
    """Learned kinds."""
    curve: list[dict[str, Any]]
    """A TrainProgress as a dictionary for each iteration."""
    validation_eur: dict[str, float]
    """Mean weekly J on the validation weeks: of the ``rule``, of the networks at the ``start``, and of the ``best``."""

    def figures(self) -> dict[str, Any]:
        """What the run reached, for the bundle."""
        last = self.curve[-1]
        counts = {name: last[name] for name in ("iteration", "env_steps", "agent_steps")}
        return {
            **counts,
            "seconds": round(last["seconds"], 1),
            "validation_j_eur_per_week": self.validation_eur,
        }
