"""Zero intelligence as a kernel beside the same on whole arrays, bit for bit."""

import numpy as np
import pytest

from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import METERED
from gridbid.evaluate.benchmarks.numpy_traders import act_by_zero_intelligence


@pytest.mark.parametrize("seed", [0, 7, (1 << 64) - 1])
def test_the_kernel_gives_the_same_bits(seed):
    env, policy = BatchEnv("rural", 3, n_slots=96), ZeroIntelligencePolicy()
    policy.reset(seed)
    observations = env.reset(day=5)
    for _ in range(96):
        seen = {kind: observations[kind] for kind in METERED}
        ours, theirs = policy.act(seen), act_by_zero_intelligence(seen, seed)
        assert all(np.array_equal(ours[kind], theirs[kind]) for kind in METERED)
        observations, _, _ = env.step(ours)
