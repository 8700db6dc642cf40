"""The transformer's limit as rows of a linear program: what it carries is the sum of the meters, without losses."""

import numpy as np

from gridbid.agents.programs.meters import Meters


def add_transformer(meters: Meters, rating_kva: float) -> None:
    """Import and export of all together stay within the rating; more is an overload, which is priced."""
    outlook = meters.outlook
    if not np.isfinite(rating_kva):
        return
    reactive_kvar = outlook.reactive_kvar.sum(axis=1)
    limit_kwh = np.sqrt(np.maximum(0.0, rating_kva**2 - reactive_kvar**2)) * outlook.hours
    net_kwh, steps = outlook.net_kwh.sum(axis=1), np.arange(outlook.hours.size)
    for sign in (1.0, -1.0):
        rows = meters.program.at_most(limit_kwh - sign * net_kwh)
        meters.excess(rows, meters.plant.penalties.overload)
        meters.put_sum(rows, steps, sign)
