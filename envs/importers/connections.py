"""How strong a site's connection is, where data don't say."""

import math
from dataclasses import replace

from gridbid.envs.specification import Seat

CONNECTION_KW = 43.6
"""A connection of 3 x 63 A at 400 V carries at least this."""


def with_connection(seat: Seat, load_import_kw: float = 0.0, load_export_kw: float = 0.0) -> Seat:
    """The seat with limits for the peaks of its load and for its devices, and at least a usual connection."""
    import_kw, export_kw = load_import_kw, load_export_kw
    if seat.heat_pump is not None:
        import_kw += seat.heat_pump.power_kw
    if seat.charge_point is not None:
        import_kw += seat.charge_point.power_kw
        export_kw += seat.charge_point.v2g_power_kw
    if seat.battery is not None:
        import_kw += seat.battery.power_kw
        export_kw += seat.battery.power_kw
    if seat.pv is not None:
        export_kw = max(export_kw, seat.pv.peak_kw)
    return replace(seat, import_limit_kw=_connection(import_kw), export_limit_kw=_connection(export_kw))


def _connection(power_kw: float) -> float:
    return max(CONNECTION_KW, math.ceil(power_kw * 10.0 - 1e-9) / 10.0)
