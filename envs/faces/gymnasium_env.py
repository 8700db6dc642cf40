"""Gymnasium's face: one community and one policy, which sees, does and gets a single row."""

from typing import Any

import gymnasium
import numpy as np

from gridbid.envs.faces.others import Singles
from gridbid.envs.faces.play import Play
from gridbid.envs.faces.screen import RENDERING, Screen


class MarketGymEnv(gymnasium.Env[Singles, Singles]):
    """A learner's one row in one community; an episode is truncated for all after its slots, never terminated.

    Infos hold what `gridbid.envs.fields.INFOS` describes, and for the next action "action_mask", which of its entries do
    anything, and "active", who is a member.
    """

    metadata = dict(RENDERING)  # noqa: RUF012  # Gymnasium's face

    def __init__(self, play: Play, render_mode: str | None = None) -> None:
        self.play, self.render_mode = play, render_mode
        self._screen = Screen(play.batch, render_mode)
        self.observation_space = play.learner.observation_space
        self.action_space = play.learner.action_space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Singles, dict[str, Any]]:
        """Begin an episode; ``options`` may hold "week", "sample" and "day" to choose it."""
        super().reset(seed=seed)
        observations = self.play.reset(seed=seed, options=options)
        self._screen.refresh()
        return observations[0], self._flags()

    def step(self, action: Singles) -> tuple[Singles, float, bool, bool, dict[str, Any]]:
        """One round: everybody acts."""
        observations, rewards, done = self.play.step(np.asarray(action, np.float32)[None])
        infos = {name: float(rows[0]) for name, rows in self.play.learner.infos().items()} | self._flags()
        self._screen.refresh()
        return observations[0], float(rewards[0]), False, bool(done[0]), infos

    def render(self) -> Any:
        """The community now: "rgb_array" returns a picture, "human" writes to the terminal, after every step as well."""
        return self._screen.render()

    def close(self) -> None:
        """Give back the terminal, and end the trace if there is one."""
        self._screen.close()

    def _flags(self) -> dict[str, Any]:
        flags = {name: rows[0] for name, rows in self.play.learner.flags().items()}
        return {name: flag if flag.ndim else bool(flag) for name, flag in flags.items()}
