"""The JSON schema against the loader: what one refuses for its form the other refuses, too."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.envs.documentation import SCHEMA
from gridbid.envs.format.json_schema import scenario_schema
from gridbid.envs.format.schema import Faults, parse
from gridbid.envs.scenario import BUILT_IN, scenario_names
from gridbid.envs.specification import Specification

DOCS = Path(__file__).parents[2] / "docs"
CHECKER = jsonschema.Draft202012Validator(
    scenario_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def as_json(document: Any) -> Any:
    """As an editor sees it: YAML's days are texts there."""
    return json.loads(json.dumps(document, default=date.isoformat))


def built_in(name: str) -> Any:
    return yaml.safe_load((BUILT_IN / name / "scenario.yaml").read_text(encoding="utf-8"))


def loader_refuses(document: Any) -> bool:
    faults = Faults("scenario.yaml")
    parse(Specification, document, "", faults)
    return bool(faults.found)


def schema_refuses(document: Any) -> bool:
    return not CHECKER.is_valid(document)


def rich() -> Any:
    """`tiny` with a bit of everything that the format knows."""
    document = as_json(built_in("tiny"))
    document["tariff"] = {
        "energy": {
            "kind": "time_of_use",
            "windows": [
                {"name": "peak", "price_ct_per_kwh": 36.0, "days": "weekdays", "hours": ["17:00-20:00"]},
                {"name": "summer", "price_ct_per_kwh": 24, "months": [6, 7, 8]},
                {"name": "else", "price_ct_per_kwh": 30.0},
            ],
        },
        "network_fee": {
            "kind": "time_variable",
            "standard_ct_per_kwh": 8.0,
            "high_ct_per_kwh": 14.0,
            "low_ct_per_kwh": 1.6,
            "windows": [{"quarters": [1, 4], "high": ["17:00-20:00"], "low": ["23:00-05:00"]}],
        },
        "components_ct_per_kwh": {"electricity tax": 2.05},
        "vat_share": 0.19,
        "feed_in": {"kind": "spot", "margin_ct_per_kwh": 0.4, "unpaid_when_negative": True},
        "local_fee": {"kind": "share", "share": 0.5},
    }
    document["response"] = {
        "duration_minutes": 60,
        "penalty_ct_per_kwh": 30.0,
        "baseline": {"method": "rolling", "cap_percent": 0},
    }
    document["forecast"] = {"kind": "noisy", "error_share": 0.2, "correlation_h": 4, "seed": 3}
    document["series"] = {
        "prices": {"file": "spot.parquet", "price_column": "eur", "licence": "CC BY 4.0, somebody"},
        "sessions": {"file": "cars.parquet", "licence": "CC BY 4.0, somebody else"},
    }
    document["seats"][0]["membership"] = [{"first_day": "2016-03-01", "last_day": "2016-06-30"}, {}]
    document["population"] = {
        "members": 3,
        "seed": 7,
        "pv_share": 0.4,
        "battery_share": 0.2,
        "charge_point_share": 0.3,
        "heat_pump_share": 0.3,
        "load_spread": 0.5,
        "source": "suburb",
    }
    return document


RICH = rich()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values of a document but the document itself."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [path] * bool(path) + [place for key, entry in entries for place in places(entry, (*path, key))]


PLACES = places(RICH)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3_000),
    st.floats(-2e3, 2e3),
    st.sampled_from([0.0, 1.0, 2.0, 15.0]),
    st.text(max_size=3),
    st.sampled_from(["flat", "fixed", "share", "spot", "prosumer", "weekend", "equal"]),
    st.sampled_from(["08:00-08:00", "24:00-01:00", "6:00-07:00", "06:00-24:00", "23:59-00:00", "06:00"]),
    st.sampled_from(["2016-02-29", "2017-02-29", "2016-3-1", "2016-03-01T00:00"]),
    st.lists(st.integers(0, 13), max_size=2),
    st.sampled_from(["../x.parquet", "x.parquet", "rolling"]),
    st.dictionaries(
        st.sampled_from(["kind", "price_ct_per_kwh", "share", "x"]), st.integers(0, 1), max_size=3
    ),
)


@st.composite
def mutations(draw: st.DrawFn) -> Any:
    """The rich document with one to three of its values replaced, left out, or joined by another."""
    document = copy.deepcopy(RICH)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(PLACES))
        holder = document
        for key in way:
            inside = isinstance(holder, dict) and key in holder
            inside = inside or (isinstance(holder, list) and isinstance(key, int) and key < len(holder))
            holder = holder[key] if inside else None
        if isinstance(holder, dict) and draw(st.booleans()):
            holder.pop(last, None)
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from([last, "kind", "new"]))] = draw(VALUES)
        elif isinstance(holder, list) and holder:
            holder[min(last, len(holder) - 1) if isinstance(last, int) else 0] = draw(VALUES)
    return document


def test_the_schema_is_one_and_docs_holds_it():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())
    assert json.loads((DOCS / SCHEMA).read_text(encoding="utf-8")) == scenario_schema()


@pytest.mark.parametrize("name", scenario_names())
def test_built_in_scenarios_are_valid(name):
    assert [error.message for error in CHECKER.iter_errors(as_json(built_in(name)))] == []


def test_the_rich_document_is_valid_to_both():
    assert [error.message for error in CHECKER.iter_errors(RICH)] == []
    assert not loader_refuses(RICH)


@given(mutations())
@settings(max_examples=150)
def test_both_refuse_the_same(document):
    assert loader_refuses(document) == schema_refuses(document)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_both_refuse_the_same_value_at_every_place(place):
    """A value of a wrong kind somewhere: both or neither."""
    for value in (None, True, -1, "text", {"kind": "flat"}):
        document = copy.deepcopy(RICH)
        holder = document
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = value
        assert loader_refuses(document) == schema_refuses(document), value


def test_every_property_says_what_it_is():
    schema = scenario_schema()
    for section in (schema, *schema["$defs"].values()):
        assert section["additionalProperties"] is False and section["description"]
        assert all(entry["description"] for entry in section["properties"].values())


def test_units_ranges_and_defaults_are_told():
    battery = scenario_schema()["$defs"]["Battery"]
    assert battery["required"] == ["capacity_kwh", "power_kw"]
    power = battery["properties"]["power_kw"]
    assert power["description"].endswith("[kW]") and power["type"] == "number"
    assert battery["properties"]["initial_soc"]["default"] == 0.5
    assert battery["properties"]["initial_soc"]["maximum"] == 1.0
