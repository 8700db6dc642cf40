"""The parity report names what differs, and nothing else."""

from copy import deepcopy
from dataclasses import replace

import pytest

from gridbid.agents.bots.day import DayRecord, Settlement, Trade
from gridbid.evaluate.parity import SHOWN, DayParity, ParityReport, compare_day


def a_day():
    trades = [
        Trade(slot=200 + n, taker=n % 3, maker=3, tick=40 + n, quantity_wh=100 * (n + 1)) for n in range(4)
    ]
    settlements = {
        (slot, seat): Settlement(reading_wh=10 * slot + seat, position_wh=seat, cash_neur=-slot * 1_000)
        for slot in (200, 201)
        for seat in range(4)
    }
    return DayRecord(trades, settlements)


@pytest.fixture
def days():
    """The environment's record and an equal one of a ledger."""
    day = a_day()
    return day, deepcopy(day)


def test_equal_days_have_no_mismatch(days):
    assert compare_day("rural", *days) == DayParity(
        "rural", fills=4, settlements=8, mismatches=0, examples=()
    )


def test_a_fill_that_the_ledger_lacks_is_named(days):
    environment, ledger = days
    lost = ledger.trades.pop()
    parity = compare_day("d", environment, ledger)
    assert (parity.fills, parity.mismatches) == (4, 1)
    assert parity.examples == (f"fill 3: environment {lost}, ledger None",)


def test_a_fill_that_only_the_ledger_has_is_named(days):
    environment, ledger = days
    ledger.trades.append(Trade(203, 0, 1, 2, 3))
    parity = compare_day("d", environment, ledger)
    assert (parity.fills, parity.mismatches) == (5, 1)
    assert parity.examples == (f"fill 4: environment None, ledger {ledger.trades[-1]}",)


def test_the_order_of_fills_counts(days):
    environment, ledger = days
    ledger.trades[1], ledger.trades[2] = ledger.trades[2], ledger.trades[1]
    assert compare_day("d", environment, ledger).mismatches == 2


@pytest.mark.parametrize("field", ["slot", "taker", "maker", "tick", "quantity_wh"])
def test_every_part_of_a_fill_counts(days, field):
    environment, ledger = days
    ours = ledger.trades[2]
    ledger.trades[2] = replace(ours, **{field: getattr(ours, field) + 1})
    parity = compare_day("d", environment, ledger)
    assert parity.mismatches == 1
    assert parity.examples == (f"fill 2: environment {environment.trades[2]}, ledger {ledger.trades[2]}",)


@pytest.mark.parametrize("field", ["reading_wh", "position_wh", "cash_neur"])
def test_every_part_of_a_settlement_counts(days, field):
    environment, ledger = days
    ours = ledger.settlements[201, 2]
    ledger.settlements[201, 2] = replace(ours, **{field: getattr(ours, field) + 1})
    parity = compare_day("d", environment, ledger)
    assert parity.mismatches == 1
    assert parity.examples == (f"slot 201, seat 2: environment {ours}, ledger {ledger.settlements[201, 2]}",)


def test_a_settlement_that_either_side_lacks_is_named(days):
    environment, ledger = days
    lost = ledger.settlements.pop((200, 0))
    extra = environment.settlements.pop((201, 3))
    parity = compare_day("d", environment, ledger)
    assert (parity.settlements, parity.mismatches) == (8, 2)
    assert parity.examples == (
        f"slot 200, seat 0: environment {lost}, ledger None",
        f"slot 201, seat 3: environment None, ledger {extra}",
    )


def test_all_are_counted_but_only_the_first_are_spelled_out(days):
    environment, ledger = days
    ledger.trades.clear()
    ledger.settlements.clear()
    parity = compare_day("d", environment, ledger)
    assert parity.mismatches == 12
    assert len(parity.examples) == SHOWN
    assert parity.examples[0].startswith("fill 0")


def test_a_report_adds_up_its_days(days):
    environment, ledger = days
    ledger.trades.pop()
    report = ParityReport((compare_day("one", *days), compare_day("two", environment, environment)))
    assert (report.fills, report.mismatches) == (8, 1)
    told = report.as_dict()
    assert (told["fills"], told["mismatches"]) == (8, 1)
    assert told["days"] == [day["name"] for day in told["by_day"]] == ["one", "two"]
    assert told["by_day"][0]["examples"] == report.days[0].examples
