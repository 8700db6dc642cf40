"""The forecasts that are issued to everybody, by one of three models.

- persistence: yesterday's profile, moved by how far today already differs:
  net(t + h) ~ net(t + h - 1 day) + decay(h + 2) * (net(t - 2) - net(t - 2 - 1 day)), from readings up to t - 2 alone;
- perfect: the truth, a named idealisation;
- noisy: the truth, and an error that grows with the horizon: net(t + h) ~ net(t + h) + growth(h + 2) * error(t + h).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel
from gridbid.market.types import ForecastKind

LAST_KNOWN = 2
"""The newest reading known in the rounds for slot t is that of t - 2."""
DECAY_PER_QUARTER_HOUR = 0.9
"""Of a deviation from yesterday, what is left a quarter of an hour later."""

_PERSISTENCE, _NOISY = int(ForecastKind.PERSISTENCE), int(ForecastKind.NOISY)

Singles = NDArray[np.float32]


class Forecast(NamedTuple):
    """A forecast model and what it needs; the errors are empty, (0, 0), unless the model is noisy.

    - ``kind``: a ForecastKind.
    - ``decay``, ``growth``: float64 (slots a day + 2,), by slots since the newest reading: what is left of a deviation, and
      what has come of an error, from 0 at what is known, never falling, to 1 at most.
    - ``net_error_kw``, ``pv_error_kw``, ``heat_error_kw``: float32 (T, N), errors of net load, PV and heat demand.
    - ``net_error_hour_kw`` (T, N), ``total_error_hour_kw`` (T, 1): float32, the net load's errors, each's and all together,
      in the mean of the hour of slots from t on.
    """

    kind: int
    decay: NDArray[np.float64]
    growth: NDArray[np.float64]
    net_error_kw: Singles
    pv_error_kw: Singles
    heat_error_kw: Singles
    net_error_hour_kw: Singles
    total_error_hour_kw: Singles


class ForecastErrors(NamedTuple):
    """Errors of a noisy forecast in full, float32 (T, N): of net load, of PV and of heat demand, kW."""

    net_kw: Singles
    pv_kw: Singles
    heat_kw: Singles


def persistence_forecast(slots_per_day: int) -> Forecast:
    """Yesterday's profile, moved by how far today already differs."""
    return _without_errors(ForecastKind.PERSISTENCE, slots_per_day)


def perfect_forecast(slots_per_day: int) -> Forecast:
    """The truth."""
    return _without_errors(ForecastKind.PERFECT, slots_per_day)


def noisy_forecast(slots_per_day: int, errors: ForecastErrors, growth: NDArray[np.float64]) -> Forecast:
    """The truth, and errors of which ``growth`` (slots a day + 2,), as :func:`error_growth` makes it, has come.

    An hour's forecast has the growth of its first slot.
    """
    per_hour = slots_per_day // 24
    total_kw = errors.net_kw.sum(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    return Forecast(
        int(ForecastKind.NOISY),
        deviation_decay(slots_per_day),
        growth,
        *errors,
        net_error_hour_kw=hour_means(errors.net_kw, per_hour),
        total_error_hour_kw=hour_means(total_kw, per_hour),
    )


def _without_errors(kind: ForecastKind, slots_per_day: int) -> Forecast:
    decay = deviation_decay(slots_per_day)
    none = np.zeros((0, 0), np.float32)
    return Forecast(int(kind), decay, np.zeros_like(decay), none, none, none, none, none)


def deviation_decay(slots_per_day: int) -> NDArray[np.float64]:
    """Share of a deviation that is left after 0, 1, ... slots, for a day's forecasts: (slots_per_day + LAST_KNOWN,)."""
    per_slot = DECAY_PER_QUARTER_HOUR ** (96 / slots_per_day)
    decay: NDArray[np.float64] = per_slot ** np.arange(slots_per_day + LAST_KNOWN)
    return decay


def error_growth(slots_per_day: int, correlation_h: float) -> NDArray[np.float64]:
    """How much of its error a forecast shows 0, 1, ... slots after the newest reading: (slots_per_day + LAST_KNOWN,).

    sqrt(1 - exp(-2 h / correlation_h)) after h hours: what the best forecast of an autoregressive path of first order, whose
    correlation falls to 1 / e in ``correlation_h``, errs by, relative to the path's own spread.
    """
    hours = 24.0 / slots_per_day * np.arange(slots_per_day + LAST_KNOWN)
    growth: NDArray[np.float64] = np.sqrt(-np.expm1(-2.0 * hours / correlation_h))
    return growth


def hour_means(series_kw: Singles, slots_per_hour: int) -> Singles:
    """Mean of the hour of slots from each one on, (T, columns); the last slot stands for what follows the year."""
    before, last = np.zeros_like(series_kw[:1]), np.repeat(series_kw[-1:], slots_per_hour - 1, axis=0)
    sums = np.cumsum(np.concatenate([before, series_kw, last]), axis=0, dtype=np.float64)
    return ((sums[slots_per_hour:] - sums[:-slots_per_hour]) / slots_per_hour).astype(np.float32)


@kernel
def slot_forecast(
    forecast: Forecast, series_kw: Singles, error_kw: Singles, slot: int, ahead: int, column: int
) -> float:
    """Forecast in kW, issued in the rounds for ``slot``, of the slot ``ahead`` of it (0: the slot itself).

    ``series_kw`` is (T, columns), and so is ``error_kw`` if the forecast is noisy; ``ahead`` is at least -1.
    """
    decay = forecast.decay
    if forecast.kind != _PERSISTENCE:
        return _truth(forecast, series_kw, error_kw, slot, ahead, column)
    day = decay.size - LAST_KNOWN
    lag = day if ahead < day - LAST_KNOWN + 1 else 2 * day
    yesterday_kw = np.float64(series_kw[slot + ahead - lag, column])
    return yesterday_kw + decay[ahead + LAST_KNOWN] * deviation(forecast, series_kw, slot, column)


@kernel
def deviation(forecast: Forecast, series_kw: Singles, slot: int, column: int) -> float:
    """How far the newest reading known in the rounds for ``slot`` differs from a day before, kW."""
    day, known = forecast.decay.size - LAST_KNOWN, slot - LAST_KNOWN
    return np.float64(series_kw[known, column]) - np.float64(series_kw[known - day, column])


@kernel
def hour_forecast(
    forecast: Forecast,
    hourly_kw: Singles,
    hourly_error_kw: Singles,
    slot: int,
    hour: int,
    column: int,
    deviation_kw: float,
) -> float:
    """Mean forecast of the slots of the hour that begins ``hour`` hours after ``slot``.

    ``hourly_kw[t]`` is the mean of the hour of slots from t on, ``hourly_error_kw[t]`` that of the errors;
    ``deviation_kw`` is :func:`deviation`'s.
    """
    decay = forecast.decay
    day = decay.size - LAST_KNOWN
    per_hour = day // 24
    ahead = per_hour * hour
    if forecast.kind != _PERSISTENCE:
        return _truth(forecast, hourly_kw, hourly_error_kw, slot, ahead, column)
    lag = day if ahead + per_hour < day - LAST_KNOWN + 2 else 2 * day
    return np.float64(hourly_kw[slot + ahead - lag, column]) + decay[ahead + LAST_KNOWN] * deviation_kw


@kernel
def _truth(
    forecast: Forecast, series_kw: Singles, error_kw: Singles, slot: int, ahead: int, column: int
) -> float:
    """What comes, with its error if the forecast is noisy; the last slot stands for what follows the year."""
    at = min(slot + ahead, series_kw.shape[0] - 1)
    kw = np.float64(series_kw[at, column])
    if forecast.kind == _NOISY:
        kw += forecast.growth[ahead + LAST_KNOWN] * np.float64(error_kw[at, column])
    return kw
