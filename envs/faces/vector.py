"""Gymnasium's vector face: many communities of the batch engine, one row for each agent that the policy plays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.faces.episodes import AnyScenario, loaded
from gridbid.envs.faces.learners import AgentsLearner, CommunityLearner, Learner, Told
from gridbid.envs.faces.naming import find_agent
from gridbid.envs.faces.others import Others, Singles
from gridbid.envs.faces.play import Play
from gridbid.envs.scenario import Scenario
from gridbid.market.errors import InputError

Mask = NDArray[np.bool_]
Infos = dict[str, Any]


class MarketVectorEnv(VectorEnv[Singles, Singles, NDArray[Any]]):
    """A learner's rows in a batch of communities as a gymnasium.vector.VectorEnv.

    - Rows go community by community. Those of a community end together; they are truncated, never terminated.
    - Infos hold what `gridbid.envs.fields.INFOS` describes, and for the next action "action_mask", which of its entries do
      anything, and "active", who is a member: an array for each, and one beside it that says whose value counts.
    - ``autoreset_mode``: with SAME_STEP the step that ends episodes begins the next ones, and ``final_obs`` and
      ``final_info`` hold what it ended with. With NEXT_STEP the next step does, whatever its actions. With DISABLED
      ``reset(options={"reset_mask": mask})`` has to.
    """

    def __init__(self, play: Play, autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP) -> None:
        self.play = play
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        learner = play.learner
        self.num_envs = play.batch.batch * learner.count
        self.single_observation_space = learner.observation_space
        self.single_action_space = learner.action_space
        self.observation_space = batch_space(learner.observation_space, self.num_envs)
        self.action_space = batch_space(learner.action_space, self.num_envs)
        self._all = np.ones(self.num_envs, np.bool_)
        self._due = False

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Singles, Infos]:
        """Begin episodes; ``options`` may hold "week", "sample" and "day", and "reset_mask" (rows,) to choose communities.

        One seed serves the whole batch.
        """
        super().reset(seed=seed)
        mask = None if options is None else options.get("reset_mask")
        rows = self._all if mask is None else np.asarray(mask, np.bool_)
        communities = None if mask is None else self._communities(rows)
        self._due = False
        return self.play.reset(communities, seed, options), _masked(self.play.learner.flags(), rows)

    def step(self, actions: Singles) -> tuple[Singles, NDArray[Any], Mask, Mask, Infos]:
        """One round of every community."""
        if self._due:
            observations, infos = self.reset()
            return observations, np.zeros(self.num_envs), ~self._all, ~self._all, infos
        observations, rewards, done = self.play.step(actions)
        learner = self.play.learner
        truncated = np.repeat(done, learner.count)
        told = learner.infos() | learner.flags()
        if not truncated.any() or self.autoreset_mode is not AutoresetMode.SAME_STEP:
            self._due = bool(truncated.any()) and self.autoreset_mode is AutoresetMode.NEXT_STEP
            return observations, rewards, ~self._all, truncated, _masked(told, self._all)
        final = {"final_obs": _objects(observations, truncated), "final_info": _masked(told, truncated)}
        final |= {f"_{name}": truncated for name in final}
        begun = self.play.reset(done)
        infos = _masked(learner.infos(), ~truncated) | _masked(learner.flags(), self._all) | final
        return begun, rewards, ~self._all, truncated, infos

    def close_extras(self, **kwargs: Any) -> None:
        """End the trace, if there is one."""
        self.play.batch.close_trace()

    def _communities(self, mask: Mask) -> Mask:
        """Rows that are to begin anew -> communities (B,)."""
        if np.shape(mask) != (self.num_envs,):
            raise InputError(f"reset_mask has shape {np.shape(mask)}; it should be ({self.num_envs},)")
        by_community = np.asarray(mask, np.bool_).reshape(-1, self.play.learner.count)
        chosen: Mask = by_community[:, 0]
        if (by_community != chosen[:, None]).any():
            raise InputError(
                f"reset_mask: the {self.play.learner.count} rows of a community begin together, all or none"
            )
        if self.autoreset_mode is AutoresetMode.NEXT_STEP and not chosen.all():
            raise InputError("reset_mask: with NEXT_STEP all communities begin together; choose another mode")
        return chosen


def _masked(told: Told, mask: Mask) -> Infos:
    """Infos in Gymnasium's form: zeros where the mask beside them says no; none for an empty mask."""
    if not mask.any():
        return {}
    mask = mask.copy()
    if not mask.all():
        for rows in told.values():
            rows[~mask] = 0
    return {**told, **{f"_{name}": mask for name in told}}


def _objects(rows: Singles, mask: Mask) -> NDArray[Any]:
    """Rows as Gymnasium hands over final observations: an array of arrays, None where there is none."""
    objects = np.full(len(rows), None, object)
    for n in np.flatnonzero(mask):
        objects[n] = rows[n]
    return objects


def vector_env(
    scenario: AnyScenario,
    num_envs: int,
    kind: str,
    others: Others | None = None,
    *,
    autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
    **options: Any,
) -> MarketVectorEnv:
    """All agents of a kind in as many communities as make ``num_envs`` rows; ``others`` play the other kinds.

    ``options`` are those of `gridbid.envs.batch_env.BatchEnv`.
    """
    scenario = loaded(scenario)
    batch = BatchEnv(scenario, _communities_for(scenario, kind, num_envs), **options)
    return _market(batch, AgentsLearner(batch, kind), others, autoreset_mode, options)


def single_agent_vector_env(
    scenario: AnyScenario,
    num_envs: int,
    agent: str,
    others: Others | None = None,
    *,
    autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
    **options: Any,
) -> MarketVectorEnv:
    """One agent, by name, in each of ``num_envs`` communities; ``others`` play everybody else."""
    batch = BatchEnv(scenario, num_envs, **options)
    learner = AgentsLearner(batch, *find_agent(batch.agents, agent))
    return _market(batch, learner, others, autoreset_mode, options)


def community_vector_env(
    scenario: AnyScenario,
    num_envs: int,
    *,
    autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
    **options: Any,
) -> MarketVectorEnv:
    """One controller for everybody in each of ``num_envs`` communities."""
    batch = BatchEnv(scenario, num_envs, **options)
    return _market(batch, CommunityLearner(batch), None, autoreset_mode, options)


def _market(
    batch: BatchEnv,
    learner: Learner,
    others: Others | None,
    autoreset_mode: AutoresetMode | str,
    options: Mapping[str, Any],
) -> MarketVectorEnv:
    return MarketVectorEnv(Play(batch, learner, others, options.get("seed", 0)), autoreset_mode)


def _communities_for(scenario: Scenario | CompiledScenario, kind: str, num_envs: int) -> int:
    """How many communities have ``num_envs`` agents of a kind."""
    seats = (scenario.scenario if isinstance(scenario, CompiledScenario) else scenario).seats
    n_agents = sum(seat.kind == kind for seat in seats)
    if n_agents == 0:
        kinds = dict.fromkeys(seat.kind for seat in seats)
        raise InputError(f"kind: the scenario has no {kind!r}; it has {', '.join(kinds)}")
    if num_envs < 1 or num_envs % n_agents:
        below = max(0, num_envs // n_agents) * n_agents
        nearest = [n for n in (below, below + n_agents) if n > 0]
        raise InputError(
            f"num_envs={num_envs}: a community has {n_agents} of kind {kind!r}, so it should be a multiple of {n_agents}, "
            f"such as {' or '.join(map(str, nearest))}"
        )
    return num_envs // n_agents
