"""Means by hour of the day, and the market that is made of them."""

import numpy as np
import pytest

from gridbid.evaluate.report.sections.hours import by_hour, quantile_by_hour, slot_hours
from gridbid.evaluate.report.sections.market import market_hours


def test_older_traces_lack_the_book_and_no_more(sample):
    trace = sample.trace(7, 0.8, 1)
    full = {name: np.asarray(column) for name, column in trace.items()}
    hours = market_hours(full)
    assert hours.spread_ct is not None
    assert np.nanmax(hours.spread_ct) == pytest.approx(1.2)
    older = {name: full[name] for name in list(trace)[:16]}
    known = market_hours(older)
    assert (known.spread_ct, known.bid_kwh, known.fills, known.top_ct, known.tradable_kwh) == (None,) * 5
    assert known.traded_kwh.sum() == pytest.approx(trace["traded_wh"].sum() / 1000 / 7)


def test_hours_of_the_day_are_means_of_their_slots():
    time = np.datetime64("2025-03-01") + np.arange(0, 48 * 60, 30) * np.timedelta64(1, "m")
    values = np.arange(96.0)
    values[1] = np.nan
    means = by_hour(time, values)
    assert means[0] == pytest.approx((0 + 48 + 49) / 3)
    assert means[5] == pytest.approx((10 + 11 + 58 + 59) / 4)
    assert by_hour(time[:2], values[:2])[1:].tolist() == pytest.approx([np.nan] * 23, nan_ok=True)
    assert quantile_by_hour(time, values, 0.5)[5] == pytest.approx((11 + 58) / 2)
    assert slot_hours(time) == 0.5
