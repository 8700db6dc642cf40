"""What the faces have in common: the scenario that they are given, and the episodes that they let be chosen."""

from collections.abc import Mapping
from typing import Any

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.market.errors import InputError

AnyScenario = Scenario | str | CompiledScenario
"""A scenario, a compiled one, or the name or folder of one."""


def loaded(scenario: AnyScenario) -> Scenario | CompiledScenario:
    """A scenario as it is, or read by its name or folder."""
    return scenario if isinstance(scenario, Scenario | CompiledScenario) else load_scenario(scenario)


def one_community(scenario: AnyScenario, max_cycles: int | None, options: Mapping[str, Any]) -> BatchEnv:
    """A batch of one, with episodes of ``max_cycles`` rounds, which are whole slots; None leaves it to ``options``."""
    if max_cycles is None:
        return BatchEnv(scenario, 1, **options)
    scenario = loaded(scenario)
    plain = scenario.scenario if isinstance(scenario, CompiledScenario) else scenario
    rounds = plain.market.rounds
    if max_cycles < 1 or max_cycles % rounds:
        raise InputError(
            f"max_cycles={max_cycles}: it should be a positive multiple of the {rounds} round(s) of a slot"
        )
    return BatchEnv(scenario, 1, **{**options, "n_slots": max_cycles // rounds})


def chosen_episode(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """What `BatchEnv.reset` takes, from a reset's options "week", "sample" and "day"; the others are not ours."""
    chosen = options or {}
    return {"weeks": chosen.get("week"), "samples": chosen.get("sample"), "day": chosen.get("day", 0)}
