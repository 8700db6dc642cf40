"""How a face lets an episode be chosen: by the options of its reset, and by the number of its rounds."""

from collections.abc import Mapping
from typing import Any

from gridbid.envs.batch_env import BatchEnv
from gridbid.market.errors import InputError


def chosen_episode(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """What `BatchEnv.reset` takes, from a reset's options "week", "sample" and "day"; the others are not ours."""
    chosen = options or {}
    return {"weeks": chosen.get("week"), "samples": chosen.get("sample"), "day": chosen.get("day", 0)}


def limit_cycles(batch: BatchEnv, max_cycles: int | None) -> None:
    """Let episodes last ``max_cycles`` rounds, whole slots; None leaves the number of slots as it is."""
    if max_cycles is None:
        return
    rounds = batch.community.rules.rounds
    if max_cycles < 1 or max_cycles % rounds:
        raise InputError(
            f"max_cycles={max_cycles}: it should be a positive multiple of the {rounds} round(s) of a slot"
        )
    batch.n_slots = max_cycles // rounds
