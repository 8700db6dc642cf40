"""Numbers as a reader sees them."""

import math


def number(value: float | None, digits: int = 0) -> str:
    """A number with narrow spaces between thousands and a real minus sign; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    rounded = round(value, digits) + 0.0  # no minus before a zero
    return f"{rounded:,.{digits}f}".replace(",", "\u202f").replace("-", "−")


def signed(value: float, digits: int = 1) -> str:
    """A change with its sign, to a tenth by default; none for a change that rounds to nothing."""
    text = number(value, digits)
    return f"+{text}" if round(value, digits) > 0 else text


def quantity(value: float | None, unit: str, digits: int = 0) -> str:
    """A number with its unit, never broken over two lines."""
    return f"{number(value, digits)}\u00a0{unit}"


def rough_digits(value: float, fine: int) -> int:
    """Digits for a reader in a hurry: none after the point of a large number, ``fine`` of a small one."""
    return 0 if abs(value) >= 100 else fine


def percent(share: float, digits: int = 0) -> str:
    """A share in percent."""
    return f"{number(100 * share, digits)}\u202f%"


def capital(text: str) -> str:
    """The text as a sentence begins; Jinja's own filter makes the rest small."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """Seconds, or minutes where there are many."""
    if seconds < 120:
        return quantity(seconds, "s", 1)
    return quantity(seconds / 60, "min", 1)


def signed_percent(share: float, digits: int = 0) -> str:
    """A change in percent with its sign; none for a change that rounds to nothing."""
    text = percent(share, digits)
    return f"+{text}" if round(100 * share, digits) > 0 else text
