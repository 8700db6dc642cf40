"""PPO set up on the batch runner, and a quiet local Ray to run it in."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray.rllib.core.rl_module.multi_rl_module import MultiRLModuleSpec
from ray.rllib.core.rl_module.rl_module import RLModuleSpec

from gridbid.train.actor_critic import ActorCritic
from gridbid.train.batch_ppo import BatchPPO, BatchPPOConfig
from gridbid.train.batch_runner import BatchEnvRunner, module_spaces
from gridbid.train.config import TrainConfig

_GRADIENT_NORM, _CRITIC_WEIGHT = 0.5, 0.5


@contextmanager
def local_ray(n_cpus: int) -> Iterator[None]:
    """Ray on this machine for the time of the block, without dashboard and chatter; a running one is used as it is."""
    if ray.is_initialized():
        yield
        return
    ray.init(num_cpus=n_cpus, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def running(config: TrainConfig, kinds: tuple[str, ...]) -> Iterator[BatchPPO]:
    """The algorithm, stopped at the end of the block."""
    with running_as(ppo_config(config, kinds)) as algorithm:
        yield algorithm


@contextmanager
def running_as(ppo: BatchPPOConfig) -> Iterator[BatchPPO]:
    """The algorithm of a configuration, stopped at the end of the block."""
    for name in ("ray.rllib", "ray.tune"):
        logging.getLogger(name).setLevel(logging.ERROR)
    algorithm = ppo.build_algo()
    try:
        yield algorithm
    finally:
        algorithm.stop()
        shutil.rmtree(algorithm.logdir, ignore_errors=True)


def module_specs(config: TrainConfig, kinds: tuple[str, ...]) -> dict[str, RLModuleSpec]:
    """What builds each kind's networks."""
    return {
        kind: RLModuleSpec(
            module_class=ActorCritic,
            observation_space=observation_space,
            action_space=action_space,
            model_config={"kind": kind, "hidden": list(config.hidden), "log_std": config.log_std},
        )
        for kind, (observation_space, action_space) in module_spaces(kinds).items()
    }


def ppo_config(config: TrainConfig, kinds: tuple[str, ...]) -> BatchPPOConfig:
    """RLlib's configuration for ours."""
    ppo = BatchPPOConfig()
    ppo.n_minibatches = config.minibatches
    ppo.environment("gridbid", env_config=_lessons(config), disable_env_checking=True)
    ppo.env_runners(
        env_runner_cls=BatchEnvRunner,
        num_env_runners=config.num_env_runners,
        num_envs_per_env_runner=config.batch,
        rollout_fragment_length=config.steps,
    )
    ppo.multi_agent(policies=set(kinds), policy_mapping_fn=_kind_of)
    ppo.rl_module(rl_module_spec=MultiRLModuleSpec(rl_module_specs=module_specs(config, kinds)))
    ppo.training(
        train_batch_size_per_learner=config.batch * config.steps * max(1, config.num_env_runners),
        minibatch_size=None,
        num_epochs=config.epochs,
        lr=config.learning_rate,
        gamma=config.gamma,
        lambda_=config.lam,
        clip_param=config.clip,
        entropy_coeff=config.entropy,
        use_kl_loss=False,
        vf_clip_param=float("inf"),
        vf_loss_coeff=_CRITIC_WEIGHT,
        grad_clip=_GRADIENT_NORM,
        grad_clip_by="global_norm",
    )
    ppo.debugging(seed=config.seed, log_level="ERROR")
    return ppo


def _lessons(config: TrainConfig) -> dict[str, Any]:
    return {
        "scenario": config.scenario,
        "days": config.days,
        "samples": config.samples,
        "community_weight": config.community_weight,
        "gamma": config.gamma,
    }


def _kind_of(agent: str, *_: Any, **__: Any) -> str:
    return agent.rsplit("_", 1)[0]
