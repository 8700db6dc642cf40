"""Actions by agent become arrays by kind, or a sentence that says whose is wrong and what would be right."""

import pickle

import numpy as np
import pytest

from gridbid.envs.faces.action_reader import ActionReader
from gridbid.market.errors import InputError

NAMES = {"prosumer": ("prosumer_0", "prosumer_1"), "battery": ("battery_0",), "utility": ("utility_0",)}
SIZES = {"prosumer_0": 7, "prosumer_1": 7, "battery_0": 4, "utility_0": 3}


def numbers(dtype=np.float32):
    random = np.random.default_rng(0)
    return {name: random.uniform(-1.0, 1.0, size).astype(dtype) for name, size in SIZES.items()}


def assert_read(reader, actions, expected=None, **looks):
    arrays = reader.read(actions, **looks)
    assert {kind: array.shape for kind, array in arrays.items()} == {
        "prosumer": (1, 2, 7),
        "battery": (1, 1, 4),
        "utility": (1, 1, 3),
    }
    read = {
        name: row for kind, names in NAMES.items() for name, row in zip(names, arrays[kind][0], strict=True)
    }
    for name, row in read.items():
        assert row.dtype == np.float32
        np.testing.assert_array_equal(row, np.asarray((expected or actions)[name], np.float32))


@pytest.mark.parametrize("looks", [{}, {"sizes": False}, {"sizes": False, "types": False}])
@pytest.mark.parametrize(
    "change",
    [
        lambda actions: actions,
        lambda actions: dict(reversed(actions.items())),
        lambda actions: {name: action.astype(np.float64) for name, action in actions.items()},
        lambda actions: {name: action.tolist() for name, action in actions.items()},
        lambda actions: {name: np.repeat(action, 2)[::2] for name, action in actions.items()},
        lambda actions: {name: action.astype(">f8") for name, action in actions.items()},
        lambda actions: {**actions, "battery_0": [0, 1, 0, -1]},
        pickle.dumps,
    ],
    ids=["float32", "another order", "float64", "lists", "strided", "big end", "mixed", "from a process"],
)
def test_whatever_holds_the_right_numbers_is_read(change, looks):
    actions = change(numbers())
    if isinstance(actions, bytes):
        actions = pickle.loads(actions)
    assert_read(ActionReader(NAMES), actions, **looks)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, ">f4", np.float16, np.int64, np.bool_])
def test_other_types_are_converted_not_reinterpreted(dtype):
    ones = {name: np.ones(size, dtype) for name, size in SIZES.items()}
    assert_read(ActionReader(NAMES), ones)


def test_each_reading_writes_the_arrays_anew():
    reader = ActionReader(NAMES)
    assert_read(reader, numbers())
    assert_read(reader, {name: np.zeros(size, np.float32) for name, size in SIZES.items()})


def test_one_agent_alone_is_read():
    reader = ActionReader({"battery": ("battery_0",)})
    action = np.linspace(-1.0, 1.0, 4, dtype=np.float32)
    np.testing.assert_array_equal(reader.read({"battery_0": action})["battery"][0, 0], action)


def test_all_that_is_wrong_is_named_at_once():
    actions = numbers()
    del actions["battery_0"]
    actions["prosumer_1"], actions["utility_0"] = np.zeros((2, 4), np.float32), "up"
    actions["prosumer_9"] = np.zeros(7, np.float32)
    with pytest.raises(InputError) as refused:
        ActionReader(NAMES).read(actions)
    assert str(refused.value) == (
        "actions: prosumer_9 is no agent of this scenario; "
        "battery_0 did not act; every agent acts in every step; "
        "prosumer_1's action has shape (2, 4); it should be (7,); "
        "utility_0's action is 'up'; it should be 3 numbers"
    )


def test_none_is_no_action():
    with pytest.raises(InputError, match="battery_0's action has shape \\(\\); it should be \\(4,\\)"):
        ActionReader(NAMES).read({**numbers(), "battery_0": None})


@pytest.mark.parametrize("sizes", [(6, 8), (8, 6), (0, 14)])
def test_sizes_that_add_up_are_wrong_nonetheless(sizes):
    wrong = {f"prosumer_{n}": np.zeros(size, np.float32) for n, size in enumerate(sizes)}
    with pytest.raises(InputError, match=f"prosumer_0's action has shape \\({sizes[0]},\\)"):
        ActionReader(NAMES).read({**numbers(), **wrong})


@pytest.mark.parametrize("looks", [{}, {"sizes": False}, {"sizes": False, "types": False}])
def test_actions_of_two_kinds_that_were_swapped_are_wrong(looks):
    actions = numbers()
    actions["battery_0"], actions["prosumer_1"] = actions["prosumer_1"], actions["battery_0"]
    with pytest.raises(
        InputError, match="prosumer_1's action has shape \\(4,\\); it should be \\(7,\\); battery_0's"
    ):
        ActionReader(NAMES).read(actions, **looks)


def test_who_is_not_finite_is_named():
    reader, actions = ActionReader(NAMES), numbers()
    reader.read(actions)
    reader.require_finite()
    actions["battery_0"] = np.array([0.5, np.nan, 0.0, -np.inf])
    reader.read(actions)
    with pytest.raises(
        InputError, match=r"^actions: battery_0's action is \[0.5, nan, 0.0, -inf\]; every entry"
    ):
        reader.require_finite()
