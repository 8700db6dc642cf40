"""RLlib: PPO on the PettingZoo face, one policy for each kind; the utility keeps its tariff.

`gridbid train` samples whole batches instead, which is many times as fast.
"""

import argparse
import logging
import time
from typing import Any

import ray
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.multi_rl_module import MultiRLModuleSpec
from ray.rllib.core.rl_module.rl_module import RLModuleSpec
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv
from ray.tune.registry import register_env

from gridbid.envs import parallel_env
from gridbid.envs.fields import METERED

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--scenario", default="tiny")
parser.add_argument("--seconds", type=float, default=15.0, help="time to train, in whole iterations")
parser.add_argument("--timesteps", type=int, default=10**9, help="environment steps to train at most")
parser.add_argument("--slots", type=int, default=96, help="quarter hours of an episode")
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()


def make_env(config: dict[str, Any]) -> ParallelPettingZooEnv:
    return ParallelPettingZooEnv(parallel_env(args.scenario, max_cycles=args.slots, seed=args.seed))


def kind_of(agent: str, episode: object = None, **options: Any) -> str:
    return agent.rpartition("_")[0]


register_env("gridbid", make_env)
kinds = sorted({kind_of(agent) for agent in parallel_env(args.scenario).possible_agents})
config = (
    PPOConfig()
    .environment("gridbid")
    .env_runners(num_env_runners=0, rollout_fragment_length=args.slots)
    .multi_agent(
        policies=set(kinds),
        policy_mapping_fn=kind_of,
        policies_to_train=[kind for kind in kinds if kind in METERED],
    )
    .rl_module(
        rl_module_spec=MultiRLModuleSpec(
            rl_module_specs={kind: RLModuleSpec(model_config={"fcnet_hiddens": [32, 32]}) for kind in kinds}
        )
    )
    .training(train_batch_size_per_learner=2 * args.slots, minibatch_size=args.slots, num_epochs=4, lr=1e-3)
    .debugging(seed=args.seed, log_level="ERROR")
)
ray.init(num_cpus=1, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
algorithm = config.build_algo()
begin, steps, curve = time.monotonic(), 0, []
while not curve or (time.monotonic() - begin < args.seconds and steps < args.timesteps):
    found = algorithm.train()["env_runners"]
    steps += found["num_env_steps_sampled"]
    curve.append(found["episode_return_mean"])
    print(f"{time.monotonic() - begin:4.0f} s {steps:7} steps  {curve[-1]:+.2f} EUR a day for all agents")
print(f"learned to save {curve[-1] - curve[0]:+.2f} EUR a day in {len(curve)} iterations")
algorithm.stop()
ray.shutdown()
