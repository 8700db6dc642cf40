"""The environments' names: in Gymnasium's and PettingZoo's registries, and in `gridbid.envs`."""

import subprocess
import sys

import gymnasium
import pettingzoo
import pytest

import gridbid.envs
from gridbid.envs.registration import register_environments

GYMNASIUM = ["gridbid/SingleAgent-v0", "gridbid/Community-v0", "gridbid/Kind-v0"]


def run(script):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script], check=True, capture_output=True, text=True
    )


def test_names_are_registered_once():
    before = {name: gymnasium.registry[name] for name in GYMNASIUM}
    register_environments()
    assert all(gymnasium.registry[name] is spec for name, spec in before.items())


@pytest.mark.parametrize("name", GYMNASIUM)
def test_a_specification_is_plain_data(name):
    spec = gymnasium.spec(name)
    assert gymnasium.envs.registration.EnvSpec.from_json(spec.to_json()) == spec


def test_gymnasium_imports_the_package_that_a_name_begins_with():
    script = (
        "import gymnasium, sys; assert not any(name.startswith('gridbid') for name in sys.modules);"
        "env = gymnasium.make('gridbid.envs:gridbid/Community-v0', scenario='tiny', samples=1);"
        "print(env.reset(seed=1)[0].shape)"
    )
    assert run(script).stdout == f"{gridbid.envs.community_env('tiny', samples=1).observation_space.shape}\n"


def test_pettingzoo_makes_the_parallel_face():
    env = pettingzoo.make("parallel", "gridbid/Market-v0", scenario="tiny", samples=1)
    env.reset(seed=1)
    assert env.agents == ["prosumer_0", "battery_0", "ev_0", "utility_0"]


def test_a_module_can_be_had_without_the_faces():
    script = (
        "import sys, gridbid.envs.scenario;"
        "print(sorted(set(sys.modules) & {'gridbid.envs.batch_env', 'gridbid.envs.faces.vector', 'gridbid.envs.compile'}))"
    )
    assert run(script).stdout == "[]\n"


def test_the_package_has_the_faces_by_name():
    from gridbid.envs.faces.vector import vector_env

    assert gridbid.envs.vector_env is vector_env
    assert all(callable(getattr(gridbid.envs, name)) for name in gridbid.envs.__all__)
    assert set(gridbid.envs.__all__) <= set(dir(gridbid.envs))
    with pytest.raises(AttributeError, match=r"'gridbid.envs' has no attribute 'windmill'"):
        gridbid.envs.windmill  # noqa: B018  # asking is the test
