"""All key figures by subject, and what computes them."""

from collections.abc import Mapping, Sequence

from gridbid.evaluate.kpis.cost import COST
from gridbid.evaluate.kpis.devices import DEVICES
from gridbid.evaluate.kpis.energy import ENERGY
from gridbid.evaluate.kpis.fairness import FAIRNESS
from gridbid.evaluate.kpis.figure import Floats, Kpi, Records, Weeks
from gridbid.evaluate.kpis.grid import GRID
from gridbid.evaluate.kpis.market import MARKET
from gridbid.evaluate.kpis.response import RESPONSE
from gridbid.market.community import Community
from gridbid.market.errors import InputError

SUBJECTS: Mapping[str, tuple[Kpi, ...]] = {
    "Cost": COST,
    "Energy": ENERGY,
    "Grid": GRID,
    "Devices": DEVICES,
    "Market": MARKET,
    "Demand response": RESPONSE,
    "Fairness": FAIRNESS,
}

KPIS: tuple[Kpi, ...] = tuple(kpi for figures in SUBJECTS.values() for kpi in figures)


def kpis(
    records: Records,
    community: Community,
    *,
    kinds: Sequence[str] = (),
    alone_eur: Floats | None = None,
    without_events: Records = (),
) -> dict[str, float]:
    """All key figures of one controller's weeks; nan where one has no meaning.

    ``kinds`` of the seats with a meter tell own profits apart; ``alone_eur`` is J of each member alone (N,), the base of
    fairness; ``without_events`` are the same weeks without events, for the accuracy of baselines. Without them the
    figures that need them are nan.
    """
    if not records:
        raise InputError("records: empty; expected at least one week")
    weeks = Weeks(records, community, tuple(kinds), alone_eur, without_events)
    return {kpi.name: kpi.compute(weeks) for kpi in KPIS}
