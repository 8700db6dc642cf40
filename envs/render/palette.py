"""Colours that readers with any colour vision tell apart: Okabe and Ito's set, and a scale from blue to orange."""

import math

Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
INK: Colour = (38, 42, 48)
MUTED: Colour = (116, 122, 130)
RULE: Colour = (214, 218, 223)
PANEL: Colour = (246, 247, 249)
WIRE: Colour = (150, 156, 164)

BUY: Colour = (0, 114, 178)
SELL: Colour = (230, 159, 0)
ALARM: Colour = (213, 94, 0)
BATTERY: Colour = (0, 158, 115)
CAR: Colour = (204, 121, 167)
HEAT: Colour = (213, 94, 0)
STORES: dict[str, Colour] = {"battery": BATTERY, "car": CAR, "heat": HEAT}

LOW_PU, HIGH_PU = 0.9, 1.1
"""Ends of the scale of voltages: the limits of EN 50160."""
_LOW: Colour = (5, 80, 155)
_MIDDLE: Colour = (240, 240, 236)
_HIGH: Colour = (179, 72, 0)


def voltage_colour(voltage_pu: float) -> Colour:
    """Blue where it is low, pale at 1 pu, orange where it is high; the panel's grey where it isn't known."""
    if math.isnan(voltage_pu):
        return RULE
    share = (min(max(voltage_pu, LOW_PU), HIGH_PU) - LOW_PU) / (HIGH_PU - LOW_PU)
    end, weight = (_LOW, 1.0 - 2.0 * share) if share < 0.5 else (_HIGH, 2.0 * share - 1.0)
    return mix(_MIDDLE, end, weight)


def mix(one: Colour, other: Colour, weight: float) -> Colour:
    """A colour between two; weight 1 is the other."""
    red, green, blue = (round(a + (b - a) * weight) for a, b in zip(one, other, strict=True))
    return red, green, blue
