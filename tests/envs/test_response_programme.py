"""The programme of demand response: from minutes and ct/kWh to what the engine takes, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from gridbid.envs.compile import compile_community
from gridbid.envs.format.response_programme import BaselineSpec, ResponseSpec, check_response, response_rules
from gridbid.envs.format.schema import Faults
from gridbid.envs.scenario import ScenarioError, load_scenario, save_scenario
from gridbid.market.demand_response.types import BaselineRules, Method
from gridbid.market.engine import Engine
from gridbid.market.response import ResponseRules


def faults_of(response, slot_seconds=900):
    faults = Faults("scenario.yaml")
    check_response(response, slot_seconds, faults)
    return {fault.field: fault.expected for fault in faults.found}


def test_the_defaults_are_the_engines_own_at_quarter_hours():
    assert response_rules(ResponseSpec(), 900) == ResponseRules()
    assert faults_of(ResponseSpec()) == {}


def test_durations_and_rates_by_hand():
    response = ResponseSpec(
        lead_minutes=180,
        duration_minutes=60,
        availability_ct_per_kwh=2.5,
        penalty_ct_per_kwh=40.0,
        notice_minutes=45,
        opt_out_minutes=90,
        ramp_minutes=30,
        recovery_minutes=0,
        dispute_minutes=2_880,
        events_at_once=2,
        baseline=BaselineSpec(method="rolling", cap_percent=0),
    )
    assert response_rules(response, 300) == ResponseRules(
        lead=36,
        n_slots=12,
        availability_rate=25_000,
        penalty_rate=400_000,
        notice=9,
        opt_out=18,
        ramp=6,
        recovery=0,
        dispute=576,
        seats=2,
        baseline=BaselineRules(int(Method.ROLLING), 0),
    )


def test_durations_are_whole_slots():
    assert faults_of(ResponseSpec(ramp_minutes=10)) == {
        "response.ramp_minutes": "a multiple of the slot's 15 min"
    }
    assert faults_of(ResponseSpec(), 3_600).keys() == {
        "response.opt_out_minutes",
        "response.ramp_minutes",
        "response.recovery_minutes",
    }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"duration_minutes": 0}, "duration"),
        ({"opt_out_minutes": 0}, "opt_out"),
        ({"lead_minutes": 60}, "lead"),
        ({"lead_minutes": 0, "notice_minutes": 0, "ramp_minutes": 0, "opt_out_minutes": 0}, "lead"),
        ({"opt_out_minutes": 255}, "lead"),
    ],
)
def test_what_would_have_every_call_refused_is_a_fault_of_the_scenario(wrong, field):
    """The engine refuses the same rules, so nothing that loads fails later."""
    response = ResponseSpec(**wrong)
    assert faults_of(response).keys() == {f"response.{field}_minutes"}
    community = compile_community("tiny", [0]).community
    with pytest.raises(ValueError, match={"duration": "n_slots"}.get(field, field)):
        Engine(community, response=response_rules(response, 900))


def test_a_scenario_brings_its_programme(tmp_path: Path):
    tiny = load_scenario("tiny")
    assert compile_community(tiny, [0]).response is None
    called = replace(tiny, response=ResponseSpec(duration_minutes=60))
    folder = save_scenario(tmp_path / "called", called, tiny.network, tiny.profiles, "free")
    compiled = compile_community(folder, [0])
    assert compiled.response == ResponseRules(n_slots=4)
    assert Engine(compiled.community, response=compiled.response).response is not None
    broken = replace(tiny, response=ResponseSpec(duration_minutes=20))
    with pytest.raises(ScenarioError, match=r"response\.duration_minutes: 20; expected a multiple"):
        save_scenario(tmp_path / "broken", broken, tiny.network, tiny.profiles, "free")
