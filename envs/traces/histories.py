"""Past readings for baselines of demand response, as bytes in a trace and back."""

import io

import numpy as np

from gridbid.market.demand_response.history import History


def pack_history(history: History, b: int) -> bytes:
    """Community b's history."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **{name: array[b] for name, array in history._asdict().items()})
    return packed.getvalue()


def unpack_history(packed: bytes) -> History:
    """A history of one community."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return History(**{name: arrays[name][None] for name in History._fields})
