"""Speed of the whole step, in agent-steps: a participant's part of one round, in one thread unless two are named."""

import logging
import statistics
import time
from collections.abc import Callable
from itertools import cycle, islice

from gridbid.evaluate.benchmarks.citylearn import CityLearn
from gridbid.evaluate.benchmarks.measure import BLOCKS, Measure, compare
from gridbid.evaluate.benchmarks.numpy_step import NumpyEngine
from gridbid.evaluate.benchmarks.whole_step import WholeStep, batch_of, make_community
from gridbid.evaluate.benchmarks.yardsticks import Unavailable
from gridbid.market.engine import Engine
from gridbid.market.state import arrays_of

SIZES, ROUNDS = (20, 100, 1_000), (1, 3)
CITYLEARN_REACH = 1_000.0
MOST_BUILDINGS = 100
"""CityLearn takes a minute to load 1 000 buildings, and steps each as slowly as one of 100."""

_UNIT = "ns/agent-step"
_STEPS, _NUMPY_STEPS, _CITYLEARN_STEPS, _THREADED_STEPS = 12, 3, 5, 40
"""Steps in a block of time: ours, the NumPy step's, CityLearn's, and ours by the clock on the wall."""

_log = logging.getLogger(__name__)
Timed = Callable[[], float]
"""Does some work and returns the nanoseconds that an agent-step took."""


def slot_measures() -> list[Measure]:
    """The step beside NumPy's and CityLearn's, two threads beside one, and memory; what can't be had is left out."""
    measures = [measure_beside_numpy(n, rounds) for n in SIZES for rounds in ROUNDS]
    try:
        measures += [measure for n in SIZES for measure in measure_beside_citylearn(n)]
    except Unavailable as missing:
        _log.warning("left out: %s", missing)
    return [*measures, *(measure_threads(rounds) for rounds in ROUNDS), *measure_memory()]


def measure_beside_numpy(n: int, rounds: int) -> Measure:
    """The engine's step, decoding and observations left out on both sides."""
    whole = WholeStep(n, rounds)
    decisions = cycle(whole.decisions())
    engine, yardstick = whole.engine, NumpyEngine(whole.engine)

    def ours() -> float:
        for decision in islice(decisions, _STEPS):
            engine.step(*decision)
        return _STEPS * whole.batch * n

    def numpy() -> float:
        for decision in islice(decisions, _NUMPY_STEPS):
            yardstick.step(*decision)
        return _NUMPY_STEPS * whole.batch * n

    return compare(f"engine's step, N = {n}, R = {rounds} (beside NumPy)", _UNIT, ours, numpy)


def measure_beside_citylearn(n: int) -> list[Measure]:
    """The whole step, with actions, observations and rewards, as CityLearn's has them; one measure for each R."""
    n_buildings = min(n, MOST_BUILDINGS)
    measures = []
    with CityLearn(n_buildings) as peer:
        for rounds in ROUNDS:
            ours, theirs = alternate(_Timer(WholeStep(n, rounds)), lambda: peer.step(_CITYLEARN_STEPS))
            name = f"whole step, N = {n}, R = {rounds} (beside CityLearn, {n_buildings} buildings)"
            measures.append(Measure(name, ours, theirs, _UNIT, theirs / ours, CITYLEARN_REACH))
    return measures


def measure_threads(rounds: int, n: int = 100) -> Measure:
    """The engine's step by two threads beside one: by the clock on the wall, so other work on the machine shows in it."""
    whole = WholeStep(n, rounds)
    decisions = cycle(whole.decisions())
    one, two = whole.make_engine(), whole.make_engine(threads=2)

    def timed(engine: Engine) -> float:
        begin = time.perf_counter_ns()
        for decision in islice(decisions, _THREADED_STEPS):
            engine.step(*decision)
        return (time.perf_counter_ns() - begin) / (_THREADED_STEPS * whole.batch * n)

    ours, theirs = alternate(lambda: timed(two), lambda: timed(one))
    name = f"engine's step, N = {n}, R = {rounds}, two threads (beside one)"
    return Measure(name, ours, theirs, _UNIT + " (wall)", theirs / ours, None)


def measure_memory() -> list[Measure]:
    """Bytes of state a participant, beside those at N = 20: how a community's state grows."""
    few, *more = (_bytes_a_participant(n) for n in SIZES)
    return [
        Measure(f"state, N = {n} (beside N = {SIZES[0]})", many, few, "B/participant", few / many, None)
        for n, many in zip(SIZES[1:], more, strict=True)
    ]


def alternate(ours: Timed, theirs: Timed) -> tuple[float, float]:
    """Medians of several blocks of each, in turn after one to warm up."""
    ours(), theirs()
    blocks = [(ours(), theirs()) for _ in range(BLOCKS)]
    return statistics.median(block[0] for block in blocks), statistics.median(block[1] for block in blocks)


class _Timer:
    """Times a block of whole steps."""

    def __init__(self, whole: WholeStep) -> None:
        self._whole = whole

    def __call__(self) -> float:
        begin = time.process_time_ns()
        for turn in range(_STEPS):
            self._whole.step(turn)
        return (time.process_time_ns() - begin) / (_STEPS * self._whole.batch * self._whole.n)


def _bytes_a_participant(n: int) -> float:
    batch = batch_of(n)
    engine = Engine(make_community(n, 1), batch)
    return sum(array.nbytes for array in arrays_of(engine.arena)) / (batch * n)
