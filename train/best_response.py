"""A learned best response: PPO in one seat of each community, everybody else keeping to a policy.

What it finds is a lower bound of what there is to gain; longer training can only raise it, since of all networks met on
the way each seat keeps the one that gains most in training weeks.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import torch
from ray.rllib.core.rl_module.rl_module import RLModuleSpec

from gridbid.agents.policy import Policy
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.timeline.year import weeks_of
from gridbid.evaluate.exploitability import Replacement, Seat, exploit, seats_of
from gridbid.train.actor_critic import ActorCritic
from gridbid.train.algorithm import local_ray, module_specs, ppo_config, running_as
from gridbid.train.batch_ppo import BatchPPO
from gridbid.train.batch_runner import BatchEnvRunner
from gridbid.train.config import TrainConfig
from gridbid.train.lessons import Lessons
from gridbid.train.network_policy import NetworkPolicy
from gridbid.train.response_lessons import OwnTeacher, ResponseLessons
from gridbid.train.warm_start import clone, demonstrate, measure_scales, teach_values

OnLearned = Callable[[str, float], None]
"""Told what is learned and the share of its time that has passed, 0 to 1."""

CONFIG = TrainConfig(seconds=60.0, batch=48, hidden=(64, 64))

_LOOKS = 3
"""Networks that are kept on the way, the last included."""
_WEEKS = 4
"""Training weeks in which networks are compared, about."""
_DISTURBANCE, _HORIZON = 0.1, 96
_CLONE_UPDATES, _VALUE_UPDATES = 1_000, 300


class LearnedResponder:
    """Plays each seat by the network that gained most in training."""

    name = "learned"

    def __init__(self, policies: dict[str, Policy], training_gain_eur: dict[str, float]) -> None:
        self._policies = policies
        self.training_gain_eur = training_gain_eur
        """What each member's network gained in the training weeks that were compared."""

    def policy_for(self, seat: Seat) -> Policy:
        """The network of this seat. KeyError for a seat that nothing was learned for."""
        return self._policies[seat.name]


def learn_response(
    compiled: CompiledScenario,
    policy: Policy,
    config: TrainConfig = CONFIG,
    members: Sequence[str] | None = None,
    on_learned: OnLearned | None = None,
) -> LearnedResponder:
    """Learn to answer ``policy`` in every seat, or in those of ``members``: one network a kind, shared by its seats.

    ``compiled`` is compiled for training. ``config.seconds`` of wall-clock time are shared out evenly among the kinds, and
    comparing the networks comes on top. Its scenario and its warm start don't matter: a response begins as a copy of the
    policy.
    """
    seats = [seat for seat in seats_of(compiled.scenario) if members is None or seat.name in members]
    kinds = sorted({seat.kind for seat in seats})
    # The policy is handed to the runner as it is, which only one in this process can take.
    config = replace(config, num_env_runners=0)
    torch.set_num_threads(1)
    policies: dict[str, Policy] = {}
    gains_eur: dict[str, float] = {}
    with local_ray(1):
        for n, kind in enumerate(kinds):
            learners = [seat for seat in seats if seat.kind == kind]
            until_s = time.perf_counter() + config.seconds / len(kinds)
            met = _learn_kind(compiled, policy, config, learners, until_s)
            kept, gained_eur = _keep_best(compiled, policy, met, learners, config.seed)
            policies |= kept
            gains_eur |= gained_eur
            if on_learned is not None:
                on_learned("best response", (n + 1) / len(kinds))
    return LearnedResponder(policies, gains_eur)


class ResponseRunner(BatchEnvRunner):
    """A runner of `ResponseLessons`; ``env_config`` holds their policy and seats beside what `Lessons` take."""

    def make_env(self) -> None:
        """Build the communities."""
        told: dict[str, Any] = dict(self.config.env_config)
        policy, seats, seed = told.pop("policy"), told.pop("seats"), self._seed or 0
        lessons = Lessons(batch=self.config.num_envs_per_env_runner, seed=seed, **told)
        self.env = ResponseLessons(lessons, policy, seats, seed)


def _learn_kind(
    compiled: CompiledScenario,
    policy: Policy,
    config: TrainConfig,
    learners: Sequence[Seat],
    until_s: float,
) -> list[NetworkPolicy]:
    """Networks met on the way, the copy of the policy first; the iteration under way at ``until_s`` is finished."""
    kind, begin_s = learners[0].kind, time.perf_counter()
    spec = module_specs(config, (kind,))[kind]
    module = spec.build()
    ppo = ppo_config(config, (kind,))
    ppo.env_runners(env_runner_cls=ResponseRunner)
    ppo.environment(
        "gridbid",
        env_config={
            "scenario": compiled,
            "days": config.days,
            "gamma": config.gamma,
            "policy": policy,
            "seats": tuple(learners),
        },
        disable_env_checking=True,
    )
    with running_as(ppo) as algorithm:
        _copy_policy(module, algorithm.env_runner.env, kind, config)
        algorithm.set_networks({kind: module.get_state()})
        met = [_network(algorithm, spec, kind)]
        for played in count(1):
            algorithm.train()
            passed = (time.perf_counter() - begin_s) / (until_s - begin_s)
            last = passed >= 1.0 or played == config.iterations
            if last or passed >= len(met) / _LOOKS:
                met.append(_network(algorithm, spec, kind))
            if last:
                return met
    raise AssertionError("training has no end")


def _copy_policy(module: ActorCritic, lessons: ResponseLessons, kind: str, config: TrainConfig) -> None:
    """Teach a network what the policy does in the learning seats, and what that brings."""
    steps = max(config.steps, 2 * _HORIZON)
    shown = demonstrate(lessons, OwnTeacher(lessons), steps, _DISTURBANCE, config.seed)[kind]
    measure_scales(module, shown, config.gamma)
    clone(module, shown, _CLONE_UPDATES, config.seed)
    teach_values(module, shown, _HORIZON, config.gamma, _VALUE_UPDATES, config.seed)


def _network(algorithm: BatchPPO, spec: RLModuleSpec, kind: str) -> NetworkPolicy:
    """The learner's network as it is now, to keep."""
    module = spec.build()
    module.set_state(algorithm.networks()[kind])
    return NetworkPolicy({kind: module})


def _keep_best(
    compiled: CompiledScenario,
    policy: Policy,
    met: Sequence[NetworkPolicy],
    learners: Sequence[Seat],
    seed: int,
) -> tuple[dict[str, Policy], dict[str, float]]:
    """For each seat the network that gains most in some of the training weeks, and what it gains, by member."""
    weeks = weeks_of(compiled.scenario, "train")
    answers = [Replacement(str(n), network) for n, network in enumerate(met)]
    found = exploit(
        compiled,
        policy,
        weeks[:: max(1, len(weeks) // _WEEKS)],
        answers,
        members=[seat.name for seat in learners],
        seed=seed,
    )
    gain_eur = found.gain_eur.sum(axis=2)
    best = gain_eur.argmax(axis=0)
    return (
        {seat.name: met[best[m]] for m, seat in enumerate(found.members)},
        {seat.name: float(gain_eur[best[m], m]) for m, seat in enumerate(found.members)},
    )
