"""One policy's game in a batch of communities: its rows, the others' moves, and the episodes that begin."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.faces.episodes import chosen_episode
from gridbid.envs.faces.learners import Learner
from gridbid.envs.faces.others import Others, RemembersOthers, Singles
from gridbid.market.errors import InputError

Floats = NDArray[np.float64]
_SEEDS = 2**31


class Play:
    """A learner among ``others`` (None: they keep still). ``seed`` draws what the others are seeded with."""

    def __init__(self, batch: BatchEnv, learner: Learner, others: Others | None, seed: int) -> None:
        self.batch, self.learner, self.others = batch, learner, others
        self._random = np.random.default_rng(seed)
        self._observations: Mapping[str, Singles] = {}

    def reset(
        self,
        mask: NDArray[np.bool_] | None = None,
        seed: int | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Singles:
        """Begin episodes in the masked communities; return the learner's rows."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self._observations = self.batch.reset(mask, seed=seed, **chosen_episode(options))
        self._begin_others(mask)
        return self.learner.observe(self._observations)

    def step(self, actions: Singles) -> tuple[Singles, Floats, NDArray[np.bool_]]:
        """Everybody acts: rows of actions -> rows of observations and rewards, and which communities are done (B,)."""
        rows = np.asarray(actions, np.float32)
        shape = (self.batch.batch * self.learner.count, *self.learner.action_space.shape)
        if rows.shape != shape:
            raise InputError(f"actions have shape {rows.shape}; they should have {shape}")
        by_kind = self.learner.act(rows, self._others_actions())
        self._observations, rewards, done = self.batch.step(by_kind)
        return self.learner.observe(self._observations), self.learner.rewards(rewards), done

    def _begin_others(self, mask: NDArray[np.bool_] | None) -> None:
        """All anew, or, where only some communities begin, those of whoever remembers."""
        if mask is None or mask.all():
            if self.others is not None:
                self.others.reset(int(self._random.integers(_SEEDS)))
        elif isinstance(self.others, RemembersOthers):
            self.others.forget(mask)

    def _others_actions(self) -> Mapping[str, Singles]:
        if self.others is None:
            return {}
        seen = {kind: self._observations[kind] for kind in self.learner.left_to_others}
        return self.others.act(seen)
