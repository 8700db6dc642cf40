"""For the RL researcher: a community as a PettingZoo environment, and 64 of them as one batch of arrays."""

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs import BatchEnv, parallel_env

env = parallel_env("tiny", n_slots=96)
observations, infos = env.reset(seed=0)
while env.agents:
    actions = {agent: env.action_space(agent).sample() for agent in env.agents}
    observations, rewards, terminated, truncated, infos = env.step(actions)
print("random agents, last slot, EUR:", {agent: round(reward, 3) for agent, reward in rewards.items()})

batch, rule = BatchEnv("tiny", 64, n_slots=96), RulePolicy()
seen = batch.reset(seed=0)
seen, rewards, done = batch.step(rule.act(seen))
print("64 communities, one step:", {kind: array.shape for kind, array in rewards.items()})
