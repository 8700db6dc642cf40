"""Stable-Baselines3: one PPO network for the prosumers of many communities, on the batch engine."""

import argparse
import time

import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecMonitor

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs import vector_env
from gridbid.train.sb3_vec_env import MarketVecEnv

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--scenario", default="tiny")
parser.add_argument("--kind", default="prosumer", choices=("prosumer", "battery", "ev"))
parser.add_argument(
    "--num-envs", type=int, default=64, help="agents; a multiple of the kind's agents in a community"
)
parser.add_argument("--seconds", type=float, default=15.0, help="time to train")
parser.add_argument("--timesteps", type=int, default=10**9, help="agent-steps to train at most")
parser.add_argument("--num-steps", type=int, default=96, help="steps of each agent between two updates")
parser.add_argument("--slots", type=int, default=96, help="quarter hours of an episode")
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

torch.set_num_threads(1)  # the networks are small


def agents(split: str) -> VecMonitor:
    """Agents of a kind on days of a split's weeks; everybody else follows the rule."""
    envs = vector_env(
        args.scenario, args.num_envs, args.kind, RulePolicy(), n_slots=args.slots, split=split, seed=args.seed
    )
    return VecMonitor(MarketVecEnv(envs))


class Clock(BaseCallback):
    """Ends the training in time, and prints what the agents earn while they explore."""

    def _on_rollout_start(self) -> None:
        if self.model.ep_info_buffer:
            earned = [episode["r"] for episode in self.model.ep_info_buffer]
            print(
                f"{time.monotonic() - begin:4.0f} s {self.num_timesteps:8} steps  {sum(earned) / len(earned):+.2f} EUR a day"
            )

    def _on_step(self) -> bool:
        return time.monotonic() - begin < args.seconds


def judged() -> float:
    """EUR a day on validation weeks, without exploring."""
    earned, _ = evaluate_policy(model, judge, n_eval_episodes=args.num_envs)
    return float(earned)


training, judge = agents("train"), agents("validation")
model = PPO(
    "MlpPolicy",
    training,
    learning_rate=1e-3,
    n_steps=args.num_steps,
    batch_size=args.num_envs * args.num_steps // 4,
    n_epochs=4,
    policy_kwargs={"log_std_init": -1.0},
    seed=args.seed,
)
first, begin = judged(), time.monotonic()
print(f"{args.kind} of {args.scenario}, as the network begins: {first:+.2f} EUR a day on validation weeks")
model.learn(args.timesteps, callback=Clock())
print(f"learned to save {judged() - first:+.2f} EUR a day in {model.num_timesteps} agent-steps")
