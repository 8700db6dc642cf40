"""The core's benchmark: order book, power flow, slot."""

from gridbid.evaluate.benchmarks.book import book_measures
from gridbid.evaluate.benchmarks.measure import Measure
from gridbid.evaluate.benchmarks.power_flow import power_flow_measures
from gridbid.evaluate.benchmarks.slot import slot_measures


def core_measures() -> list[Measure]:
    """The order book, the power flow and the whole slot, each beside its yardstick."""
    return [*book_measures(), *power_flow_measures(), *slot_measures()]
