"""Units and their conversions: the only place where physics (kW, kWh) meets settlement (Wh, nEUR).

What settles is an integer: energy in Wh, prices in nEUR/Wh, cash in nEUR. price x energy is exact.
"""

import math

from gridbid.market.kernel import kernel

WH_PER_KWH = 1_000
NEUR_PER_EUR = 1_000_000_000
NEUR_PER_WH_PER_CT_PER_KWH = 10_000
"""1 ct/kWh = 10 000 nEUR/Wh."""

MINUTES_PER_DAY = 1_440
MAX_QUANTITY_WH = 1 << 30
"""Positions and open quantities stay below this, so that price x energy fits in 63 bits."""
MAX_PRICE = 1 << 32
"""Prices beyond this, 429 497 ct/kWh, either way, are refused: then a price x 2^31 Wh fits in int64."""
CREDIT_LINE_STEP = 1_000_000
"""Credit lines are whole multiples of this, nEUR: published ones are rounded down."""
MAX_CREDIT_LINE_NEUR = ((1 << 26) - 1) * CREDIT_LINE_STEP
"""A seat's line has 26 bits in the contract."""


def ct_per_kwh_to_neur_per_wh(price_ct_per_kwh: float) -> int:
    """Price in ct/kWh as the nearest integer nEUR/Wh (halves to even)."""
    return round(price_ct_per_kwh * NEUR_PER_WH_PER_CT_PER_KWH)


def neur_per_wh_to_ct_per_kwh(price_neur_per_wh: float) -> float:
    """Price in nEUR/Wh as ct/kWh."""
    return price_neur_per_wh / NEUR_PER_WH_PER_CT_PER_KWH


def neur_to_eur(cash_neur: float) -> float:
    """Cash in nEUR as EUR."""
    return cash_neur / NEUR_PER_EUR


@kernel
def register_wh(energy_kwh: float) -> int:
    """Cumulative meter register in Wh, rounded down; a slot's reading is the difference of two of these."""
    return math.floor(energy_kwh * WH_PER_KWH)


@kernel
def floor_wh(energy_kwh: float) -> int:
    """Energy in kWh as Wh, rounded down."""
    return math.floor(energy_kwh * WH_PER_KWH)
