"""Who is a member when, against a plain reading of the calendar; days by the local clock."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.format.membership import Period, check_membership, members_present
from gridbid.envs.format.schema import Faults
from gridbid.envs.scenario import BUILT_IN, ScenarioError, load_scenario, save_scenario
from gridbid.envs.timeline.calendar import year_calendar


@pytest.fixture(scope="module")
def calendar():
    return year_calendar(2016, "Europe/Berlin")


def test_everybody_is_there_without_a_period(calendar):
    present = members_present([(), ()], calendar)
    assert present.shape == (1, 2) and present.dtype == np.bool_ and present.all()


def test_periods_are_whole_local_days_both_ends_counted(calendar):
    spring = Period(first_day=date(2016, 3, 27), last_day=date(2016, 3, 28))
    present = members_present(
        [(), (spring,), (Period(last_day=date(2016, 1, 1)), Period(first_day=date(2016, 12, 31)))], calendar
    )
    assert present.shape == (calendar.n_slots, 3) and present[:, 0].all()
    # The 27th of March has 23 hours.
    assert present[:, 1].sum() == 92 + 96
    days = [local.date() for local in calendar.local_start.tolist()]
    assert [day in (date(2016, 3, 27), date(2016, 3, 28)) for day in days] == present[:, 1].tolist()
    assert [day in (date(2016, 1, 1), date(2016, 12, 31)) for day in days] == present[:, 2].tolist()


def test_periods_without_a_day_and_days_in_two_periods_are_told():
    faults = Faults("scenario.yaml")
    periods = [
        Period(first_day=date(2016, 5, 2), last_day=date(2016, 5, 1)),
        Period(first_day=date(2017, 1, 1)),
        Period(last_day=date(2016, 6, 30)),
        Period(first_day=date(2016, 6, 30)),
    ]
    check_membership(periods, 2016, "seats[3]", faults)
    assert {fault.field: fault.value for fault in faults.found} == {
        "seats[3].membership[0]": "2016-05-02 to 2016-05-01",
        "seats[3].membership[1]": "2017-01-01 to ",
        "seats[3].membership": "2016-06-30",
    }


def test_days_are_read_with_and_without_quotes_and_written_back(tmp_path: Path):
    document = yaml.safe_load((BUILT_IN / "tiny" / "scenario.yaml").read_text(encoding="utf-8"))
    tiny = load_scenario("tiny")
    home = replace(tiny.seats[0], membership=(Period(first_day=date(2016, 4, 1)),))
    folder = save_scenario(
        tmp_path / "joins", replace(tiny, seats=(home, *tiny.seats[1:])), tiny.network, tiny.profiles, "free"
    )
    path = folder / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    assert "first_day: 2016-04-01" in text and len(document["seats"]) == 4
    path.write_text(text.replace("2016-04-01", "'2016-04-01'"), encoding="utf-8")
    assert load_scenario(folder).seats[0].membership == home.membership
    path.write_text(text.replace("2016-04-01", "2016-4-31"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"first_day: '2016-4-31'; expected a day as 2016-03-27"):
        load_scenario(folder)


def test_the_utility_is_always_there(tmp_path: Path):
    tiny = load_scenario("tiny")
    utility = replace(tiny.seats[-1], membership=(Period(first_day=date(2016, 4, 1)),))
    with pytest.raises(ScenarioError, match=r"seats\[3\].membership"):
        save_scenario(
            tmp_path / "x", replace(tiny, seats=(*tiny.seats[:-1], utility)), tiny.network, tiny.profiles, ""
        )


def test_a_community_knows_who_is_absent(tmp_path: Path):
    """The household leaves on Wednesday of week 12: no load, PV or heat from then on, and readings of 0."""
    tiny = load_scenario("tiny")
    home = replace(tiny.seats[0], membership=(Period(last_day=date(2016, 3, 22)),))
    leaving = replace(tiny, seats=(home, *tiny.seats[1:]))
    env = BatchEnv(leaving, 1, samples=1, n_slots=2 * 96 + 8)
    series = env.community.series
    gone = env.compiled.year.local_start >= np.datetime64("2016-03-23")
    assert np.array_equal(series.present[:, 0], ~gone) and series.present[:, 1:].all()
    for part in (series.load_kw, series.pv_kw, series.heat_kw, series.net_kw, series.net_hour_kw):
        assert (part[gone, 0] == 0.0).all() and (part[~gone, 0] != 0.0).any()
    env.reset(weeks=12, samples=0, day=0)
    readings = []
    while not env.engine.finished.all():
        env.step({}, lambda engine: readings.append(int(engine.state.delivered.reading_wh[0, 0])))
    assert len(readings) == 2 * 96 + 8
    assert all(reading != 0 for reading in readings[: 2 * 96]) and readings[2 * 96 :] == [0] * 8
