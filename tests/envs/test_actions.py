"""Actions from the unit box: by name, into the range that the table states and the column that the engine reads."""

import numpy as np
import pytest

from gridbid.envs.fields import METERED, action_fields, action_index
from gridbid.envs.signals.actions import decode
from gridbid.market.types import Control

CONTROLS = {
    "battery": Control.BATTERY,
    "charger": Control.CHARGER,
    "heat_pump": Control.HEAT_PUMP,
    "curtail": Control.CURTAIL,
}
COLUMNS = [(kind, field.name) for kind in METERED for field in action_fields(kind)]


def column(decision, name):
    return decision.controls[..., CONTROLS[name]] if name in CONTROLS else getattr(decision, name)


def unit(kind, name, values):
    """Actions (values, action) that are -1 but in one column."""
    action = np.full((len(values), len(action_index(kind))), -1.0, np.float32)
    action[:, action_index(kind)[name].start] = values
    return action


@pytest.mark.parametrize(("kind", "name"), COLUMNS)
def test_the_unit_box_spans_the_range_of_the_table(kind, name):
    field = next(field for field in action_fields(kind) if field.name == name)
    decoded = column(decode(kind, unit(kind, name, [-1.0, -0.5, 0.0, 1.0])), name)
    quarters = [field.low + share * (field.high - field.low) for share in (0.0, 0.25, 0.5, 1.0)]
    np.testing.assert_allclose(decoded, quarters, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("kind", "name"), COLUMNS)
def test_an_entry_moves_its_own_column_alone(kind, name):
    low, high = (decode(kind, unit(kind, name, [value])) for value in (-1.0, 1.0))
    moved = {
        other
        for other in (*CONTROLS, "offer", "limit", "follow")
        if column(low, other) != column(high, other)
    }
    assert moved == {name}


@pytest.mark.parametrize(("kind", "name"), COLUMNS)
def test_what_lies_outside_the_box_is_clipped(kind, name):
    outside, corner = (
        column(decode(kind, unit(kind, name, values)), name) for values in ([-9.0, 2.5], [-1.0, 1.0])
    )
    np.testing.assert_array_equal(outside, corner)


@pytest.mark.parametrize("kind", METERED)
def test_a_device_that_the_kind_lacks_keeps_still(kind):
    decision = decode(kind, np.ones((2, 3, len(action_index(kind))), np.float32))
    for name in CONTROLS.keys() - action_index(kind).keys():
        assert (column(decision, name) == 0.0).all()
