"""The environments' names in Gymnasium's and PettingZoo's registries."""

import gymnasium
import pettingzoo

NAMESPACE, VERSION = "gridbid", 0

_GYMNASIUM = {
    "SingleAgent": ("single_agent:SingleAgentEnv", "vector:single_agent_vector_env"),
    "Community": ("community:CommunityEnv", "vector:community_vector_env"),
    "Kind": (None, "vector:vector_env"),
}
_PETTINGZOO = {"parallel": "parallel:parallel_env", "aec": "aec:aec_env"}


def register_environments() -> None:
    """Enter the faces in both registries, once; what they name is imported when an environment is made."""
    for name, (entry_point, vector_entry_point) in _GYMNASIUM.items():
        if _identifier(name) not in gymnasium.registry:
            gymnasium.register(
                _identifier(name),
                entry_point=_path(entry_point),
                vector_entry_point=_path(vector_entry_point),
            )
    registries = {"parallel": pettingzoo.parallel_registry, "aec": pettingzoo.aec_registry}
    for form, entry_point in _PETTINGZOO.items():
        if _identifier("Market") not in registries[form]:
            pettingzoo.register(form, _identifier("Market"), entry_point=_path(entry_point))


def _identifier(name: str) -> str:
    return f"{NAMESPACE}/{name}-v{VERSION}"


def _path(entry_point: str | None) -> str | None:
    return None if entry_point is None else f"gridbid.envs.faces.{entry_point}"
