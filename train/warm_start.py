"""What is done before the first iteration: scales measured, and the actor taught what a teacher would do.

A few minutes of training go further from a sensible policy than from noise. The teacher is watched while its actions are
disturbed, so that the pupil has also seen how to recover.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import lfilter

from gridbid.agents.policy import Policy
from gridbid.train.actor_critic import ActorCritic
from gridbid.train.lessons import Course

Singles = NDArray[np.float32]

LEAST_SCALE_EUR = 1e-3

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
    lessons: Course, teacher: Policy, n_steps: int, disturbance: float, seed: int
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


def observations_of(lessons: Course) -> dict[str, Singles]:
    """What the learned kinds see."""
    return {kind: lessons.observations[kind] for kind in lessons.agents}


def measure_scales(module: ActorCritic, demonstration: Demonstration, gamma: float) -> None:
    """Set a module's buffers: mean and spread of what was seen, and the spread of the discounted returns."""
    rows = demonstration.observations.reshape(-1, demonstration.observations.shape[-1]).astype(np.float64)
    spread_eur = float(_returns(demonstration.savings_eur, gamma).std())
    module.set_scales(rows.mean(axis=0), rows.std(axis=0), max(LEAST_SCALE_EUR, spread_eur))


def clone(module: ActorCritic, demonstration: Demonstration, n_updates: int, seed: int) -> float:
    """Teach the actor the demonstrated actions by least squares; return the mean squared error of the last tenth."""
    observations = torch.from_numpy(_rows(demonstration.observations))
    actions = torch.from_numpy(_rows(demonstration.actions))
    present = module.present(observations)

    def error(places: torch.Tensor) -> torch.Tensor:
        guess = module.actor(module.normalise(observations[places]))
        return (present[places] * (guess - actions[places])).square().mean()

    return _descend(module.actor, error, len(actions), n_updates, seed)


def teach_values(
    module: ActorCritic, demonstration: Demonstration, horizon: int, gamma: float, n_updates: int, seed: int
) -> float:
    """Teach the critic what the teacher got over the next ``horizon`` steps; error as in `clone`.

    With a critic that knows nothing, the first updates would unlearn what the actor was taught.
    """
    returns = _returns(demonstration.savings_eur, gamma)
    begun = len(returns) - horizon
    targets = torch.from_numpy(
        ((returns[:begun] - gamma**horizon * returns[horizon:]) / float(module.reward_scale)).astype(
            np.float32
        )
    ).reshape(-1)
    observations = torch.from_numpy(_rows(demonstration.observations[:begun]))

    def error(places: torch.Tensor) -> torch.Tensor:
        guess = module.critic(module.normalise(observations[places])).squeeze(-1)
        return (guess - targets[places]).square().mean()

    return _descend(module.critic, error, len(targets), n_updates, seed)


def _descend(
    network: torch.nn.Module,
    error: Callable[[torch.Tensor], torch.Tensor],
    n_rows: int,
    n_updates: int,
    seed: int,
) -> float:
    """Minimise an error over drawn rows; return its mean over the last tenth of the updates."""
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(network.parameters(), _LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, n_updates)
    errors = []
    for _ in range(n_updates):
        found = error(torch.randint(n_rows, (_MINIBATCH,), generator=generator))
        optimiser.zero_grad()
        found.backward()
        optimiser.step()
        schedule.step()
        errors.append(found.detach())
    return float(torch.stack(errors[-(n_updates // 10 + 1) :]).mean())


def _returns(savings_eur: Singles, gamma: float) -> NDArray[np.float64]:
    """Discounted sums of what follows each step, (T, M)."""
    backwards = lfilter([1.0], [1.0, -gamma], savings_eur[::-1].astype(np.float64), axis=0)
    return np.asarray(backwards[::-1])


def _rows(values: Singles) -> Singles:
    return values.reshape(-1, values.shape[-1])
