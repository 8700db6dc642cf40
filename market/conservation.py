"""Whether an episode's books are closed: every Wh and every nEUR accounted for, or how much is not."""

import numpy as np

from gridbid.market.engine import Engine
from gridbid.market.units import WH_PER_KWH


def residuals(engine: Engine) -> dict[str, int]:
    """What is unaccounted for over all communities' episodes so far: {"energy_wh": 0, "cash_neur": 0} when all is well.

    Energy: what was bought and what was sold; readings and positions with imbalances; registers and readings.
    Cash: participants, supplier, operator, outside and residue (rule 10).
    """
    totals = engine.state.totals
    traded = totals.bought_wh.sum(axis=1) - totals.sold_wh.sum(axis=1)
    position = totals.bought_wh - totals.sold_wh
    settled = totals.reading_wh - position - totals.imbalance_wh
    metered = np.floor(totals.register_kwh * WH_PER_KWH).astype(np.int64) - totals.reading_wh
    energy_wh = np.abs(traded).sum() + np.abs(settled).sum() + np.abs(metered).sum()
    cash = totals.cash_neur.sum(axis=1) + totals.accounts_neur.sum(axis=1)
    return {"energy_wh": int(energy_wh), "cash_neur": int(np.abs(cash).sum())}
