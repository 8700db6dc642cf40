"""Robustness: what a policy's weeks cost when prices, forecasts, meters, members or opponents aren't what it is used to."""

from gridbid.evaluate.robustness.members import MembersLeaving
from gridbid.evaluate.robustness.observed import ForecastLoss, MeterDropout
from gridbid.evaluate.robustness.opponents import AdversarialBidder, PopulationSwap
from gridbid.evaluate.robustness.prices import NegativePrices, PriceShock
from gridbid.evaluate.robustness.result import Robustness, StressOutcome
from gridbid.evaluate.robustness.run import standard_stresses, stress
from gridbid.evaluate.robustness.stress import AS_IS, AsIs, Episodes, Stress

__all__ = [
    "AS_IS",
    "AdversarialBidder",
    "AsIs",
    "Episodes",
    "ForecastLoss",
    "MembersLeaving",
    "MeterDropout",
    "NegativePrices",
    "PopulationSwap",
    "PriceShock",
    "Robustness",
    "Stress",
    "StressOutcome",
    "standard_stresses",
    "stress",
]
