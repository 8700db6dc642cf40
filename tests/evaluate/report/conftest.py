"""A run that might have been: its summary, its traces and its fills, and a reader of the page made of them."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper, numpy_helper

from gridbid.envs.fields import METERED, action_space, observation_space
from gridbid.evaluate.report import write_report

SLOTS = np.arange(672)
WEEKS = (7, 20, 33)

SUMMARY: dict[str, Any] = {
    "scenario": {
        "name": "rural",
        "title": "Rural feeder",
        "n_members": 21,
        "sha256": "9f2c" * 16,
        "transformer_kva": 100.0,
    },
    "controllers": {
        "nothing": {
            "bill_eur": 1702.31,
            "j_eur": 1731.77,
            "co2_kg": 2411.6,
            "peak_kw": 131.2,
            "self_consumption": 0.412,
            "self_sufficiency": 0.187,
            "overload_kwh": 14.2,
            "traded_kwh": 0.0,
        },
        "zero_intelligence": {
            "bill_eur": 1648.02,
            "j_eur": 1689.51,
            "co2_kg": 2377.1,
            "peak_kw": 139.9,
            "self_consumption": 0.448,
            "self_sufficiency": 0.204,
            "overload_kwh": 19.7,
            "traded_kwh": 611.3,
        },
        "rule": {
            "bill_eur": 1559.48,
            "j_eur": 1587.25,
            "co2_kg": 2280.4,
            "peak_kw": 128.6,
            "self_consumption": 0.583,
            "self_sufficiency": 0.266,
            "overload_kwh": 12.9,
            "traded_kwh": 702.8,
        },
        "optimum": {
            "bill_eur": 1301.12,
            "j_eur": 1318.25,
            "co2_kg": 2011.9,
            "peak_kw": 92.4,
            "self_consumption": 0.791,
            "self_sufficiency": 0.362,
            "overload_kwh": 0.0,
            "traded_kwh": None,
        },
        "learned": {
            "bill_eur": 1388.66,
            "j_eur": 1410.05,
            "co2_kg": 2107.3,
            "peak_kw": 103.7,
            "self_consumption": 0.724,
            "self_sufficiency": 0.331,
            "overload_kwh": 1.3,
            "traded_kwh": 893.5,
        },
    },
    "S": 0.6587,
    "S_interval": [0.61, 0.7],
    "weeks": list(WEEKS),
    "parity": {"fills": 1342, "mismatches": 0, "days": ["2025-02-12", "2025-05-14"]},
    "residuals": {"energy_wh": 0, "cash_neur": 0},
    "chain": {"transactions": 4127, "gas_by_action": {"place": 48213, "one_fill": 55102, "cancel": 44871}},
    "learning_curve": [
        {
            "seconds": 11.0 * step,
            "iteration": step,
            "agent_steps": 268_800 * step,
            "return": {
                "prosumer": -34.0 + 9.5 * (1 - 0.93**step),
                "battery": -1.5 + 4.0 * (1 - 0.9**step),
                "ev": -12.5 + 3.2 * (1 - 0.95**step),
            },
        }
        for step in range(1, 61)
    ],
    "stages_s": {"compile": 2.1, "train": 661.4, "evaluate": 92.3, "chain": 38.8},
    "versions": {"gridbid": "0.1.0", "numba": "0.68.0"},
}

KIND_OF_MEMBER = (
    {f"prosumer_{i}": "prosumer" for i in range(13)}
    | {"battery_0": "battery"}
    | {f"ev_{i}": "ev" for i in range(7)}
)


def trace(week: int, skill: float, seed: int) -> dict[str, Any]:
    """A plausible week: ``skill`` 0..1 moves cars and batteries away from the evening peak."""
    draw = np.random.default_rng(1000 * week + seed)
    weather = np.random.default_rng(week)
    hour = SLOTS % 96 / 4
    cloud = np.repeat(weather.uniform(0.3, 1.0, 7), 96)
    sun = np.clip(np.sin((hour - 6) / 14 * np.pi), 0, None) * (hour > 6) * (hour < 20)
    pv_kw = 62 * sun * cloud
    load_kw = (
        16
        + 14 * np.exp(-((hour - 19) ** 2) / 8)
        + 6 * np.exp(-((hour - 8) ** 2) / 4)
        + draw.normal(0, 1.2, 672)
    )
    evening = np.exp(-((hour - 18.5) ** 2) / 5)
    night = np.exp(-((hour - 3) ** 2) / 12) + np.exp(-((hour - 27) ** 2) / 12)
    car_kw = 44 * ((1 - skill) * evening + 0.65 * skill * night)
    heat_pump_kw = 9 + 4 * np.cos((hour - 5) / 24 * 2 * np.pi)
    battery_kw = (8 + 10 * skill) * (cloud * np.clip(sun - 0.2, 0, None) - 0.9 * evening)
    soc = 0.5 + (np.cumsum(battery_kw) - np.cumsum(battery_kw)[-1] * SLOTS / 672) * 0.25 / 210
    traded_wh = np.floor(np.clip(draw.normal(3000, 900, 672) * (sun + 0.2), 0, None))
    retail_ct = np.repeat(
        29 + 8 * np.sin((np.arange(168) % 24 - 13) / 12 * np.pi) + weather.normal(0, 1, 168), 4
    )
    price_ct = np.where(
        traded_wh > 500, 9 + (retail_ct - 14) * (0.6 - 0.35 * sun) + draw.normal(0, 0.6, 672), np.nan
    )
    feeder_kw = load_kw + car_kw + heat_pump_kw + battery_kw - pv_kw
    feeder_kw *= 1.6
    monday = np.datetime64("2025-01-06") + np.timedelta64(7 * week, "D")
    return {
        "week": np.full(672, week),
        "slot": SLOTS,
        "local_time": (monday + SLOTS * np.timedelta64(15, "m")).astype("datetime64[s]"),
        "feeder_kw": feeder_kw,
        "retail_ct": retail_ct,
        "feed_in_ct": np.full(672, 7.86),
        "mean_price_ct": pa.array(price_ct, from_pandas=True),
        "traded_wh": traded_wh,
        "battery_soc": soc,
        "car_kw": car_kw,
        "heat_pump_kw": heat_pump_kw,
        "pv_kw": pv_kw,
        "load_kw": load_kw,
        "min_voltage_pu": 1.0 - feeder_kw / 3000,
        "max_voltage_pu": 1.01 + pv_kw / 3000,
        "carbon_g": 380 - 150 * sun,
    }


def write_traces(run: Path) -> None:
    """Traces of the rule and the learned controller, and bills by member."""
    folder = run / "traces"
    folder.mkdir()
    for seed, (controller, skill) in enumerate({"rule": 0.0, "learned": 0.8}.items()):
        weeks = [pa.table(trace(week, skill, seed)) for week in WEEKS]
        pq.write_table(pa.concat_tables(weeks), folder / f"{controller}.parquet")
    draw = np.random.default_rng(5)
    base = draw.uniform(-20, 160, len(KIND_OF_MEMBER))
    change = {"rule": 0.0, "learned": draw.normal(-8, 7, len(KIND_OF_MEMBER))}
    tables = [
        pa.table(
            {
                "controller": [controller] * len(KIND_OF_MEMBER),
                "member": list(KIND_OF_MEMBER),
                "kind": list(KIND_OF_MEMBER.values()),
                "bill_eur": base + extra,
                "wear_eur": draw.uniform(0, 2, len(KIND_OF_MEMBER)),
                "discomfort_eur": draw.uniform(0, 1, len(KIND_OF_MEMBER)),
            }
        )
        for controller, extra in change.items()
    ]
    pq.write_table(pa.concat_tables(tables), folder / "members.parquet")


def write_fills(run: Path) -> None:
    """Two days of fills, the first with more of them."""
    draw = np.random.default_rng(9)
    days = np.repeat(["2025-02-12", "2025-05-14"], [802, 540])
    slot = np.clip(draw.normal(54, 15, 1342), 0, 95).astype(int)
    names = np.array(list(KIND_OF_MEMBER))
    (run / "chain").mkdir()
    pq.write_table(
        pa.table(
            {
                "day": days,
                "slot": slot,
                "taker": draw.choice(names, 1342),
                "maker": draw.choice(names, 1342),
                "tick": draw.integers(40, 120, 1342),
                "quantity_wh": draw.integers(20, 1500, 1342),
                "price_ct": 17 + 5 * np.cos(slot / 96 * 2 * np.pi) + draw.normal(0, 1.5, 1342),
            }
        ),
        run / "chain" / "fills.parquet",
    )


def write_summary(run: Path, change: Callable[[dict[str, Any]], Any] | None = None) -> None:
    """The sample summary, changed in place by ``change``."""
    summary = deepcopy(SUMMARY)
    if change is not None:
        change(summary)
    (run / "summary.json").write_text(json.dumps(summary))


def write_run(run: Path) -> Path:
    """A whole run with every optional part."""
    run.mkdir(parents=True)
    write_summary(run)
    write_traces(run)
    write_fills(run)
    return run


class Page(HTMLParser):
    """A page as its visible text, its tags' attributes and its ids."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._texts: list[str] = []
        self._in_style = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self._texts.append(data)

    @property
    def text(self) -> str:
        """Visible text with single spaces; narrow spaces between digits and at units are gone."""
        joined = " ".join(self._texts).replace("\u202f", "").replace("\u00a0", " ")
        return re.sub(r"\s+([.,:;])", r"\1", " ".join(joined.split()))

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


def page(run: Path) -> Page:
    """The report of a run."""
    return Page(write_report(run))


def bare_page(run: Path, change: Callable[[dict[str, Any]], Any] | None = None) -> Page:
    """The report of a run that left only its summary."""
    write_summary(run, change)
    return page(run)


@pytest.fixture(scope="session")
def sample() -> SimpleNamespace:
    """What the tests of a run's folder and of its report share."""
    return SimpleNamespace(
        summary=SUMMARY,
        weeks=WEEKS,
        trace=trace,
        write_traces=write_traces,
        write_fills=write_fills,
        write_summary=write_summary,
        write_run=write_run,
        page=page,
        bare_page=bare_page,
    )


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report of a run that has everything."""
    return page(write_run(tmp_path_factory.mktemp("runs") / "demo"))


@pytest.fixture(scope="session")
def networks() -> dict[str, bytes]:
    """One small linear network for each metered kind, as a bundle holds them."""
    return {kind: _network(kind, seed) for seed, kind in enumerate(METERED)}


def _network(kind: str, seed: int) -> bytes:
    """Actions 0.5 + 0.2 tanh(observations @ weights): inside the unit box of every kind."""
    n_seen, n_actions = observation_space(kind).shape[0], action_space(kind).shape[0]
    weights = np.random.default_rng(seed).normal(0.0, 0.1, (n_seen, n_actions)).astype(np.float32)
    constants = {"weights": weights, "half": np.float32(0.5), "span": np.float32(0.2)}
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["observations", "weights"], ["sums"]),
            helper.make_node("Tanh", ["sums"], ["bounded"]),
            helper.make_node("Mul", ["bounded", "span"], ["scaled"]),
            helper.make_node("Add", ["scaled", "half"], ["actions"]),
        ],
        kind,
        [helper.make_tensor_value_info("observations", TensorProto.FLOAT, ["rows", n_seen])],
        [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["rows", n_actions])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())
