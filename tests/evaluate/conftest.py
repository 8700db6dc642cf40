"""What tests of the evaluation share: a run that might have been, and networks as a bundle holds them."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper, numpy_helper

from gridbid.envs.fields import METERED, action_space, observation_space

SLOTS = np.arange(672)
WEEKS = (7, 20, 33)

SUMMARY: dict[str, Any] = {
    **json.loads((Path(__file__).parent / "report" / "summary.json").read_text()),
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
        "fee_ct": np.full(672, 5.0),
        "need_wh": traded_wh + 2000.0,
        "surplus_wh": traded_wh + 500.0 * (1 + sun),
        "fills": np.floor(traded_wh / 400),
        "best_bid_ct": pa.array(np.where(sun > 0, np.nan, price_ct - 0.6), from_pandas=True),
        "best_ask_ct": pa.array(price_ct + 0.6, from_pandas=True),
        "open_bid_wh": 900.0 + 300 * evening,
        "open_ask_wh": 2000.0 * sun,
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


@pytest.fixture(scope="session")
def run_parts() -> SimpleNamespace:
    """What a run's folder is made of."""
    return SimpleNamespace(
        summary=SUMMARY,
        weeks=WEEKS,
        kinds=KIND_OF_MEMBER,
        trace=trace,
        write_traces=write_traces,
        write_fills=write_fills,
        write_summary=write_summary,
    )


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
