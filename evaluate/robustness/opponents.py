"""Other members who don't play what a policy is used to."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.named import named_policy
from gridbid.agents.policy import Actions, Observations, Policy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.exploitability.seats import seats_of
from gridbid.evaluate.records.rollout import introduce
from gridbid.evaluate.records.rounds import AlterOrders, everybodys_actions
from gridbid.evaluate.robustness.stress import Stress
from gridbid.market.engine import Engine
from gridbid.market.types import Side

Flags = NDArray[np.bool_]


class PopulationSwap(Stress):
    """Every second member is played by somebody else."""

    def __init__(self, opponent: str) -> None:
        self._opponent = opponent
        self.name = f"against_{opponent}"
        played = opponent.replace("_", " ")
        self.title = f"Against {played}"
        self.meaning = (
            f"Every second member plays {played}; the policy has the others, and is judged by them."
        )

    def policy(self, policy: Policy, compiled: CompiledScenario) -> Policy:
        """The policy among others."""
        return _Among(policy, named_policy(self._opponent), compiled)

    def tested(self, compiled: CompiledScenario) -> Flags:
        """The members who are left to the policy."""
        return _every_second(compiled)


def _every_second(compiled: CompiledScenario) -> Flags:
    return np.arange(compiled.community.n_participants) % 2 == 0


class _Among:
    """A policy in every second seat, and an opponent in the others."""

    def __init__(self, policy: Policy, opponent: Policy, compiled: CompiledScenario) -> None:
        self.name = policy.name
        self._players = policy, opponent
        ours = _every_second(compiled)
        seats = seats_of(compiled.scenario)
        self._ours = {
            kind: np.array([ours[seat.participant] for seat in seats if seat.kind == kind])
            for kind in {seat.kind for seat in seats}
        }

    def attach(self, env: BatchEnv) -> None:
        """Introduce both."""
        for player in self._players:
            introduce(player, env)

    def reset(self, seed: int) -> None:
        """Begin episodes."""
        for player in self._players:
            player.reset(seed)

    def act(self, observations: Observations) -> Actions:
        """Both are asked for everybody, and each is heard in its seats."""
        policys, opponents = (everybodys_actions(player, observations) for player in self._players)
        return {
            kind: np.where(self._ours[kind][:, np.newaxis], policys[kind], opponents[kind])
            for kind in observations
        }


class AdversarialBidder(Stress):
    """One member bids all that its connection can carry, at any price, now on one side, now on the other."""

    name = "adversarial_bidder"
    title = "A bidder gone wild"
    meaning = (
        "In turn the first member bids for all that its connection carries at the top of the book, and offers as much at its "
        "bottom. The others are judged."
    )

    def alter(self, compiled: CompiledScenario) -> AlterOrders:
        """Write the order of the first member."""
        sites, n_ticks = compiled.community.sites, compiled.community.rules.n_ticks

        def bid_wildly(engine: Engine) -> None:
            orders, trading = engine.state.orders, engine.state.trading
            buys = engine.state.clock.slot % 2 == 0
            position_wh = trading.bought_wh[:, 0] - trading.sold_wh[:, 0]
            orders.side[:, 0] = np.where(buys, Side.BUY, Side.SELL)
            orders.tick[:, 0] = np.where(buys, n_ticks - 1, 0)
            orders.quantity_wh[:, 0] = np.where(
                buys, sites.import_limit_wh[0] - position_wh, sites.export_limit_wh[0] + position_wh
            )

        return bid_wildly

    def tested(self, compiled: CompiledScenario) -> Flags:
        """Everybody else."""
        return np.arange(compiled.community.n_participants) > 0
