"""An info is a dictionary of numbers that follow their arrays, for whoever takes a dictionary."""

import copy
import json
import pickle
from collections import ChainMap

import numpy as np
import pytest

from gridbid.envs.faces.info import Info


@pytest.fixture
def cost_eur():
    return np.array([1.5, -2.0])


@pytest.fixture
def info(cost_eur):
    return Info({"active": np.array(True), "energy_eur": cost_eur[0, ...], "wear_eur": cost_eur[1, ...]})


NOW = {"active": True, "energy_eur": 1.5, "wear_eur": -2.0}


@pytest.mark.parametrize(
    "keep",
    [
        dict,
        copy.copy,
        copy.deepcopy,
        Info.copy,
        lambda info: pickle.loads(pickle.dumps(info)),
        lambda info: json.loads(json.dumps(info)),
        lambda info: {**info},
        lambda info: dict(**info),
        lambda info: {} | info,
        lambda info: dict(info.items()),
        lambda info: dict(zip(info.keys(), info.values(), strict=True)),
        lambda info: {name: info[name] for name in info},
        lambda info: {name: info.get(name) for name in info},
        lambda info: dict(ChainMap({}, info)),
    ],
)
def test_a_copy_keeps_plain_numbers_as_they_are(info, cost_eur, keep):
    kept = keep(info)
    cost_eur[:] = 9.0
    assert type(kept) is dict
    assert kept == NOW
    assert [type(value) for value in kept.values()] == [bool, float, float]


def test_numbers_follow_the_arrays(info, cost_eur):
    assert isinstance(info, dict)
    assert info == NOW == info
    assert repr(info) == repr(NOW)
    cost_eur[0] = 4.0
    assert info["energy_eur"] == 4.0
    assert info != NOW
    assert sum(info[name] for name in ("energy_eur", "wear_eur")) == 2.0


def test_it_is_written_to_as_any_dictionary(info):
    info["episode"] = {"r": 3.0}
    info.update(mask=np.zeros(3, bool))
    assert len(info) == 5
    assert info["episode"] == {"r": 3.0}
    assert info["mask"].shape == (3,)
    assert info.get("nothing", 7) == 7
    with pytest.raises(KeyError):
        info["nothing"]
