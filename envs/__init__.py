"""Environments and scenarios. The faces are here by name, and in Gymnasium's and PettingZoo's registries.

A name's module is imported on first use, so that a module of this package can be had without the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gridbid.envs.registration import register_environments

if TYPE_CHECKING:
    from gridbid.envs.batch_env import BatchEnv
    from gridbid.envs.faces.aec import aec_env
    from gridbid.envs.faces.community import community_env
    from gridbid.envs.faces.parallel import parallel_env
    from gridbid.envs.faces.single_agent import single_agent_env
    from gridbid.envs.faces.vector import vector_env
    from gridbid.envs.scenario import load_scenario, scenario_names

__all__ = [
    "BatchEnv",
    "aec_env",
    "community_env",
    "load_scenario",
    "parallel_env",
    "scenario_names",
    "single_agent_env",
    "vector_env",
]

_MODULES = {
    "BatchEnv": "batch_env",
    "aec_env": "faces.aec",
    "community_env": "faces.community",
    "load_scenario": "scenario",
    "parallel_env": "faces.parallel",
    "scenario_names": "scenario",
    "single_agent_env": "faces.single_agent",
    "vector_env": "faces.vector",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


register_environments()
