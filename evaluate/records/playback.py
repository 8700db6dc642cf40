"""Plays optimal schedules through the engine, so that the bound is recorded, settled and checked like any controller."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.optimum import OptimumResult
from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.records.record import Recorder
from gridbid.evaluate.records.rollout import Rollout
from gridbid.market.conservation import residuals
from gridbid.market.engine import Engine
from gridbid.market.units import WH_PER_KWH

NAME = "optimum"
ALONE = "alone"

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def play_optimum(
    compiled: CompiledScenario, results: Sequence[OptimumResult], weeks: Integers, name: str = NAME
) -> Rollout:
    """Run the schedules of ``results``, one a community; local trades are settled at the middle of the price band.

    ``name`` is what the records call the controller: another bound's schedules are played alike.

    J of the records may lie a little above the bound: what the feeder loses overloads it where the bound touches its rating.
    """
    n_slots = results[0].net_kwh.shape[0]
    engine = Engine(compiled.community, len(results))
    engine.reset([result.start for result in results], n_slots, [result.sample for result in results])
    recorder = Recorder(compiled, len(results), n_slots)
    for t in range(n_slots):
        for b, result in enumerate(results):
            _plan(engine, b, result, t)
            _trade(engine, b, result, t)
        engine.close(recorder.delivered)
        recorder.stepped(engine)
    return Rollout(recorder.records(name, weeks, engine), residuals(engine))


def _plan(engine: Engine, b: int, result: OptimumResult, t: int) -> None:
    trading = engine.state.trading
    pv_kwh = engine.community.series.pv_kw[result.start + t] * engine.community.rules.slot_h
    trading.plan_kwh[b] = result.device_kwh[t]
    trading.curtail[b] = np.divide(
        result.curtailed_kwh[t], pv_kwh, out=np.zeros(pv_kwh.size), where=pv_kwh > 0.0
    )
    trading.follow[b] = 0.0


def _trade(engine: Engine, b: int, result: OptimumResult, t: int) -> None:
    """Enter what is traded locally in the positions, shared out by need and surplus."""
    trading, series, slot = engine.state.trading, engine.community.series, result.start + t
    top = series.retail[result.sample, slot] - series.fee[slot]
    price = (top + min(series.feed_in[result.sample, slot], top)) // 2
    traded_wh = int(result.traded_kwh[t] * WH_PER_KWH)
    trading.bought_wh[b] = _shares_wh(traded_wh, np.maximum(0.0, result.net_kwh[t]))
    trading.sold_wh[b] = _shares_wh(traded_wh, np.maximum(0.0, -result.net_kwh[t]))
    trading.paid_neur[b] = trading.bought_wh[b] * price
    trading.received_neur[b] = trading.sold_wh[b] * price


def _shares_wh(total_wh: int, weights: Floats) -> Integers:
    """Whole Wh in proportion to ``weights`` that sum to ``total_wh`` exactly: differences of a rounded running sum."""
    running = np.cumsum(weights)
    if running[-1] <= 0.0:
        return np.zeros(weights.size, np.int64)
    return np.diff(np.floor(total_wh * (running / running[-1])).astype(np.int64), prepend=0)
