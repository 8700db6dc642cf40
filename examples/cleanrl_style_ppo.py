"""PPO in one file, in the style of CleanRL: one network for the prosumers of many communities, on the vector face.

After Schulman et al. (Proximal policy optimization algorithms, 2017) with generalised advantages. Read it from top to bottom.
"""

import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.distributions import Normal

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs import vector_env

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--scenario", default="tiny")
parser.add_argument("--kind", default="prosumer", choices=("prosumer", "battery", "ev"))
parser.add_argument(
    "--num-envs", type=int, default=128, help="agents; a multiple of the kind's agents in a community"
)
parser.add_argument("--seconds", type=float, default=20.0, help="time to train")
parser.add_argument("--timesteps", type=int, default=10**9, help="agent-steps to train at most")
parser.add_argument("--num-steps", type=int, default=32, help="steps of each agent between two updates")
parser.add_argument("--slots", type=int, default=96, help="quarter hours of an episode")
parser.add_argument("--learning-rate", type=float, default=2e-3)
parser.add_argument("--gamma", type=float, default=0.99)
parser.add_argument("--gae-lambda", type=float, default=0.95)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--minibatches", type=int, default=4)
parser.add_argument("--clip", type=float, default=0.2)
parser.add_argument("--entropy", type=float, default=0.0)
parser.add_argument(
    "--reward-scale", type=float, default=10.0, help="rewards are cents a slot; networks like about 1"
)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

torch.manual_seed(args.seed)
torch.set_num_threads(1)  # the networks are small


def layer(n_in: int, n_out: int, gain: float = 2**0.5) -> nn.Linear:
    linear = nn.Linear(n_in, n_out)
    nn.init.orthogonal_(linear.weight, gain)
    nn.init.zeros_(linear.bias)
    return linear


class Agent(nn.Module):
    """An actor with a Gaussian of learned width, and a critic."""

    def __init__(self, n_seen: int, n_actions: int) -> None:
        super().__init__()
        self.critic = nn.Sequential(layer(n_seen, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, 1, 1.0))
        self.actor = nn.Sequential(
            layer(n_seen, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, n_actions, 0.01)
        )
        self.log_std = nn.Parameter(torch.full((n_actions,), -1.0))

    def policy(self, seen: torch.Tensor) -> Normal:
        return Normal(self.actor(seen), self.log_std.exp())

    def value(self, seen: torch.Tensor) -> torch.Tensor:
        return self.critic(seen).squeeze(-1)


def evaluate(decide) -> float:
    """Mean reward of an agent in a day, EUR, over days of validation weeks."""
    seen, _ = judge.reset(seed=1)
    total = 0.0
    for _ in range(args.slots):
        seen, reward, _, _, _ = judge.step(decide(seen))
        total += reward.mean()
    return total


def by_network(seen: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return agent.actor(torch.from_numpy(seen)).clamp(-1.0, 1.0).numpy()


def by_rule(seen: np.ndarray) -> np.ndarray:
    return rule.act({args.kind: seen[:, None]})[args.kind][:, 0]


rule = RulePolicy()
envs = vector_env(args.scenario, args.num_envs, args.kind, others=rule, n_slots=args.slots, seed=args.seed)
judge = vector_env(
    args.scenario,
    args.num_envs,
    args.kind,
    others=RulePolicy(),
    n_slots=args.slots,
    split="validation",
    samples=1,
)
n_seen, n_actions = envs.single_observation_space.shape[0], envs.single_action_space.shape[0]
agent = Agent(n_seen, n_actions)
optimizer = torch.optim.Adam(agent.parameters(), lr=args.learning_rate, eps=1e-5)

shape = (args.num_steps, args.num_envs)
observations = torch.zeros((*shape, n_seen))
actions = torch.zeros((*shape, n_actions))
log_probs, rewards, ends, values = (torch.zeros(shape) for _ in range(4))

print(f"{args.kind} of {args.scenario}, validation days: the rule {evaluate(by_rule):+.2f} EUR a day")
first = evaluate(by_network)
seen, _ = envs.reset(seed=args.seed)
next_seen = torch.from_numpy(seen.copy())
steps, begin, shown_at = 0, time.monotonic(), 0.0
print(f"{0:4.0f} s {steps:9} steps  the network as it began {first:+.2f} EUR a day")
while time.monotonic() - begin < args.seconds and steps < args.timesteps:
    for t in range(args.num_steps):
        observations[t] = next_seen
        with torch.no_grad():
            policy = agent.policy(next_seen)
            actions[t] = policy.sample()
            log_probs[t] = policy.log_prob(actions[t]).sum(-1)
            values[t] = agent.value(next_seen)
        seen, reward, _, truncated, _ = envs.step(actions[t].clamp(-1.0, 1.0).numpy())
        next_seen = torch.from_numpy(seen.copy())
        rewards[t] = torch.from_numpy(reward * args.reward_scale)
        ends[t] = torch.from_numpy(truncated.astype(np.float32))
    steps += args.num_steps * args.num_envs

    with torch.no_grad():  # a day that ends is worth what it brought: its energy in stores has been paid for
        advantages = torch.zeros(shape)
        following, ahead = agent.value(next_seen), torch.zeros(args.num_envs)
        for t in reversed(range(args.num_steps)):
            goes_on = 1.0 - ends[t]
            surprise = rewards[t] + args.gamma * following * goes_on - values[t]
            advantages[t] = ahead = surprise + args.gamma * args.gae_lambda * goes_on * ahead
            following = values[t]
        returns = advantages + values

    flat = [x.flatten(0, 1) for x in (observations, actions, log_probs, advantages, returns)]
    for _ in range(args.epochs):
        for rows in torch.randperm(flat[0].shape[0]).chunk(args.minibatches):
            seen_, action_, old_log_prob, advantage, return_ = (x[rows] for x in flat)
            policy = agent.policy(seen_)
            ratio = (policy.log_prob(action_).sum(-1) - old_log_prob).exp()
            advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
            clipped = ratio.clamp(1.0 - args.clip, 1.0 + args.clip)
            actor_loss = -torch.min(ratio * advantage, clipped * advantage).mean()
            critic_loss = 0.5 * (agent.value(seen_) - return_).square().mean()
            loss = actor_loss + 0.5 * critic_loss - args.entropy * policy.entropy().sum(-1).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()

    spent = time.monotonic() - begin
    if spent - shown_at > args.seconds / 10:
        shown_at, exploring = spent, rewards.mean().item() / args.reward_scale * args.slots
        print(
            f"{spent:4.0f} s {steps:9} steps  {evaluate(by_network):+.2f} EUR a day, exploring {exploring:+.2f}"
        )
print(f"learned to save {evaluate(by_network) - first:+.2f} EUR a day in {steps} agent-steps")
