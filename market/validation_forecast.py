"""What a forecast model must hold: weights by horizon, and errors of the series' shape if it is noisy."""

import numpy as np

from gridbid.market.forecast import LAST_KNOWN, Forecast
from gridbid.market.types import ForecastKind
from gridbid.market.validation_faults import FINITE, Faults, Range

_SHARE = Range(0.0, 1.0)
_ERRORS = ("net_error_kw", "pv_error_kw", "heat_error_kw", "net_error_hour_kw")


def check_forecast(
    forecast: Forecast, n_slots: int, n_participants: int, slots_per_day: int, faults: Faults
) -> None:
    """Note every fault of a forecast model for T slots of N participants."""
    known_kind = faults.check_integer("series.forecast.kind", forecast.kind, Range(0, max(ForecastKind)))
    horizon = (slots_per_day + LAST_KNOWN,)
    for name in ("decay", "growth"):
        values = getattr(forecast, name)
        if faults.check_array(f"series.forecast.{name}", values, np.float64, horizon):
            faults.check_range(f"series.forecast.{name}", values, _SHARE)
            if name == "growth":
                _check_growth(forecast, faults)
    is_noisy = known_kind and forecast.kind == ForecastKind.NOISY
    shapes = {name: (n_slots, n_participants) if is_noisy else (0, 0) for name in _ERRORS}
    shapes["total_error_hour_kw"] = (n_slots, 1) if is_noisy else (0, 0)
    for name, shape in shapes.items():
        errors = getattr(forecast, name)
        if faults.check_array(f"series.forecast.{name}", errors, np.float32, shape):
            faults.check_range(f"series.forecast.{name}", errors, FINITE)


def _check_growth(forecast: Forecast, faults: Faults) -> None:
    """What is known has no error, and the further ahead, the more of it shows."""
    growth, wrong = forecast.growth, np.zeros(forecast.growth.shape, np.bool_)
    wrong[0] = growth[0] != 0.0
    faults.add_where("series.forecast.growth", growth, wrong, "0, as the reading is known")
    falls = np.diff(growth, prepend=growth[0]) < 0.0
    faults.add_where("series.forecast.growth", growth, falls, "at least what it is a slot less ahead")
