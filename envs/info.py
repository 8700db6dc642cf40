"""What an agent is told about a step, as a dictionary that costs nothing until it is read."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


class Info(Mapping[str, Any], dict[str, Any]):
    """A dictionary whose numbers lie in an environment's arrays: 0-d views that read as plain numbers.

    The next step overwrites them: ``dict(info)``, a copy or a pickle keeps what they are now. Whatever is added stays as
    it is until the next reset.
    """

    def __getitem__(self, key: str) -> Any:
        value = dict.__getitem__(self, key)
        return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value

    def __iter__(self) -> Iterator[str]:
        return dict.__iter__(self)

    def __len__(self) -> int:
        return dict.__len__(self)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def copy(self) -> dict[str, Any]:
        """The numbers as they are now, in a dictionary of their own."""
        return dict(self)
