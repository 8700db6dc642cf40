"""A JSON document read value by value; the first that isn't what it must be raises one error that says where.

The error names the file, the field, what stands there and what must.
"""

import json
import math
from pathlib import Path
from typing import NamedTuple, Self

from gridbid.market.errors import InputError


class ReportError(InputError):
    """The run's folder holds something that no report can be made of."""


class Node(NamedTuple):
    """A value of a JSON document and where it stands, which an error tells."""

    value: object
    where: str

    def field(self, name: str) -> Self:
        """A field of an object; absent and null are the same."""
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        joint = " " if self.where.endswith(":") else "."
        return self._replace(value=self.value.get(name), where=f"{self.where}{joint}{name}")

    def fields(self) -> dict[str, Self]:
        """All fields of an object; an absent object has none."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        return {name: self.field(name) for name in self.value}

    def items(self) -> list[Self]:
        """All items of an array; an absent array has none."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.refusal("an array")
        return [self._replace(value=item, where=f"{self.where}[{at}]") for at, item in enumerate(self.value)]

    def text(self) -> str:
        """The value as text; numbers are written out."""
        if isinstance(self.value, str) or (isinstance(self.value, int) and not isinstance(self.value, bool)):
            return str(self.value)
        raise self.refusal("a text")

    def number(self) -> float:
        """The value as a finite number."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            if math.isfinite(self.value):
                return float(self.value)
            raise self.refusal("a finite number, or null where there is none")
        raise self.refusal("a number")

    def integer(self) -> int:
        """The value as an integer."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        raise self.refusal("an integer")

    def truth(self) -> bool:
        """The value as true or false."""
        if isinstance(self.value, bool):
            return self.value
        raise self.refusal("true or false")

    def optional_number(self) -> float | None:
        """The value as a finite number; None where it is absent or NaN, as a share of nothing is."""
        is_nan = isinstance(self.value, float) and math.isnan(self.value)
        return None if self.value is None or is_nan else self.number()

    def refusal(self, expected: str) -> ReportError:
        """What to raise when the value isn't what it must be."""
        found = "is missing" if self.value is None else f"is {self.value!r}"
        return ReportError(f"{self.where} {found}; it must be {expected}")


def read_document(path: Path) -> Node:
    """A JSON file; ReportError if it is missing or isn't JSON."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"{path} is missing; a run writes it before its report") from None
    except ValueError as error:
        raise ReportError(f"{path} isn't JSON: {error}") from error
    return Node(document, f"{path}:")
