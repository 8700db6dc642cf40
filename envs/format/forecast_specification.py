"""What ``forecast:`` in ``scenario.yaml`` says: which forecast is issued to everybody, policies and baselines alike."""

from dataclasses import dataclass
from typing import Annotated, Literal

from gridbid.envs.format.schema import Bounds, Index, Share

Hours = Annotated[float, Bounds(0.0, 1_000.0, above=True)]


@dataclass(frozen=True, kw_only=True)
class PersistenceForecast:
    """From what has been read alone; the model of docs/slot.md."""

    kind: Literal["persistence"] = "persistence"
    """Yesterday's profile, moved by how far today already differs."""


@dataclass(frozen=True, kw_only=True)
class PerfectForecast:
    """A named idealisation: how much there is to gain from forecasting better."""

    kind: Literal["perfect"] = "perfect"
    """What comes is known."""


@dataclass(frozen=True, kw_only=True)
class NoisyForecast:
    """What comes, with an error that grows with the horizon."""

    kind: Literal["noisy"] = "noisy"
    """What comes, and an error: seeded, each seat its own, alike from slot to slot, greater the further ahead."""
    error_share: Share = 0.3
    """Standard deviation of the error far ahead: of a load over its mean, of PV and heat over what there is in the slot."""
    correlation_h: Hours = 6.0
    """Time in which the correlation of an error with itself falls to 1 / e."""
    seed: Index = 0
    """Of the errors; each split has its own."""
