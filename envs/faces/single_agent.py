"""One learner among fixed policies, as a gymnasium.Env."""

from typing import Any

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.faces.episodes import AnyScenario
from gridbid.envs.faces.gymnasium_env import MarketGymEnv
from gridbid.envs.faces.learners import AgentsLearner
from gridbid.envs.faces.naming import find_agent
from gridbid.envs.faces.others import Others
from gridbid.envs.faces.play import Play


class SingleAgentEnv(MarketGymEnv):
    """One agent of a community, by name ("battery_0"); ``others`` play everybody else, None lets them keep still."""

    def __init__(
        self,
        scenario: AnyScenario = "rural",
        agent: str = "prosumer_0",
        others: Others | None = None,
        *,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        batch = BatchEnv(scenario, 1, **options)
        learner = AgentsLearner(batch, *find_agent(batch.agents, agent))
        super().__init__(Play(batch, learner, others, options.get("seed", 0)), render_mode)
        self.agent = agent


def single_agent_env(
    scenario: AnyScenario = "rural",
    agent: str = "prosumer_0",
    others: Others | None = None,
    **options: Any,
) -> SingleAgentEnv:
    """One learner among ``others``; ``options`` are those of `SingleAgentEnv` and of `BatchEnv`."""
    return SingleAgentEnv(scenario, agent, others, **options)
