"""The PettingZoo loop: a day of a small community, played at random, by keeping still, and by the rule in every seat."""

import argparse
from collections.abc import Callable

import numpy as np

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs import parallel_env
from gridbid.envs.fields import METERED

Actions = dict[str, np.ndarray]
Decide = Callable[[dict[str, np.ndarray]], Actions]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--scenario", default="tiny")
parser.add_argument("--timesteps", type=int, default=96, help="quarter hours to play")
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

env = parallel_env(args.scenario, max_cycles=args.timesteps)
rule = RulePolicy()


def at_random(observations: dict[str, np.ndarray]) -> Actions:
    return {agent: env.action_space(agent).sample() for agent in env.agents}


def still(observations: dict[str, np.ndarray]) -> Actions:
    return {agent: np.full(env.action_space(agent).shape, -1.0, np.float32) for agent in env.agents}


def by_rule(observations: dict[str, np.ndarray]) -> Actions:
    """Any policy decides for one agent as for many: arrays (communities, agents, observation) by kind."""
    kinds = {agent: agent.rpartition("_")[0] for agent in env.agents}
    return {
        agent: rule.act({kinds[agent]: seen[None, None]})[kinds[agent]][0, 0]
        if kinds[agent] in METERED
        else np.zeros(env.action_space(agent).shape, np.float32)
        for agent, seen in observations.items()
    }


def play(decide: Decide) -> tuple[dict[str, float], float]:
    """What a day brings each agent, EUR, and the energy that was traded, kWh."""
    observations, infos = env.reset(seed=args.seed)
    for agent in env.possible_agents:
        env.action_space(agent).seed(args.seed)
    earned, traded_kwh = dict.fromkeys(env.agents, 0.0), 0.0
    while env.agents:
        observations, rewards, terminations, truncations, infos = env.step(decide(observations))
        for agent, reward in rewards.items():
            earned[agent] += float(reward)
            traded_kwh += infos[agent]["bought_kwh"] if not agent.startswith("utility") else 0.0
    return earned, traded_kwh


for name, decide in (("random", at_random), ("still", still), ("rule", by_rule)):
    earned, traded_kwh = play(decide)
    agents = "  ".join(f"{agent} {reward:+6.2f}" for agent, reward in earned.items())
    print(f"{name:7} {agents}  EUR, {traded_kwh:5.1f} kWh traded")
env.close()
