"""Names that fit under a dot."""

import re

_NUMBERED = re.compile(r"([a-z])[a-z]*_(\d+)")


def short_name(name: str) -> str:
    """An agent's name for tight places: prosumer_3 is p3; one of another form is cut."""
    found = _NUMBERED.fullmatch(name)
    return f"{found[1]}{found[2]}" if found else name[:6]
