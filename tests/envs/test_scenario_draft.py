"""A scenario to begin with: it loads, means what its model means, and says what every key means."""

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from gridbid.envs.format.commented_yaml import commented_yaml
from gridbid.envs.format.json_schema import schema_text
from gridbid.envs.format.membership import Period
from gridbid.envs.format.response_programme import ResponseSpec
from gridbid.envs.format.scenario_draft import write_draft
from gridbid.envs.format.schema import Faults, parse
from gridbid.envs.format.schema_words import attribute_docstrings
from gridbid.envs.format.tariff_specification import PriceWindow, TariffSpec, TimeOfUsePrice
from gridbid.envs.scenario import ScenarioError, load_scenario, scenario_names
from gridbid.envs.specification import Specification

OWN = ("name", "version", "title")


def read(text):
    faults = Faults("scenario.yaml")
    return parse(Specification, yaml.safe_load(text), "", faults), faults.found


@pytest.mark.parametrize("name", scenario_names())
def test_a_draft_loads_and_is_its_model_but_for_its_name(name: str, tmp_path: Path) -> None:
    model = load_scenario(name)
    draft = load_scenario(write_draft(tmp_path / "mine", name))
    for field in fields(Specification):
        if field.name not in OWN:
            assert getattr(draft, field.name) == getattr(model, field.name), field.name
    assert draft.name == "mine" and model.title in draft.title
    assert (tmp_path / "mine" / "LICENSE.md").is_file()


def test_the_schema_that_editors_are_told_lies_beside_it(tmp_path: Path) -> None:
    folder = write_draft(tmp_path / "mine")
    first = (folder / "scenario.yaml").read_text(encoding="utf-8").splitlines()[0]
    schema = folder / first.removeprefix("# yaml-language-server: $schema=")
    assert schema.read_text(encoding="utf-8") == schema_text()


def test_every_key_is_explained_where_it_comes_first(tmp_path: Path) -> None:
    text = (write_draft(tmp_path / "mine") / "scenario.yaml").read_text(encoding="utf-8")
    for meaning in attribute_docstrings(Specification).values():
        assert text.count(meaning.rstrip(".")) == 1, meaning
    assert text.count("Usable capacity [kWh]") == 1
    assert "# response:" in text and "\nresponse:" not in text


def test_a_draft_of_everything_is_read_back() -> None:
    tiny = load_scenario("tiny")
    windows = (
        PriceWindow(
            name='night: "cheap" # or so', price_ct_per_kwh=20.0, hours=("22:00-06:00",), months=(1, 2)
        ),
        PriceWindow(name="ja", price_ct_per_kwh=-3.0),
    )
    tariff = TariffSpec(energy=TimeOfUsePrice(windows=windows), components_ct_per_kwh={"a: b": 1.0, "2": 0.5})
    home = replace(tiny.seats[0], membership=(Period(first_day=date(2016, 2, 1)), Period()))
    entries = {field.name: getattr(tiny, field.name) for field in fields(Specification)}
    everything = replace(
        Specification(**entries),
        title="yes: 'no' #",
        tariff=tariff,
        response=ResponseSpec(),
        seats=(home, *tiny.seats[1:]),
    )
    assert read(commented_yaml(everything)) == (everything, [])


def test_a_folder_that_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ScenarioError, match="exists already"):
        write_draft(tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == [] and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(ScenarioError, match="atlantis"):
        write_draft(tmp_path / "other", "atlantis")
    assert len(list(tmp_path.iterdir())) == 1
