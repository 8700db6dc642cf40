"""Actions of absent devices are off, and neither explored nor learned."""

import numpy as np
import pytest
import torch
from ray.rllib.core.columns import Columns

from gridbid.envs.fields import action_index, action_space, observation_index, observation_space
from gridbid.train.actor_critic import ActorCritic

SEEN_BY = {
    "battery": "battery_kw",
    "charger": "car_plugged",
    "heat_pump": "heat_pump_kw",
    "curtail": "pv_forecast",
}


def make_module(kind):
    torch.manual_seed(0)
    return ActorCritic(
        observation_space=observation_space(kind),
        action_space=action_space(kind),
        model_config={"kind": kind, "hidden": [8], "log_std": 0.0},
    )


def rows_with(kind, names):
    """A row in which everything is absent but ``names``."""
    row = np.full((1, observation_space(kind).shape[0]), 0.3, np.float32)
    index = observation_index(kind)
    for name in set(SEEN_BY.values()) & index.keys():
        row[:, index[name]] = 0.5 if name in names else 0.0
    return torch.from_numpy(row)


@pytest.mark.parametrize("action", SEEN_BY)
def test_a_sites_device_matters_when_it_is_there(action):
    module, place = make_module("prosumer"), action_index("prosumer")[action]
    torch.nn.init.constant_(module.actor[-1].bias, 0.5)
    absent, present = (
        module.mean_action(rows_with("prosumer", names))[0, place] for names in ((), (SEEN_BY[action],))
    )
    assert absent == 0.0 and present != 0.0


def test_a_charge_point_of_its_own_does_nothing_without_a_car():
    module = make_module("ev")
    assert not module.present(rows_with("ev", ())).any()
    assert module.present(rows_with("ev", ("car_plugged",))).all()


def test_no_gradient_comes_of_an_absent_device():
    module = make_module("prosumer")
    inputs = module.forward_train({Columns.OBS: rows_with("prosumer", ("battery_kw",))})[
        Columns.ACTION_DIST_INPUTS
    ]
    inputs.sum().backward()
    index = action_index("prosumer")
    assert (
        module.log_std.grad[index["battery"]] == 1.0 and module.actor[-1].bias.grad[index["battery"]] == 1.0
    )
    for absent in ("charger", "heat_pump", "curtail"):
        assert module.log_std.grad[index[absent]] == 0.0 and module.actor[-1].bias.grad[index[absent]] == 0.0
