"""Tariffs by slot, against figures worked out by hand and against plain loops over the local clock."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import yaml

from gridbid.envs.compile import compile_community
from gridbid.envs.format.schema import Faults, parse
from gridbid.envs.format.tariff_checks import check_tariff
from gridbid.envs.format.tariff_specification import (
    DayAheadPrice,
    FixedFeedIn,
    FixedLocalFee,
    FlatNetworkFee,
    FlatPrice,
    PriceWindow,
    QuarterHours,
    ShareLocalFee,
    SpotFeedIn,
    TariffSpec,
    TimeOfUsePrice,
    TimeVariableNetworkFee,
)
from gridbid.envs.format.tariff_words import tariff_words
from gridbid.envs.scenario import load_scenario
from gridbid.envs.timeline.calendar import year_calendar
from gridbid.envs.timeline.tariffs import LINES, tariff_prices

CT = 10_000
SPRING, AUTUMN = "2025-03-30", "2025-10-26"

MODULE_3 = TimeVariableNetworkFee(
    standard_ct_per_kwh=8.0,
    high_ct_per_kwh=14.0,
    low_ct_per_kwh=1.6,
    windows=(QuarterHours(quarters=(1, 4), high=("17:00-20:00",), low=("23:00-05:00",)),),
)
NIGHT_AND_DAY = TimeOfUsePrice(
    windows=(
        PriceWindow(
            name="winter peak",
            price_ct_per_kwh=40.0,
            months=(11, 12, 1, 2),
            days="weekdays",
            hours=("07:00-09:30", "17:00-20:00"),
        ),
        PriceWindow(name="night", price_ct_per_kwh=22.0, hours=("22:00-06:00",)),
        PriceWindow(name="weekend", price_ct_per_kwh=27.0, days="weekend"),
        PriceWindow(name="day", price_ct_per_kwh=31.0),
    )
)


@pytest.fixture(scope="module")
def calendar():
    return year_calendar(2025, "Europe/Berlin")


def spot(calendar, *prices_ct):
    """A sample a price, each the same in all slots."""
    return np.repeat(np.array(prices_ct, np.float32)[:, np.newaxis], calendar.n_slots, axis=1)


def at(calendar, local):
    """First slot at a local time."""
    return int(np.argmax(calendar.local_start == np.datetime64(local)))


def faults_of(tariff):
    faults = Faults("scenario.yaml")
    check_tariff(tariff, faults)
    return {fault.field: fault for fault in faults.found}


def test_the_built_in_tariff_is_day_ahead_plus_20_to_the_bit():
    """The rule by which every published figure of `rural` and `tiny` was made."""
    compiled = compile_community(load_scenario("rural"), [0, 7])
    spot_ct, series = compiled.year.spot_ct, compiled.community.series
    retail = np.rint((spot_ct + np.float32(20.0)).astype(np.float64) * CT).astype(np.int64)
    assert np.array_equal(series.retail, retail)
    assert np.array_equal(series.feed_in, np.minimum(78_600, retail - 50_000))
    assert np.array_equal(series.wholesale, np.rint(spot_ct.astype(np.float64) * CT))
    assert (series.fee == 50_000).all()
    assert (series.feed_in < 78_600).any()


def test_a_flat_price_with_all_lines_by_hand(calendar):
    """12 + 8 + 2.05 + 1.66 = 23.71; 19 % of it is 4.5049, so 28.2149 ct/kWh in all."""
    tariff = TariffSpec(
        energy=FlatPrice(price_ct_per_kwh=12.0),
        network_fee=FlatNetworkFee(price_ct_per_kwh=8.0),
        components_ct_per_kwh={"electricity tax": 2.05, "concession fee": 1.66},
        vat_share=0.19,
    )
    prices = tariff_prices(tariff, calendar, spot(calendar, 5.0, -3.0))
    assert list(prices.lines) == ["energy", "network fee", "electricity tax", "concession fee", "VAT"]
    assert [int(line[1, 77]) for line in prices.lines.values()] == [120_000, 80_000, 20_500, 16_600, 45_049]
    assert (prices.retail == 282_149).all()
    assert prices.retail.dtype == prices.feed_in.dtype == prices.fee.dtype == np.int64


def test_day_ahead_with_lines_by_hand(calendar):
    """-3 + 1.5 = -1.5, + 8 = 6.5; 19 % is 1.235, so 7.735 ct/kWh while the wholesale price is negative."""
    tariff = TariffSpec(
        energy=DayAheadPrice(adder_ct_per_kwh=1.5),
        network_fee=FlatNetworkFee(price_ct_per_kwh=8.0),
        vat_share=0.19,
    )
    prices = tariff_prices(tariff, calendar, spot(calendar, -3.0))
    assert {name: int(line[0, 0]) for name, line in prices.lines.items()} == {
        "day-ahead price": -30_000,
        "adder": 15_000,
        "network fee": 80_000,
        "VAT": 12_350,
    }
    assert (prices.retail == 77_350).all()
    # 7.735 - 5 of fee leaves 2.735 of the 7.86 for feed-in (rule 8).
    assert (prices.feed_in == 27_350).all()


def test_time_of_use_follows_the_local_clock_as_a_plain_loop_does(calendar):
    retail = tariff_prices(TariffSpec(energy=NIGHT_AND_DAY), calendar, spot(calendar, 0.0)).retail[0]
    for slot, local in enumerate(calendar.local_start.tolist()):
        minute = 60 * local.hour + local.minute
        peak = 420 <= minute < 570 or 1020 <= minute < 1200
        if local.month in (11, 12, 1, 2) and local.weekday() < 5 and peak:
            expected = 40
        elif minute >= 1320 or minute < 360:
            expected = 22
        else:
            expected = 27 if local.weekday() >= 5 else 31
        assert retail[slot] == expected * CT, local


@pytest.mark.parametrize(("day", "night_slots"), [(SPRING, 28), (AUTUMN, 36), ("2025-06-16", 32)])
def test_a_night_is_an_hour_shorter_or_longer_when_the_clock_changes(calendar, day, night_slots):
    """22:00 to 06:00 is 8 h of slots, 7 where the clock skips an hour and 9 where it repeats one."""
    windows = (
        PriceWindow(name="night", price_ct_per_kwh=20.0, hours=("22:00-06:00",)),
        PriceWindow(name="day", price_ct_per_kwh=30.0),
    )
    tariff = TariffSpec(energy=TimeOfUsePrice(windows=windows))
    retail = tariff_prices(tariff, calendar, spot(calendar, 0.0)).retail[0]
    on_day = calendar.local_start.astype("datetime64[D]") == np.datetime64(day)
    assert (retail[on_day] == 20 * CT).sum() == night_slots


def test_a_time_variable_network_fee_by_hand(calendar):
    tariff = TariffSpec(
        energy=FlatPrice(price_ct_per_kwh=20.0), network_fee=MODULE_3, local_fee=ShareLocalFee(share=0.5)
    )
    prices = tariff_prices(tariff, calendar, spot(calendar, 0.0))
    expected = {
        "2025-01-15T16:45": 8.0,
        "2025-01-15T17:00": 14.0,
        "2025-01-15T19:45": 14.0,
        "2025-01-15T20:00": 8.0,
        "2025-01-15T23:00": 1.6,
        "2025-01-15T04:45": 1.6,
        "2025-01-15T05:00": 8.0,
        "2025-03-31T17:00": 14.0,
        "2025-04-01T17:00": 8.0,
        "2025-09-30T23:30": 8.0,
        "2025-10-01T00:00": 1.6,
        "2025-12-31T18:00": 14.0,
    }
    for local, fee_ct in expected.items():
        slot = at(calendar, local)
        assert prices.lines["network fee"][0, slot] == round(fee_ct * CT), local
        assert prices.retail[0, slot] == round((20.0 + fee_ct) * CT)
        assert prices.fee[slot] == round(fee_ct / 2 * CT)
    assert prices.fee.shape == (calendar.n_slots,)


@pytest.mark.parametrize(
    ("feed_in", "positive_ct", "negative_ct"),
    [
        (FixedFeedIn(price_ct_per_kwh=7.86), 7.86, 7.86),
        (FixedFeedIn(price_ct_per_kwh=7.86, unpaid_when_negative=True), 7.86, 0.0),
        (SpotFeedIn(margin_ct_per_kwh=0.4), 5.6, -3.4),
        (SpotFeedIn(margin_ct_per_kwh=0.4, unpaid_when_negative=True), 5.6, 0.0),
    ],
)
def test_feed_in_by_hand(calendar, feed_in, positive_ct, negative_ct):
    tariff = TariffSpec(energy=FlatPrice(price_ct_per_kwh=30.0), feed_in=feed_in)
    prices = tariff_prices(tariff, calendar, spot(calendar, 6.0, -3.0))
    assert (prices.feed_in[0] == round(positive_ct * CT)).all()
    assert (prices.feed_in[1] == round(negative_ct * CT)).all()


def test_a_price_of_zero_is_paid(calendar):
    """§ 51 EEG speaks of negative prices: zero isn't one."""
    feed_in = FixedFeedIn(price_ct_per_kwh=7.86, unpaid_when_negative=True)
    prices = tariff_prices(
        TariffSpec(energy=FlatPrice(price_ct_per_kwh=30.0), feed_in=feed_in), calendar, spot(calendar, 0.0)
    )
    assert (prices.feed_in == 78_600).all()


@pytest.mark.parametrize(
    "energy", [FlatPrice(price_ct_per_kwh=4.0), DayAheadPrice(adder_ct_per_kwh=1.0), NIGHT_AND_DAY]
)
@pytest.mark.parametrize(
    "fee",
    [FixedLocalFee(price_ct_per_kwh=0.0), FixedLocalFee(price_ct_per_kwh=5.0), ShareLocalFee(share=1.0)],
)
@pytest.mark.parametrize("feed_in", [FixedFeedIn(price_ct_per_kwh=30.0), SpotFeedIn(margin_ct_per_kwh=0.0)])
def test_rule_8_holds_and_lines_add_up(calendar, energy, fee, feed_in):
    tariff = TariffSpec(energy=energy, network_fee=MODULE_3, local_fee=fee, feed_in=feed_in, vat_share=0.19)
    random = np.random.default_rng(3)
    spot_ct = random.normal(8.0, 15.0, (2, calendar.n_slots)).astype(np.float32)
    prices = tariff_prices(tariff, calendar, spot_ct)
    assert (prices.feed_in + prices.fee <= prices.retail).all()
    assert np.array_equal(sum(prices.lines.values()), prices.retail)
    untouched = prices.feed_in + prices.fee < prices.retail
    wanted = np.full_like(spot_ct, 30.0) if isinstance(feed_in, FixedFeedIn) else spot_ct
    assert np.abs(prices.feed_in[untouched] / CT - wanted[untouched]).max(initial=0.0) < 1e-4


def test_windows_must_cover_every_slot():
    gap = TimeOfUsePrice(windows=(PriceWindow(name="day", price_ct_per_kwh=30.0, hours=("06:00-22:00",)),))
    fault = faults_of(TariffSpec(energy=gap))["tariff.energy.windows"]
    assert fault.value == "none at 00:00 on weekdays in month 1"
    assert "tariff.energy.windows" in faults_of(TariffSpec(energy=TimeOfUsePrice(windows=())))


def test_windows_that_nothing_lies_in_and_names_that_come_twice_are_told():
    windows = (
        PriceWindow(name="all", price_ct_per_kwh=30.0),
        PriceWindow(name="all", price_ct_per_kwh=20.0, hours=("22:00-06:00",)),
    )
    faults = faults_of(TariffSpec(energy=TimeOfUsePrice(windows=windows)))
    assert faults.keys() == {"tariff.energy.windows", "tariff.energy.windows[1]"}


def test_levels_quarters_and_shares_must_make_sense():
    upside_down = replace(MODULE_3, low_ct_per_kwh=9.0)
    assert faults_of(TariffSpec(network_fee=upside_down)).keys() == {"tariff.network_fee"}
    twice = replace(MODULE_3, windows=(*MODULE_3.windows, QuarterHours(quarters=(4,))))
    assert faults_of(TariffSpec(network_fee=twice))["tariff.network_fee.windows"].value == [4]
    both = replace(
        MODULE_3, windows=(QuarterHours(quarters=(1,), high=("17:00-20:00",), low=("19:30-05:00",)),)
    )
    fault = faults_of(TariffSpec(network_fee=both))["tariff.network_fee.windows[0]"]
    assert fault.value == "high and low at 19:30"
    assert faults_of(TariffSpec(local_fee=ShareLocalFee(share=0.5))).keys() == {"tariff.local_fee.share"}
    taken = TariffSpec(components_ct_per_kwh={"VAT": 1.0})
    assert faults_of(taken).keys() == {"tariff.components_ct_per_kwh"}
    sound = TariffSpec(energy=NIGHT_AND_DAY, network_fee=MODULE_3, local_fee=ShareLocalFee(share=0.5))
    assert faults_of(sound) == {}


def test_words_tell_every_part():
    tariff = TariffSpec(
        energy=NIGHT_AND_DAY,
        network_fee=MODULE_3,
        components_ct_per_kwh={"margin": 1.2},
        vat_share=0.19,
        feed_in=SpotFeedIn(margin_ct_per_kwh=0.4, unpaid_when_negative=True),
        local_fee=ShareLocalFee(share=0.5),
    )
    words = tariff_words(tariff)
    assert list(words) == ["energy", "network fee", "margin", "VAT", "feed-in", "local fee"]
    assert (
        "night 22 ct/kWh (22:00-06:00)" in words["energy"] and "day 31 ct/kWh (otherwise)" in words["energy"]
    )
    assert words["feed-in"] == "day-ahead price - 0.4 ct/kWh; nothing while the day-ahead price is negative"
    assert words["local fee"] == "50 % of the network fee"
    assert set(LINES).isdisjoint({"margin"})


def test_a_day_of_the_change_of_clocks_has_its_slots(calendar):
    """The calendar's own, so that the nights above are counted on real days."""
    days = calendar.local_start.astype("datetime64[D]")
    counts = [int((days == np.datetime64(day)).sum()) for day in (SPRING, AUTUMN)]
    assert counts == [92, 100]
    assert datetime.fromisoformat(SPRING).weekday() == 6


def test_the_pages_example_comes_to_what_it_says(calendar):
    page = (Path(__file__).parents[2] / "docs" / "scenario-format.md").read_text(encoding="utf-8")
    document = yaml.safe_load(page.split("```yaml\ntariff:")[1].split("```")[0].join(["tariff:", ""]))
    faults = Faults("scenario.yaml")
    tariff = parse(TariffSpec, document["tariff"], "tariff", faults)
    assert faults.found == [] and faults_of(tariff) == {}
    prices, slot = tariff_prices(tariff, calendar, spot(calendar, 10.0)), at(calendar, "2025-01-15T18:00")
    cents = [price[0, slot] / CT for price in (prices.retail, prices.feed_in)] + [prices.fee[slot] / CT]
    assert cents == pytest.approx([34.76, 7.86, 7.0], abs=0.005)
    assert "34.76 ct/kWh" in page and "a local fee of 7" in page and "from 7.86 to 27.76" in page
