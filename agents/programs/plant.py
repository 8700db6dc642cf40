"""What is planned for: devices, limits of connections, and the prices of what isn't on the bill."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community, Devices, Penalties
from gridbid.market.units import WH_PER_KWH

Floats = NDArray[np.float64]


class Plant(NamedTuple):
    """N participants with a meter each; limits in kW (N,)."""

    devices: Devices
    penalties: Penalties
    import_limit_kw: Floats
    export_limit_kw: Floats


def plant_of(community: Community) -> Plant:
    """A community's plant as the engine knows it."""
    wh_per_kw = WH_PER_KWH * community.rules.slot_h
    return Plant(
        devices=community.devices,
        penalties=community.penalties,
        import_limit_kw=community.sites.import_limit_wh / wh_per_kw,
        export_limit_kw=community.sites.export_limit_wh / wh_per_kw,
    )
