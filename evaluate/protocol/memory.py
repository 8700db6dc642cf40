"""How much memory the records of an evaluation take, and how it is kept within bounds: parts of the weeks, and a file."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import IO, Any

import numpy as np

from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.records.record import WeekRecord
from gridbid.evaluate.records.rollout import Cases

MOST_GB = 2.0
"""Memory that an evaluation's records may take unless another limit is given; beyond it they go to a temporary file."""
_BYTES_PER_GB = 1e9
_SLOT, _SLOT_AND_MEMBER = 100, 200
"""Bytes of a record's slot, and of a slot and member, about (tests/evaluate/test_memory.py)."""
_ALIGNMENT = 64


def record_bytes(compiled: CompiledScenario, n_slots: int) -> int:
    """Bytes of one week's record, about."""
    return n_slots * (_SLOT + _SLOT_AND_MEMBER * compiled.community.n_participants)


class Budget:
    """How many episodes are played at once, and where their records stay."""

    def __init__(
        self, compiled: CompiledScenario, cases: Cases, n_rollouts: int, workers: int, most_gb: float
    ) -> None:
        each = record_bytes(compiled, cases.n_slots)
        most = most_gb * _BYTES_PER_GB
        self.on_disk = each * cases.weeks.size * n_rollouts > most
        """Whether records go to a temporary file."""
        at_once = int(most / (each * (workers + 1))) if self.on_disk else cases.weeks.size
        self._at_once = max(1, min(at_once, cases.weeks.size))

    def parts(self, cases: Cases) -> Iterator[Cases]:
        """The cases, as many at once as there is room for."""
        yield from cases.parts(self._at_once)

    def keep(self, records: Sequence[WeekRecord]) -> tuple[WeekRecord, ...]:
        """The records, in memory or mapped from a file that vanishes with them."""
        return to_disk(records) if self.on_disk else tuple(records)


def to_disk(records: Sequence[WeekRecord]) -> tuple[WeekRecord, ...]:
    """The same records with their arrays mapped, read-only, from one temporary file, which has no name and is gone with them."""
    with tempfile.TemporaryFile(prefix="gridbid-records-") as file:
        places = [{name: _append(file, array) for name, array in _arrays(record)} for record in records]
        file.flush()
        content = np.memmap(file, np.uint8, mode="r")
    return tuple(_mapped(record, place, content) for record, place in zip(records, places, strict=True))


def _mapped(record: WeekRecord, place: dict[str, int], content: "np.memmap[Any, Any]") -> WeekRecord:
    views: dict[str, Any] = {
        name: _view(content, getattr(record, name), begin) for name, begin in place.items()
    }
    return replace(record, **views)


def _arrays(record: WeekRecord) -> Iterator[tuple[str, np.ndarray]]:
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray) and value.size:
            yield field.name, value


def _append(file: IO[bytes], array: np.ndarray) -> int:
    """Write an array at the file's end; where it begins."""
    file.write(b"\0" * (-file.tell() % _ALIGNMENT))
    begin = file.tell()
    file.write(np.ascontiguousarray(array).data)
    return begin


def _view(content: "np.memmap[Any, Any]", like: np.ndarray, begin: int) -> np.ndarray:
    return content[begin : begin + like.nbytes].view(like.dtype).reshape(like.shape)
