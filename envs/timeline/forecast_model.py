"""From what a scenario says of forecasts to the model that the engine issues them by."""

from gridbid.envs.format.forecast_specification import NoisyForecast, PerfectForecast, PersistenceForecast
from gridbid.envs.timeline.randomness import FORECASTS, generator
from gridbid.market.community import Series
from gridbid.market.forecast import (
    Forecast,
    error_growth,
    noisy_forecast,
    perfect_forecast,
    persistence_forecast,
)
from gridbid.market.forecast_errors import draw_errors


def forecast_model(
    chosen: PersistenceForecast | PerfectForecast | NoisyForecast | None,
    series: Series,
    slots_per_day: int,
    split: str,
) -> Forecast:
    """The model for a series; its errors, if it has some, are drawn from (seed, split) for the slots that there are.

    A window of a year has errors of its own, alike in kind to those of the whole year.
    """
    if isinstance(chosen, PerfectForecast):
        return perfect_forecast(slots_per_day)
    if not isinstance(chosen, NoisyForecast):
        return persistence_forecast(slots_per_day)
    errors = draw_errors(
        generator(chosen.seed, split, FORECASTS),
        series.load_kw,
        series.pv_kw,
        series.heat_kw,
        series.present,
        share=chosen.error_share,
        correlation_h=chosen.correlation_h,
        slot_h=24.0 / slots_per_day,
    )
    return noisy_forecast(slots_per_day, errors, error_growth(slots_per_day, chosen.correlation_h))
