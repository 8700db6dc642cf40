"""Energy, prices, money and times as people read them; exact, to the last digit that the chain keeps."""

from datetime import UTC, datetime

NEUR_PER_EUR = 10**9
NEUR_PER_WH_A_CENT = 10_000
"""1 ct/kWh."""


def eur(neur: int, *, signed: bool = False) -> str:
    """Money in EUR with all nine decimals."""
    sign = "-" if neur < 0 else "+" if signed else ""
    return f"{sign}{abs(neur) // NEUR_PER_EUR:,}.{abs(neur) % NEUR_PER_EUR:09d} EUR"


def cents_per_kwh(price_neur_per_wh: int) -> str:
    """A price in ct/kWh, with four decimals where it needs them, else with two."""
    sign = "-" if price_neur_per_wh < 0 else ""
    whole, rest = divmod(abs(price_neur_per_wh), NEUR_PER_WH_A_CENT)
    decimals = f"{rest:04d}"
    return f"{sign}{whole}.{decimals[:2] if decimals.endswith('00') else decimals} ct/kWh"


def kwh(energy_wh: int) -> str:
    """Energy in kWh."""
    sign = "-" if energy_wh < 0 else ""
    return f"{sign}{abs(energy_wh) // 1_000:,}.{abs(energy_wh) % 1_000:03d} kWh"


def utc(seconds: int) -> str:
    """A time in UTC, to the second."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def delivery(slot: int, slot_seconds: int) -> str:
    """When a slot is delivered."""
    begin = datetime.fromtimestamp(slot * slot_seconds, UTC)
    end = datetime.fromtimestamp((slot + 1) * slot_seconds, UTC)
    return f"{begin:%Y-%m-%d %H:%M} to {end:%H:%M} UTC"
