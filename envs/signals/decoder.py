"""What actions by kind ask of the engine: checked, scaled from the unit box, in the engine's columns."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.signals.actions import Decision, columns_of, decode_into, make_decision
from gridbid.envs.signals.levers import Levers, decode_levers, most_event_wh
from gridbid.market.community import Community
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]
Actions = Mapping[str, Singles]
"""By kind, (B, agents, action) in the unit box; entries outside are clipped to it."""


class Decoder:
    """Decodes the actions of ``batch`` communities, whose ``agents`` and ``seats`` (agents,) are given by kind."""

    def __init__(
        self,
        batch: int,
        community: Community,
        agents: Mapping[str, Sequence[str]],
        seats: Mapping[str, NDArray[np.int64]],
    ) -> None:
        self._shapes = {
            kind: (batch, len(names), *fields.action_space(kind).shape) for kind, names in agents.items()
        }
        self._seats = seats
        self._columns = {kind: columns_of(kind) for kind in agents if kind != fields.UTILITY}
        self._most_event_wh = most_event_wh(community)
        self._decision = make_decision((batch, community.n_participants))

    def decide(self, actions: Actions) -> Decision:
        """Everybody's decision, in arrays that the next call writes anew; a kind that is left out keeps still."""
        for array in self._decision:
            array[:] = 0.0
        for kind, action in actions.items():
            self._check(kind, action)
            if kind != fields.UTILITY:
                entries = np.asarray(action, np.float32)
                if not decode_into(self._columns[kind], self._seats[kind], entries, self._decision):
                    raise _not_finite(kind)
        return self._decision

    def levers(self, actions: Actions) -> Levers | None:
        """What the utility does; None without its action."""
        if fields.UTILITY not in actions:
            return None
        action = np.asarray(actions[fields.UTILITY], np.float32)
        self._check(fields.UTILITY, action)
        if not np.isfinite(action).all():
            raise _not_finite(fields.UTILITY)
        return decode_levers(action[:, 0], self._most_event_wh)

    def _check(self, kind: str, action: Singles) -> None:
        if kind not in self._shapes:
            raise InputError(f"actions: the scenario has no kind {kind!r}; it has {', '.join(self._shapes)}")
        if np.shape(action) != self._shapes[kind]:
            raise InputError(
                f"actions[{kind!r}] has shape {np.shape(action)}; it should be {self._shapes[kind]}"
            )


def _not_finite(kind: str) -> InputError:
    return InputError(f"actions[{kind!r}] holds a value that is not finite")
