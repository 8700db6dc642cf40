"""The Gymnasium loop: a home among fixed neighbours finds, by random search, the best action that is the same all day."""

import argparse
import time

import gymnasium
import numpy as np

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs.fields import action_fields

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--scenario", default="tiny")
parser.add_argument("--agent", default="prosumer_0")
parser.add_argument("--seconds", type=float, default=10.0, help="time to search")
parser.add_argument("--timesteps", type=int, default=10**9, help="steps to search at most")
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

DAYS = ({"week": 22, "day": 1, "sample": 0}, {"week": 40, "day": 5, "sample": 0})
"""Days of training weeks; every action that is tried meets the same."""

env = gymnasium.make(
    "gridbid.envs:gridbid/SingleAgent-v0",
    scenario=args.scenario,
    agent=args.agent,
    others=RulePolicy(),
    n_slots=96,
)


def value(action: np.ndarray) -> tuple[float, int]:
    """EUR a day that an action brings, and the steps that it took to find out."""
    earned, steps = 0.0, 0
    for day in DAYS:
        observation, info = env.reset(seed=args.seed, options=day)
        ended = False
        while not ended:
            observation, reward, terminated, truncated, info = env.step(action)
            earned += float(reward)
            steps += 1
            ended = terminated or truncated
    return earned / len(DAYS), steps


random = np.random.default_rng(args.seed)
best = np.zeros(env.action_space.shape, np.float32)
begin = time.monotonic()
reached, steps = value(best)
first = reached
print(f"{steps:7} steps  {reached:+.3f} EUR a day with the middle of every range")
while time.monotonic() - begin < args.seconds and steps < args.timesteps:
    tried = np.clip(best + random.normal(0.0, 0.4, best.shape), -1.0, 1.0).astype(np.float32)
    found, played = value(tried)
    steps += played
    if found > reached:
        best, reached = tried, found
        print(f"{steps:7} steps  {reached:+.3f} EUR a day")
kind = args.agent.rpartition("_")[0]
learned = ", ".join(
    f"{field.name} {entry:+.2f}" for field, entry in zip(action_fields(kind), best, strict=True)
)
print(f"learned to save {reached - first:+.3f} EUR a day with {learned}")
env.close()
