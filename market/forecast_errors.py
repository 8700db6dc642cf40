"""Draws the errors of noisy forecasts: seeded paths that keep from slot to slot what a forecast was wrong by."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from gridbid.market.forecast import ForecastErrors

Singles = NDArray[np.float32]


def draw_errors(
    random: np.random.Generator,
    load_kw: Singles,
    pv_kw: Singles,
    heat_kw: Singles,
    present: NDArray[np.bool_],
    *,
    share: float,
    correlation_h: float,
    slot_h: float,
) -> ForecastErrors:
    """Errors of net load, PV and heat demand, float32 (T, N) as the series are.

    ``share`` is an error's standard deviation: of a load relative to its mean, of PV and heat demand relative to what there
    is in the slot, so that neither is forecast to be below 0 nor where there is none. ``correlation_h`` is the time in which
    the correlation of a path falls to 1 / e. Who is absent has no error.
    """
    load_path, pv_path, heat_path = (
        share * error_path(random, load_kw.shape, correlation_h, slot_h) for _ in range(3)
    )
    mean_load_kw = np.abs(load_kw).mean(axis=0)
    pv_error_kw = pv_kw * np.maximum(pv_path, -1.0)
    return ForecastErrors(
        net_kw=((mean_load_kw * load_path - pv_error_kw) * present).astype(np.float32),
        pv_kw=(pv_error_kw * present).astype(np.float32),
        heat_kw=(heat_kw * np.maximum(heat_path, -1.0) * present).astype(np.float32),
    )


def error_path(
    random: np.random.Generator, shape: tuple[int, ...], correlation_h: float, slot_h: float
) -> NDArray[np.float64]:
    """Autoregressive paths of first order along the first axis, of mean 0 and variance 1 in every slot."""
    kept = math.exp(-slot_h / correlation_h)
    drawn = random.standard_normal(shape)
    drawn[1:] *= math.sqrt(1.0 - kept * kept)
    path: NDArray[np.float64] = lfilter([1.0], [1.0, -kept], drawn, axis=0)
    return path
