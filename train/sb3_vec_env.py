"""Stable-Baselines3's vector face over Gymnasium's: one network for all agents of a kind, at the batch engine's speed."""

from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

from gridbid.envs.faces.vector import MarketVectorEnv
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]


class MarketVecEnv(VecEnv):
    """A MarketVectorEnv for Stable-Baselines3; the first row's seed and options serve the whole batch.

    Rows are no environments of their own: attributes and methods are the batch's, whatever rows are named.
    """

    def __init__(self, env: MarketVectorEnv) -> None:
        if env.autoreset_mode is not AutoresetMode.SAME_STEP:
            raise InputError(f"autoreset_mode={env.autoreset_mode}: Stable-Baselines3 needs SAME_STEP")
        self.env = env
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self._actions = np.zeros(env.action_space.shape or (), np.float32)

    def reset(self) -> Singles:
        """Begin episodes in all communities."""
        observations, _ = self.env.reset(seed=self._seeds[0], options=self._options[0])
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keep the actions for :meth:`step_wait`."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """One round; an ended row's info says that it was cut, and what it saw last."""
        observations, rewards, _, truncated, told = self.env.step(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for n in np.flatnonzero(truncated):
            infos[n] = {"TimeLimit.truncated": True, "terminal_observation": told["final_obs"][n]}
        return observations, rewards, truncated, infos

    def close(self) -> None:
        """Close the batch."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The batch's attribute, once a row."""
        return [getattr(self.env, attr_name)] * self._count(indices)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of the batch."""
        setattr(self.env, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Call a method of the batch, once; what it returns, once a row."""
        return [getattr(self.env, method_name)(*method_args, **method_kwargs)] * self._count(indices)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: VecEnvIndices = None) -> list[bool]:
        """Rows have no wrappers."""
        return [False] * self._count(indices)

    def _count(self, indices: VecEnvIndices) -> int:
        return len(list(self._get_indices(indices)))
