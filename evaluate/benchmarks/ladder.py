"""The plain price ladder in C (ladder.c), compiled when it is asked for."""

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from gridbid.evaluate.benchmarks.order_flow import Flow, Trades
from gridbid.evaluate.benchmarks.yardsticks import Unavailable
from gridbid.market.types import MAX_FILLS, N_TICKS

SOURCE = Path(__file__).with_name("ladder.c")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC", f"-DN_TICKS={N_TICKS}")
_ORDER_FIELDS = 6
_FILL_FIELDS = 3


class Ladder:
    """The ladder with a flow to play, and room for the fills."""

    def __init__(self, flow: Flow, max_fills: int = MAX_FILLS) -> None:
        """Raise Unavailable where no C compiler is."""
        self.flow = flow
        self._max_fills = max_fills
        self._play = _compiled().play
        n_events = len(flow.events)
        self._orders = np.zeros((flow.per_book, _ORDER_FIELDS), np.int32)
        # Every fill uses up an order, the maker or the taker.
        self._fills = np.zeros((2 * n_events, _FILL_FIELDS), np.int32)
        self._ends = np.zeros(n_events, np.int32)

    def play(self) -> int:
        """Play the whole flow; return its number of events."""
        n_events = len(self.flow.events)
        self._play(
            self.flow.events.ctypes,
            ctypes.c_int64(n_events),
            ctypes.c_int64(self.flow.per_book),
            ctypes.c_int32(self._max_fills),
            self._orders.ctypes,
            self._fills.ctypes,
            self._ends.ctypes,
        )
        return n_events

    def trades(self) -> Trades:
        """What the last play traded."""
        per_event = np.diff(self._ends, prepend=0)
        maker, tick, quantity_wh = self._fills[: self._ends[-1]].T
        return Trades(np.repeat(self.flow.events[:, 0], per_event), maker, tick, quantity_wh)


@cache
def _compiled() -> Any:
    compiler = shutil.which("cc")
    if compiler is None:
        raise Unavailable("the C ladder needs a C compiler, and there is no cc")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "ladder.so"
        done = subprocess.run(
            [compiler, *FLAGS, str(SOURCE), "-o", str(library)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Unavailable(f"the C ladder does not compile: {done.stderr.strip()}")
        return ctypes.CDLL(str(library))
