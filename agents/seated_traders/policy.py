"""Seated traders on the policies' face: what they have in common."""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.draws import row_keys
from gridbid.agents.baselines.rows import COLUMNS, OUTLETS, Singles, rows_of
from gridbid.agents.policy import Actions, Observations
from gridbid.agents.seated_traders.desk import Desk
from gridbid.agents.seated_traders.hearing import Past, make_past
from gridbid.agents.seated_traders.market_rows import MARKET_COLUMNS, NO_QUOTE_CT
from gridbid.envs.fields import METERED, action_space
from gridbid.market.types import N_TICKS

TICK_SIZE_NEUR = 2_000
"""Tick size of a scenario by default, nEUR/Wh."""


class Named(NamedTuple):
    """What traders named, int64 (communities, agents): their sides and ticks, of which the action holds what its box can."""

    side: NDArray[np.int64]
    tick: NDArray[np.int64]


class TraderPolicy(ABC):
    """A trader in every seat: the rule's devices, the whole need offered, the price named by the trader.

    Rows remember what they saw last, and traders that learn what they heard; `forget` lets communities begin anew. What is
    drawn follows from the seed and the row. ``tick_size_neur`` and ``n_ticks`` are those of the scenario's market.
    """

    name: str

    def __init__(self, tick_size_neur: int = TICK_SIZE_NEUR, n_ticks: int = N_TICKS) -> None:
        self._tick_size, self._n_ticks = tick_size_neur, n_ticks
        self.named: dict[str, Named] = {}
        """What was named by the last ``act``, by kind."""
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Begin episodes in all communities; draws follow from ``seed`` and from what each row sees."""
        self._seed = seed
        self._past: dict[str, Past] = {}
        self._minds: dict[str, Any] = {}

    def forget(self, mask: NDArray[np.bool_]) -> None:
        """Begin episodes in the masked communities; the others go on."""
        for past in self._past.values():
            past.started[np.repeat(mask, past.started.size // mask.size)] = False

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered kind that is asked for."""
        return {kind: self._act(kind, seen) for kind, seen in observations.items() if kind in METERED}

    def _act(self, kind: str, seen: Singles) -> Singles:
        actions = np.empty((*seen.shape[:-1], *action_space(kind).shape), np.float32)
        named = Named(*(np.empty(seen.shape[:-1], np.int64) for _ in Named._fields))
        rows = rows_of(kind, seen)
        if kind not in self._past:
            self._past[kind] = make_past(len(rows.values))
            self._minds[kind] = self._make_minds(len(rows.values))
        if len(rows.values) != self._past[kind].started.size:
            raise ValueError(
                f"observations[{kind!r}] have {len(rows.values)} rows; since the last reset they had "
                f"{self._past[kind].started.size}, which this policy remembers"
            )
        desk = Desk(
            rows=rows,
            columns=COLUMNS[kind],
            market=MARKET_COLUMNS[kind],
            no_quote_ct=NO_QUOTE_CT[kind],
            keys=row_keys(self._seed, rows.values),
            streams=np.zeros(1, np.uint64),
            tick_size=self._tick_size,
            n_ticks=self._n_ticks,
            past=self._past[kind],
            sides=named.side.reshape(-1),
            ticks=named.tick.reshape(-1),
            outlets=OUTLETS[kind],
            actions=actions.reshape(-1, actions.shape[-1]),
        )
        self._decide(desk, self._minds[kind])
        self.named[kind] = named
        return actions

    def _make_minds(self, n_rows: int) -> Any:
        """What the traders of so many rows remember; nothing, unless they learn."""
        return None

    @abstractmethod
    def _decide(self, desk: Desk, minds: Any) -> None:
        """Let every row's trader hear and name a price."""
