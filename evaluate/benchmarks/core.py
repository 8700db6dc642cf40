"""The core's benchmark: order book, power flow, whole step, start."""

from collections.abc import Callable

from gridbid.evaluate.benchmarks.book import book_measures
from gridbid.evaluate.benchmarks.measure import Measure
from gridbid.evaluate.benchmarks.power_flow import power_flow_measures
from gridbid.evaluate.benchmarks.slot import slot_measures
from gridbid.evaluate.benchmarks.startup import startup_measures

CORE: dict[str, Callable[[], list[Measure]]] = {
    "order book": book_measures,
    "power flow": power_flow_measures,
    "whole step": slot_measures,
    "start": startup_measures,
}
"""What is measured, each beside its yardsticks."""
