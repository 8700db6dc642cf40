"""All that a step tells, in one call: calling a kernel costs by the arrays that it takes, and all of these take the same."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.signals.infos import Infos, write_infos
from gridbid.envs.signals.market_view import MarketView
from gridbid.envs.signals.masks import Entries, Flagged, write_masks
from gridbid.envs.signals.observations import write_observations
from gridbid.envs.signals.observe_published import Tables
from gridbid.envs.signals.rewards import Rewards, write_rewards
from gridbid.envs.signals.seating import Rows, Seating
from gridbid.market.community import Community
from gridbid.market.kernel import allocating_kernel
from gridbid.market.response import EngineResponse
from gridbid.market.state import Arena, state_of


@allocating_kernel
def tell_everybody(
    community: Community,
    arena: Arena,
    response: EngineResponse | None,
    tables: Tables,
    view: MarketView,
    seating: Seating,
    entries: Entries,
    community_weight: float,
    with_infos: bool,
    shared: NDArray[np.float32],
    rows: Rows,
    rewards: Rewards,
    infos: Infos,
    present: Flagged,
    mask: Flagged,
) -> None:
    """Write observations, rewards, masks and, unless they are written already, infos of the step that was played."""
    state = state_of(arena)
    if with_infos:
        write_infos(arena, response, seating, infos)
    write_masks(community, arena, response, seating, entries, present, mask)
    write_observations(community, arena, tables, view, True, seating, shared, rows)
    write_rewards(
        state.cost_eur, state.delivered.slot, community.series.present, community_weight, seating, rewards
    )
