"""What a stress is: something that differs from what a policy is used to, in one place, the same for every policy."""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.policy import Policy
from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.records.rounds import AlterOrders, leave_orders

Flags = NDArray[np.bool_]

EVERY_THIRD = 3
"""Stresses that hit some of the members hit every third, in the scenario's order."""


class Episodes(NamedTuple):
    """The weeks that are stressed: first slots, and how many slots each has."""

    starts: tuple[int, ...]
    n_slots: int

    def stretches(self, begin: float, end: float) -> Iterator[slice]:
        """The same stretch of every episode, in slots of the year; its ends are shares of the episode."""
        first, last = round(begin * self.n_slots), round(end * self.n_slots)
        return (slice(start + first, start + last) for start in self.starts)


class Stress:
    """One stress; what isn't overridden stays as it is."""

    name: str
    """In tables and files."""
    title: str
    """For readers."""
    meaning: str
    """What happens, in a sentence."""
    changes_truth: ClassVar[bool] = False
    """Whether loads, prices or members differ, and with them the optimum."""

    def scenario(self, compiled: CompiledScenario, episodes: Episodes) -> CompiledScenario:
        """The scenario as it is played."""
        return compiled

    def policy(self, policy: Policy, compiled: CompiledScenario) -> Policy:
        """Who plays: the policy, behind what changes its view or beside others."""
        return policy

    def alter(self, compiled: CompiledScenario) -> AlterOrders:
        """What happens to orders before the book sees them."""
        return leave_orders

    def tested(self, compiled: CompiledScenario) -> Flags:
        """Which participants the policy plays (N,): whose J it is judged by."""
        return np.ones(compiled.community.n_participants, np.bool_)


class AsIs(Stress):
    """No stress: what the others are compared with."""

    name = "as_is"
    title = "As it is"
    meaning = "Nothing is changed."


AS_IS = AsIs()


def every_third(compiled: CompiledScenario) -> Flags:
    """The members that a stress hits (N,); never the first."""
    return np.arange(compiled.community.n_participants) % EVERY_THIRD == EVERY_THIRD - 1
