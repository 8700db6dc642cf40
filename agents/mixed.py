"""Different policies in one community: who plays which seat."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.planners.facts import Facts
from gridbid.agents.policy import Actions, Configured, Informed, Observations, Policy, Remembers
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.faces.episodes import AnyScenario, loaded
from gridbid.envs.faces.others import still_action
from gridbid.envs.fields import KINDS
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]
Places = NDArray[np.int64]

EVERYBODY_ELSE = "*"


class Seated(NamedTuple):
    """A policy, and its places among the agents of each kind."""

    policy: Policy
    places: dict[str, Places]


class SeatedPolicies:
    """Policies by agent's name, by kind, or under ``"*"`` for everybody else; itself a policy, for all of them at once.

    - An agent is played by the policy under its name, else by that of its kind, else by the one under ``"*"``. One that nobody
      plays keeps still.
    - Each policy is asked once, for all its agents, and sees their rows alone; all draw from the same seed.
    - One that is `Informed` has all agents of a kind or none: it knows its rows by their place in the community.
    """

    def __init__(self, policies: Mapping[str, Policy], scenario: AnyScenario, name: str = "seated") -> None:
        """``scenario`` says who is there. InputError names keys that are nobody's, and informed policies with part of a kind."""
        self.name = name
        self._agents = _agents_of(scenario)
        names = {agent for agents in self._agents.values() for agent in agents}
        unknown = sorted(set(policies) - names - set(self._agents) - {EVERYBODY_ELSE})
        if unknown:
            raise InputError(
                f"policies: {', '.join(map(repr, unknown))} is no agent or kind of this scenario; it has kinds "
                f"{', '.join(self._agents)} and agents {', '.join(sorted(names))}"
            )
        self._seated = _seat(policies, self._agents)
        self._refuse_informed_with_part_of_a_kind()

    def reset(self, seed: int) -> None:
        """Begin anew, everybody."""
        for seated in self._seated:
            seated.policy.reset(seed)

    def forget(self, mask: NDArray[np.bool_]) -> None:
        """Whoever remembers begins anew in the masked communities."""
        for seated in self._seated:
            if isinstance(seated.policy, Remembers):
                seated.policy.forget(mask)

    def configure(self, facts: Facts) -> None:
        """Whoever goes by a scenario's constants goes by these from now on."""
        for seated in self._seated:
            if isinstance(seated.policy, Configured):
                seated.policy.configure(facts)

    def attach(self, env: BatchEnv) -> None:
        """Whoever is informed looks into this environment from now on."""
        for seated in self._seated:
            if isinstance(seated.policy, Informed):
                seated.policy.attach(env)

    def act(self, observations: Observations) -> Actions:
        """Everybody's actions; kinds that no policy plays are left out. InputError for rows of another scenario."""
        self._check(observations)
        actions: Actions = {}
        for policy, places in self._seated:
            rows = {kind: observations[kind][:, own] for kind, own in places.items() if kind in observations}
            for kind, done in (policy.act(rows) if rows else {}).items():
                if kind not in actions:
                    still = still_action(kind)
                    actions[kind] = np.tile(still, (*observations[kind].shape[:-1], 1))
                actions[kind][:, places[kind]] = done
        return {kind: actions[kind] for kind in observations if kind in actions}

    def _check(self, observations: Observations) -> None:
        faults = [
            f"{kind}: {rows.shape[1]} rows a community, expected {len(self._agents.get(kind, ()))}"
            for kind, rows in observations.items()
            if rows.shape[1] != len(self._agents.get(kind, ()))
        ]
        if faults:
            raise InputError(f"policy {self.name!r}: it was seated in another scenario; {'; '.join(faults)}")

    def _refuse_informed_with_part_of_a_kind(self) -> None:
        faults = [
            f"{policy.name!r} has {own.size} of {len(self._agents[kind])} agents of kind {kind}"
            for policy, places in self._seated
            if isinstance(policy, Informed)
            for kind, own in places.items()
            if own.size < len(self._agents[kind])
        ]
        if faults:
            raise InputError(f"policies that are informed play all of a kind or none: {'; '.join(faults)}")


def _agents_of(scenario: AnyScenario) -> dict[str, tuple[str, ...]]:
    """Names by kind, in the order of rows."""
    known = loaded(scenario)
    seats = known.scenario.seats if isinstance(known, CompiledScenario) else known.seats
    names = {kind: tuple(seat.name for seat in seats if seat.kind == kind) for kind in KINDS}
    return {kind: members for kind, members in names.items() if members}


def _seat(policies: Mapping[str, Policy], agents: Mapping[str, tuple[str, ...]]) -> tuple[Seated, ...]:
    """Each distinct policy once, in the order in which they are named."""
    seated = {id(policy): Seated(policy, {}) for policy in policies.values()}
    for kind, members in agents.items():
        by_kind = policies.get(kind, policies.get(EVERYBODY_ELSE))
        chosen = [policies.get(member, by_kind) for member in members]
        for policy, places in seated.values():
            own = np.array([place for place, one in enumerate(chosen) if one is policy], np.int64)
            if own.size:
                places[kind] = own
    return tuple(one for one in seated.values() if one.places)
