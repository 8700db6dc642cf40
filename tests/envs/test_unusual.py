"""Hints about what is allowed but unusual: given where there is something, and not where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs.format.tariff_specification import (
    FlatPrice,
    QuarterHours,
    TariffSpec,
    TimeVariableNetworkFee,
)
from gridbid.envs.format.unusual import unusual
from gridbid.envs.scenario import load_scenario
from gridbid.envs.specification import Battery


@pytest.fixture(scope="module")
def tiny():
    return load_scenario("tiny")


def hints_of(scenario):
    return {hint.field: hint for hint in unusual(scenario)}


def with_seat(scenario, i, **changes):
    seats = list(scenario.seats)
    seats[i] = replace(seats[i], **changes)
    return replace(scenario, seats=tuple(seats))


def with_profile(scenario, name, change):
    values = scenario.profiles[name].copy()
    change(values)
    return replace(scenario, profiles={**scenario.profiles, name: values})


def test_tiny_is_as_usual_as_can_be(tiny):
    assert unusual(tiny) == []


def test_rurals_transformer_overloads_as_the_data_set_has_it():
    """141 % by SimBench's own tables, with pandapower's power flow."""
    hints = unusual(load_scenario("rural"))
    assert [hint.field for hint in hints] == ["grid.parquet bus 1"]
    assert "the transformer carries 141 % of its rating at the highest feed-in" in hints[0].value


def test_voltages_outside_the_band_are_told(tiny):
    weak = replace(tiny, network=tiny.network._replace(r_pu=100.0 * tiny.network.r_pu))
    assert any("pu at the highest" in hint.value for hint in unusual(weak))
    broken = replace(tiny, network=tiny.network._replace(r_pu=1_000.0 * tiny.network.r_pu))
    assert any("no power flow" in hint.value for hint in unusual(broken))


def test_profiles_that_stand_out_are_told(tiny):
    spike = hints_of(with_profile(tiny, "H0-C", lambda values: values.__setitem__(77, 400.0)))
    assert "400 in row 77" in spike["profiles.parquet column H0-C"].value
    flat = hints_of(with_profile(tiny, "H0-C", lambda values: values.fill(0.1)))
    assert flat["profiles.parquet column H0-C"].value == "0.1 in every row"
    sunny = hints_of(with_profile(tiny, "PV6", lambda values: values.__imul__(10.0)))
    assert "full-load hours" in sunny["profiles.parquet column PV6"].value
    more = {**tiny.profiles, "spare": np.linspace(0.0, 1.0, 35_136, dtype=np.float32)}
    assert hints_of(replace(tiny, profiles=more)).keys() == {"profiles.parquet column spare"}


def test_seats_that_look_like_a_slip_are_told(tiny):
    without_load = hints_of(with_seat(tiny, 0, load=None))
    assert without_load.keys() == {"seats[0].load", "profiles.parquet column H0-C"}
    assert without_load["profiles.parquet column H0-C"].value == "no seat uses it"
    assert "seats[0].bus" in hints_of(with_seat(tiny, 0, bus=0))
    assert hints_of(with_seat(tiny, 1, import_limit_kw=9.0)).keys() == {"seats[1].import_limit_kw"}
    assert hints_of(with_seat(tiny, 0, export_limit_kw=9.0)).keys() == {"seats[0].export_limit_kw"}
    watts = Battery(capacity_kwh=10.0, power_kw=5_000.0)
    assert "seats[1].battery" in hints_of(with_seat(tiny, 1, battery=watts))
    idle = Battery(capacity_kwh=0.0, power_kw=0.0)
    assert hints_of(with_seat(tiny, 1, battery=idle)).keys() == {"seats[1]"}


def test_a_book_that_is_too_short_is_told_with_the_levels_it_needs(tiny):
    """Retail less fee less feed-in is at most day-ahead + 20 - 5 - 7.86."""
    short = replace(tiny, market=replace(tiny.market, n_ticks=40))
    hint = hints_of(short)["market.n_ticks"]
    levels = int(hint.usual.split()[0])
    enough = replace(tiny, market=replace(tiny.market, n_ticks=levels))
    assert 40 < levels < 224 and hints_of(enough) == {}
    assert "market.n_ticks" in hints_of(replace(tiny, market=replace(tiny.market, n_ticks=levels - 1)))


def test_network_fees_outside_of_the_rule_are_told(tiny):
    fee = TimeVariableNetworkFee(
        standard_ct_per_kwh=8.0,
        high_ct_per_kwh=17.0,
        low_ct_per_kwh=4.0,
        windows=(QuarterHours(quarters=(1,), high=("17:00-18:30",), low=("00:00-05:00",)),),
    )
    hints = hints_of(
        replace(tiny, tariff=TariffSpec(energy=FlatPrice(price_ct_per_kwh=20.0), network_fee=fee))
    )
    wrong = ("high_ct_per_kwh", "low_ct_per_kwh", "windows", "windows[0].high")
    assert hints.keys() == {f"tariff.network_fee.{field}" for field in wrong}
    sound = replace(
        fee,
        high_ct_per_kwh=16.0,
        low_ct_per_kwh=0.8,
        windows=(QuarterHours(quarters=(1, 4), high=("17:00-19:00",)),),
    )
    tariff = TariffSpec(energy=FlatPrice(price_ct_per_kwh=20.0), network_fee=sound)
    assert hints_of(replace(tiny, tariff=tariff)) == {}
