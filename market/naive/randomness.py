"""Plain twin of the arrival order (rule 11), in Python's unbounded integers."""

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def arrival_order(seed: int, community: int, slot: int, round_: int, size: int) -> list[int]:
    """Permutation of a round: Fisher-Yates on splitmix64, keyed by (seed, community, slot, round)."""
    state = seed & _MASK
    for part in (community, slot, round_):
        state = _mix((state + _GOLDEN) & _MASK) ^ part
    order = list(range(size))
    for i in range(size - 1, 0, -1):
        state = (state + _GOLDEN) & _MASK
        j = ((_mix(state) >> 32) * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]
    return order


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)
