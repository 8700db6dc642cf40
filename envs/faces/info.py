"""What an agent is told about a step, as a dictionary that costs nothing until somebody reads it."""

from collections.abc import ItemsView, Iterator, ValuesView
from typing import Any

import numpy as np


class Info(dict[str, Any]):
    """A dictionary whose 0-d arrays read as plain numbers: views of arrays that the next step writes anew.

    ``dict(info)``, a copy or a pickle keeps the numbers as they are now. Beside them it holds whatever is put in.
    """

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value

    def __iter__(self) -> Iterator[str]:
        # Only where this is overridden do dict(info), {**info} and the like ask for each number.
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:
        """A number, or the default."""
        try:
            return self[key]
        except KeyError:
            return default

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # of a copy
        """Names and numbers as they are now."""
        return self.copy().items()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # of a copy
        """Numbers as they are now."""
        return self.copy().values()

    def copy(self) -> dict[str, Any]:
        """The numbers as they are now, in a dictionary of their own."""
        return dict(self)

    def __eq__(self, other: object) -> bool:
        return self.copy() == other

    def __repr__(self) -> str:
        return repr(self.copy())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)
