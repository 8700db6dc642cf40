"""The field table against what derives from it: spaces, places and the schema hash."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.fields import ACTIONS, KINDS, OBSERVATIONS, Field

TABLES = {
    "OBSERVATIONS": (fields.observation_fields, fields.observation_index, fields.observation_space),
    "ACTIONS": (fields.action_fields, fields.action_index, fields.action_space),
}
CASES = [(table, kind) for table in TABLES for kind in KINDS]


@pytest.mark.parametrize("field", [*OBSERVATIONS, *ACTIONS], ids=lambda field: field.name)
def test_a_field_is_well_formed(field):
    assert field.kinds and set(field.kinds) <= set(KINDS)
    assert np.isfinite([field.low, field.high]).all() and field.low < field.high
    assert field.scale > 0 and field.size >= 1
    assert field.unit and field.meaning


@pytest.mark.parametrize("table", TABLES)
def test_names_are_unique(table):
    names = [field.name for field in getattr(fields, table)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("table", "kind"), CASES)
def test_a_kind_has_the_fields_that_name_it_in_the_order_of_the_table(table, kind):
    of_kind, _, _ = TABLES[table]
    assert list(of_kind(kind)) == [field for field in getattr(fields, table) if kind in field.kinds]


@pytest.mark.parametrize(("table", "kind"), CASES)
def test_places_follow_each_other_and_fill_the_space(table, kind):
    of_kind, index_of, space_of = TABLES[table]
    places = [place for field in of_kind(kind) for place in [field.name] * field.size]
    index = index_of(kind)
    assert list(index) == list(dict.fromkeys(places))
    for name, span in index.items():
        assert set(places[span]) == {name}
    assert sum(span.stop - span.start for span in index.values()) == len(places)
    assert space_of(kind).shape == (len(places),)
    assert space_of(kind).dtype == np.float32


@pytest.mark.parametrize("kind", KINDS)
def test_observation_bounds_are_the_tables(kind):
    space, index = fields.observation_space(kind), fields.observation_index(kind)
    for field in fields.observation_fields(kind):
        assert (space.low[index[field.name]] == np.float32(field.low)).all()
        assert (space.high[index[field.name]] == np.float32(field.high)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_actions_live_in_the_unit_box(kind):
    space = fields.action_space(kind)
    assert (space.low == -1.0).all() and (space.high == 1.0).all()


@pytest.mark.parametrize("field", ACTIONS, ids=lambda field: field.name)
def test_every_action_can_be_left_off(field):
    assert field.low <= 0.0 <= field.high


def test_spaces_are_the_same_object_on_every_call():
    assert fields.observation_space("ev") is fields.observation_space("ev")
    assert fields.action_space("ev") is fields.action_space("ev")


CHANGES = {
    "name": "other",
    "kinds": ("ev", "utility"),
    "unit": "bar",
    "low": -7.5,
    "high": 7.5,
    "scale": 3.25,
    "meaning": "something else",
    "size": 5,
}


def test_there_is_a_change_for_every_column_of_the_table():
    assert set(CHANGES) == set(Field.__dataclass_fields__)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("column", CHANGES)
def test_the_schema_hash_tells_any_change(table, column, monkeypatch):
    before = fields.schema_hash()
    rows = getattr(fields, table)
    monkeypatch.setattr(fields, table, (*rows[:-1], replace(rows[-1], **{column: CHANGES[column]})))
    assert fields.schema_hash() != before


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "change", [lambda rows: rows[::-1], lambda rows: rows[1:], lambda rows: (*rows, rows[0])]
)
def test_the_schema_hash_tells_order_and_length(table, change, monkeypatch):
    before = fields.schema_hash()
    monkeypatch.setattr(fields, table, change(getattr(fields, table)))
    assert fields.schema_hash() != before


def test_the_schema_hash_repeats():
    assert fields.schema_hash() == fields.schema_hash()
    assert len(bytes.fromhex(fields.schema_hash())) == 32


@pytest.mark.parametrize("function", [function for table in TABLES.values() for function in table])
def test_an_unknown_kind_is_refused(function):
    with pytest.raises(ValueError, match="kind: 'windmill' is none of prosumer, battery, ev, utility"):
        function("windmill")
