"""Flows of a recorded week are those that the engine settled, and are written bus by bus."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.feeder_flows import flows, worst_week
from gridbid.evaluate.files import write_json
from gridbid.evaluate.protocol import evaluate
from gridbid.evaluate.report import write_pages
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.sections.feeder import feeder
from gridbid.evaluate.report.sections.market import market_hours
from gridbid.evaluate.traces import summary, write_traces
from gridbid.market.types import Device


@pytest.fixture(scope="module")
def evaluation():
    return evaluate("tiny", n_slots=96, split="test")


@pytest.fixture(scope="module")
def run(evaluation, tmp_path_factory):
    """A real run's folder."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    write_traces(evaluation, folder / "traces")
    write_json(folder / "summary.json", summary(evaluation))
    return folder


def test_members_have_the_voltages_that_were_settled(evaluation):
    compiled = evaluation.compiled
    for controller in ("rule", "optimum"):
        record = evaluation.records[controller][0]
        result = flows(compiled, record)
        assert result.converged.all()
        voltage_pu = np.abs(result.voltage_pu)[:, compiled.community.sites.bus]
        np.testing.assert_allclose(voltage_pu, record.voltage_pu, atol=1e-7)
        np.testing.assert_allclose(result.source_kw, record.feeder_kw, atol=1e-4)


def test_the_worst_week_is_written_for_every_controller(evaluation, run):
    n_buses = evaluation.compiled.community.network.parent.size
    rows = pq.read_table(run / "traces" / "flows.parquet").to_pylist()
    loads_kw = {record.week: np.abs(record.feeder_kw).max() for record in evaluation.records["rule"]}
    assert {row["week"] for row in rows} == {worst_week(evaluation)} == {max(loads_kw, key=loads_kw.get)}
    of_bus = {name: [row for row in rows if row["controller"] == name] for name in evaluation.records}
    assert [len(found) for found in of_bus.values()] == [96 * n_buses] * len(evaluation.records)
    assert all(row["loading"] is None for row in rows if row["bus"] == 0)
    record = next(r for r in evaluation.records["rule"] if r.week == worst_week(evaluation))
    written = [row["loading"] for row in of_bus["rule"] if row["bus"] == 1]
    np.testing.assert_allclose(written, flows(evaluation.compiled, record).loading[:, 1], atol=1e-4)


def test_the_network_says_who_hangs_where(evaluation, run):
    rows = pq.read_table(run / "traces" / "network.parquet").to_pylist()
    network = evaluation.compiled.community.network
    assert [row["parent"] for row in rows] == network.parent.tolist()
    for seat in evaluation.compiled.scenario.metered:
        assert seat.name in rows[seat.bus]["members"].split(",")
    assert sum(len(row["members"].split(",")) for row in rows if row["members"]) == len(
        evaluation.compiled.scenario.metered
    )


def test_cars_are_as_full_as_their_chargers_made_them(evaluation, run):
    """What a car gains within a stay is what its charger took, less what is lost in it."""
    compiled, devices = evaluation.compiled, evaluation.compiled.community.devices
    seat = int(np.flatnonzero(devices.charger_kw > 0.0)[0])
    departures = [
        compiled.community.series.car_departure[
            record.sample, record.start : record.start + 96, compiled.community.series.car_column[seat]
        ]
        for record in evaluation.records["rule"]
    ]
    most = int(np.argmax([(departure >= 0).sum() for departure in departures]))
    record, departure = evaluation.records["rule"][most], departures[most]
    stays = np.flatnonzero((departure[1:] >= 0) & (departure[1:] == departure[:-1])) + 1
    assert stays.size > 0
    gained_kwh = np.diff(record.car_kwh[:, seat])[stays - 1]
    charged_kwh = record.device_kwh[stays, seat, Device.CHARGER] * devices.charger_efficiency[seat]
    np.testing.assert_allclose(gained_kwh, charged_kwh, atol=1e-6)
    trace = pq.read_table(run / "traces" / "rule.parquet", filters=[("week", "=", record.week)])
    full = np.array(trace["car_soc"].to_pylist(), np.float64)
    assert np.isnan(full[departure < 0]).all()
    expected = record.car_kwh[departure >= 0, seat] / devices.car_kwh[seat]
    np.testing.assert_allclose(full[departure >= 0], expected, rtol=1e-6)


def test_a_real_run_s_report_has_its_feeder_its_book_and_its_bills(run):
    read = Run.read(run)
    shown = feeder(read)
    assert 1 <= len(shown.moments) <= 4
    hours = market_hours(read.trace("rule"))
    assert hours.top_ct is not None
    assert hours.tradable_kwh is not None
    path, _ = write_pages([run])
    source = path.read_text(encoding="utf-8")
    assert 'class="feeder"' in source
    assert "The lines of every bill come to what was settled, to the cent." in " ".join(source.split())
    assert len(source.encode()) < 3_000_000
