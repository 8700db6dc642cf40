"""Speed of the whole slot."""

import numpy as np

from gridbid.evaluate.benchmarks.measure import Measure, compare
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.naive.records import Action
from gridbid.market.naive.slot import NaiveCommunity
from gridbid.market.types import Control


def slot_measures() -> list[Measure]:
    """The whole slot, beside the plain twin."""
    return [measure_slot()]


def measure_slot(n: int = 20, batch: int = 64) -> Measure:
    """The whole slot with all of its rules and the grid; yardstick: the plain twin."""
    community = random_community(np.random.default_rng(2), n=n, n_buses=10)
    random = np.random.default_rng(3)
    offer, limit, follow = (random.uniform(0.0, 1.0, (batch, n)) for _ in range(3))
    controls = random.uniform(-1.0, 1.0, (batch, n, len(Control)))
    actions = [
        Action(offer[0, i], limit[0, i], follow[0, i], tuple(controls[0, i].tolist())) for i in range(n)
    ]
    engine, steps = Engine(community, batch), 20

    def ours() -> float:
        engine.reset(200, steps + 1)
        for _ in range(steps):
            engine.step(offer, limit, follow, controls)
        return steps * batch * n

    def yardstick() -> float:
        naive = NaiveCommunity(community, 200, steps + 1, 0, 0, 0)
        for _ in range(4):
            naive.play_round(actions)
        return 4 * n

    return compare(
        "whole slot, 20 participants (beside the plain Python twin)", "ns/agent-step", ours, yardstick
    )
