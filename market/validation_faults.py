"""Collects what is wrong with an input, so that one error names every fault: field, value, what would be right."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gridbid.market.errors import InputError

SHOWN = 3
"""Entries of one array that are shown for one reason; of the others only the number is told."""
LISTED = 20
"""Faults that are listed, at most."""


class Range(NamedTuple):
    """A range of finite numbers: low <= x <= high, or low < x where ``above``; an infinite bound itself is outside."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False

    def __str__(self) -> str:
        if math.isinf(self.low):
            return "a finite number"
        least = f"above {self.low:.12g}" if self.above else f"at least {self.low:.12g}"
        most = "" if math.isinf(self.high) else f" and at most {self.high:.12g}"
        return f"a finite number, {least}{most}"

    def holds(self, values: NDArray[Any]) -> bool:
        """Whether all values lie within; in two passes without a copy, as a year of values deserves."""
        if values.size == 0:
            return True
        least, most = values.min(), values.max()  # both are nan if any value is, and nan compares as False
        return bool(self._from(least) and (most < self.high or most == self.high < math.inf))

    def holds_each(self, values: Any) -> Any:
        """Which values lie within: an array's, or whether a number of whatever size does."""
        return self._from(values) & (values <= self.high) & (abs(values) < math.inf)

    def _from(self, values: Any) -> Any:
        return values > self.low if self.above or math.isinf(self.low) else values >= self.low


FINITE = Range()
AT_LEAST_0 = Range(0.0)
ABOVE_0 = Range(0.0, above=True)


class Faults:
    """The faults of one input."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, field: str, value: object, expected: str) -> None:
        """Note one fault."""
        self._found.append(f"{field} is {value}, expected {expected}")

    def add_where(self, field: str, values: NDArray[Any], wrong: NDArray[np.bool_], expected: str) -> None:
        """Note the entries of an array that are wrong; ``wrong`` has its shape."""
        places = np.argwhere(wrong)
        for place in places[:SHOWN]:
            index = ", ".join(str(i) for i in place)
            self.add(f"{field}[{index}]", values[tuple(place)], expected)
        if len(places) > SHOWN:
            self._found[-1] += f" (as in {len(places) - SHOWN} more of its entries)"

    def check_array(self, field: str, values: object, dtype: DTypeLike, shape: Sequence[int]) -> bool:
        """Note an array of another kind or shape; whether it is right, so that its values can be looked at."""
        if not isinstance(values, np.ndarray):
            self.add(field, f"a {type(values).__name__}", f"an array of {np.dtype(dtype)}")
            return False
        right = values.dtype == dtype and values.shape == tuple(shape)
        if not right:
            self.add(
                field,
                f"{values.dtype} of shape {values.shape}",
                f"{np.dtype(dtype)} of shape {tuple(shape)}",
            )
        return right

    def check_range(self, field: str, values: NDArray[Any], allowed: Range) -> None:
        """Note the entries of an array outside a range."""
        if not allowed.holds(values):
            self.add_where(field, values, ~allowed.holds_each(values), str(allowed))

    def check_number(self, field: str, value: object, allowed: Range) -> bool:
        """Note what isn't a number within a range; whether it is."""
        is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        right = is_number and bool(allowed.holds_each(value))
        if not right:
            self.add(field, repr(value), str(allowed))
        return right

    def check_integer(self, field: str, value: object, allowed: Range) -> bool:
        """Note what isn't an integer within a range; whether it is."""
        is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
        right = is_integer and bool(allowed.holds_each(value))
        if not right:
            self.add(field, repr(value), str(allowed).replace("a finite number", "an integer"))
        return right

    def raise_any(self, what: str) -> None:
        """Raise an InputError that lists the faults, if there are any."""
        if not self._found:
            return
        listed = "; ".join(self._found[:LISTED])
        more = len(self._found) - LISTED
        raise InputError(f"{what}: {listed}" + (f"; and {more} more" if more > 0 else ""))
