"""What a file is recognised as, and that what the check calls a fault is what the readers refuse."""

import json
from pathlib import Path

import numpy as np
import pandapower
import pandapower.networks
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from gridbid.envs.data_check import CheckOptions, check_file, recognise_file
from gridbid.envs.importers.findings import Findings
from gridbid.envs.scenario import BUILT_IN
from gridbid.envs.timeline.real_prices import read_prices

HOURS = pd.date_range("2022-12-31 23:00", "2023-12-31 23:00", freq="1h", tz="UTC", inclusive="left")


def prices(folder: Path, **columns: object) -> Path:
    table = {
        "time_utc": HOURS,
        "price_eur_per_mwh": np.full(HOURS.size, 80.0),
        "ci_g_per_kwh": np.full(HOURS.size, 400.0),
    }
    pq.write_table(
        pa.Table.from_pandas(pd.DataFrame(table | columns), preserve_index=False), folder / "prices.parquet"
    )
    return folder / "prices.parquet"


def sessions(folder: Path, energy_kwh: float = 10.0) -> Path:
    begin = pd.Timestamp("2023-01-01 18:00", tz="UTC")
    rows = {
        "user": ["a", "b"],
        "plug_in_utc": [begin] * 2,
        "plug_out_utc": [begin + pd.Timedelta(hours=8)] * 2,
    }
    table = pa.Table.from_pandas(pd.DataFrame(rows | {"energy_kwh": [energy_kwh, 5.0]}), preserve_index=False)
    pq.write_table(table, folder / "sessions.parquet")
    return folder / "sessions.parquet"


def check(path: Path, **options: object) -> Findings:
    return check_file(path, CheckOptions(**options))  # type: ignore[arg-type]  # named options of its fields


def test_every_kind_of_file_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"buildings": {}}', encoding="utf-8")
    (tmp_path / "meters.csv").write_text("time,a_kwh\n2023-01-01 00:00,1\n", encoding="utf-8")
    pandapower.to_json(pandapower.networks.panda_four_load_branch(), str(tmp_path / "net.json"))
    found = {
        path: recognise_file(path)
        for path in (
            tmp_path / "schema.json", tmp_path, tmp_path / "meters.csv", tmp_path / "net.json", prices(tmp_path),
            sessions(tmp_path), BUILT_IN / "tiny", BUILT_IN / "tiny" / "grid.parquet", BUILT_IN / "tiny" / "scenario.yaml",
        )
    }  # fmt: skip
    assert list(found.values()) == [
        "citylearn", "citylearn", "meters", "pandapower", "prices", "sessions", "scenario", "scenario", "scenario",
    ]  # fmt: skip


def test_negative_and_crisis_prices_are_taken_and_told(tmp_path: Path) -> None:
    price = np.full(HOURS.size, 80.0)
    price[10:13], price[20], price[30] = -400.0, 2_999.0, 9_000.0
    told = check(prices(tmp_path, price_eur_per_mwh=price))
    assert not told.of("fault")
    assert [(note.value, note.count, note.rows[0]) for note in told.of("note")] == [("-400 at least", 3, 11)]
    assert [(warning.value, warning.rows) for warning in told.of("warning")] == [
        ("2999", (21,)),
        ("9000", (31,)),
    ]
    assert read_prices(tmp_path / "prices.parquet").price_eur_per_mwh.max() == 9_000.0


def test_what_the_reader_of_prices_refuses_is_a_fault(tmp_path: Path) -> None:
    price = np.full(HOURS.size, 80.0)
    price[40] = np.nan
    assert "price_eur_per_mwh" in check(prices(tmp_path, price_eur_per_mwh=price)).of("fault")[0].field
    gap = pd.DataFrame({"time_utc": HOURS.delete(slice(100, 103)), "price_eur_per_mwh": 80.0})
    pq.write_table(pa.Table.from_pandas(gap, preserve_index=False), tmp_path / "gap.parquet")
    assert check(tmp_path / "gap.parquet").of("fault")
    gap.to_csv(tmp_path / "prices.csv", index=False)
    assert "not Parquet" in check(tmp_path / "prices.csv").of("fault")[0].value


def test_sessions_are_checked_by_their_reader(tmp_path: Path) -> None:
    assert not check(sessions(tmp_path)).of("fault")
    assert check(sessions(tmp_path, energy_kwh=-1.0)).of("fault")


def test_a_scenario_is_checked_with_all_its_faults(tmp_path: Path) -> None:
    assert check(BUILT_IN / "tiny").facts["seats"] == 4
    document = yaml.safe_load((BUILT_IN / "tiny" / "scenario.yaml").read_text(encoding="utf-8"))
    document["timezone"], document["year"] = 7, "soon"
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    fields = [fault.field for fault in check(tmp_path).of("fault")]
    assert {"scenario.yaml: timezone", "scenario.yaml: year", "scenario.yaml: grid.parquet"} <= set(fields)


def test_nets_are_checked_by_their_importer(tmp_path: Path) -> None:
    net = pandapower.networks.panda_four_load_branch()
    pandapower.to_json(net, str(tmp_path / "net.json"))
    assert check(tmp_path / "net.json").facts["loads"] == 4
    pandapower.create_shunt(net, 1, q_mvar=0.1)
    pandapower.to_json(net, str(tmp_path / "net.json"))
    (fault,) = check(tmp_path / "net.json").of("fault")
    assert fault.field == "shunt [0]"


def test_meter_data_are_checked_up_to_the_year_that_they_make(tmp_path: Path) -> None:
    times = pd.date_range("2023-05-01", "2023-05-15", freq="15min", tz="Europe/Berlin", inclusive="left")
    table = pd.DataFrame({"time": times.strftime("%Y-%m-%d %H:%M"), "a_kw": 1.0 + np.arange(times.size) % 7})
    table.to_csv(tmp_path / "meters.csv", index=False)
    asked = check(tmp_path / "meters.csv")
    assert [fault.field for fault in asked.of("fault")] == ["time"]
    table.assign(time=[t.isoformat() for t in times]).to_csv(tmp_path / "meters.csv", index=False)
    told = check(tmp_path / "meters.csv")
    assert (told.of("fault"), len(told.of("warning"))) == ([], 1)
    assert json.loads(json.dumps(told.document()))["facts"]["resolution_s"] == 900


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("nowhere.csv", None, "no such file or folder"),
        ("odd.json", '{"a": 1}', "neither a pandapower net nor a CityLearn schema; say --as"),
        ("odd.json", "{", "expected JSON"),
    ],
)
def test_what_cannot_be_told_is_refused(tmp_path: Path, name: str, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        check(tmp_path / name)


def test_a_folder_without_anything_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither scenario\.yaml nor schema\.json"):
        check(tmp_path)
