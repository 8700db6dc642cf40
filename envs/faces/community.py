"""One controller for everybody: the centralised bound, as a gymnasium.Env."""

from typing import Any

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.faces.episodes import AnyScenario
from gridbid.envs.faces.gymnasium_env import MarketGymEnv
from gridbid.envs.faces.learners import CommunityLearner
from gridbid.envs.faces.play import Play


class CommunityEnv(MarketGymEnv):
    """A whole community: everybody's observations and actions one after the other, and minus the increase of its J."""

    def __init__(
        self, scenario: AnyScenario = "rural", *, render_mode: str | None = None, **options: Any
    ) -> None:
        batch = BatchEnv(scenario, 1, **options)
        super().__init__(Play(batch, CommunityLearner(batch), None, options.get("seed", 0)), render_mode)


def community_env(scenario: AnyScenario = "rural", **options: Any) -> CommunityEnv:
    """One controller for a community; ``options`` are those of `CommunityEnv` and of `BatchEnv`."""
    return CommunityEnv(scenario, **options)
