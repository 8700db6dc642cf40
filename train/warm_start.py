"""What is done before the first iteration: scales measured, and the actor taught what a teacher would do.

A few minutes of training go further from a sensible policy than from noise. The teacher is watched while its actions are
disturbed, so that the pupil has also seen how to recover.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import lfilter

from gridbid.agents.policy import Policy
from gridbid.train.actor_critic import ActorCritic
from gridbid.train.lessons import Lessons

Singles = NDArray[np.float32]

_LEARNING_RATE, _MINIBATCH = 4e-3, 512


class Demonstration(NamedTuple):
    """What a teacher saw, would have done, and what it got, by steps and rows."""

    observations: Singles
    """(T, M, observation)."""
    actions: Singles
    """(T, M, action), undisturbed."""
    savings_eur: Singles
    """(T, M)."""


def demonstrate(
    lessons: Lessons, teacher: Policy, n_steps: int, disturbance: float, seed: int
) -> dict[str, Demonstration]:
    """Let a teacher play; what it does is disturbed by normal noise of standard deviation ``disturbance``."""
    random = np.random.default_rng(seed)
    teacher.reset(seed)
    seen, done, got = [], [], []
    for _ in range(n_steps):
        observations = lessons.observations
        actions = teacher.act(observations_of(lessons))
        noisy = {
            kind: action + disturbance * random.standard_normal(action.shape, np.float32)
            for kind, action in actions.items()
        }
        savings, _ = lessons.step(noisy)
        seen.append(observations)
        done.append(actions)
        got.append(savings)
    return {
        kind: Demonstration(
            np.stack([_rows(step[kind]) for step in seen]),
            np.stack([_rows(step[kind]) for step in done]),
            np.stack([step[kind].reshape(-1) for step in got]),
        )
        for kind in lessons.agents
    }


def observations_of(lessons: Lessons) -> dict[str, Singles]:
    """What the learned kinds see."""
    return {kind: lessons.observations[kind] for kind in lessons.agents}


def measure_scales(module: ActorCritic, demonstration: Demonstration, gamma: float) -> None:
    """Set a module's buffers: mean and spread of what was seen, and the spread of the discounted returns."""
    rows = demonstration.observations.reshape(-1, demonstration.observations.shape[-1]).astype(np.float64)
    backwards = lfilter([1.0], [1.0, -gamma], demonstration.savings_eur[::-1].astype(np.float64), axis=0)
    module.set_scales(rows.mean(axis=0), rows.std(axis=0), max(1e-3, float(backwards.std())))


def clone(module: ActorCritic, demonstration: Demonstration, n_updates: int, seed: int) -> float:
    """Teach the actor the demonstrated actions by least squares; return the mean squared error of the last tenth."""
    generator = torch.Generator().manual_seed(seed)
    observations = torch.from_numpy(_rows(demonstration.observations))
    actions = torch.from_numpy(_rows(demonstration.actions))
    present = module.present(observations)
    optimiser = torch.optim.Adam(module.actor.parameters(), _LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, n_updates)
    losses = []
    for _ in range(n_updates):
        places = torch.randint(len(actions), (_MINIBATCH,), generator=generator)
        guess = module.actor(module.normalise(observations[places]))
        loss = (present[places] * (guess - actions[places])).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
    return float(torch.stack(losses[-(n_updates // 10 + 1) :]).mean())


def _rows(values: Singles) -> Singles:
    return values.reshape(-1, values.shape[-1])
