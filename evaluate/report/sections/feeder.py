"""The story's week on the feeder's picture: voltages and loadings at the moments that matter, under both controllers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.render.feeder_layout import feeder_layout
from gridbid.evaluate.report.charts.feeder import Feeder, Moment, feeder_picture, scale_end_pu
from gridbid.evaluate.report.controllers import RULE, controller_label
from gridbid.evaluate.report.folder.columns import Columns
from gridbid.evaluate.report.folder.node import ReportError
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number, percent
from gridbid.evaluate.report.sections.week import story_traces

_APART_SLOTS = 4
"""Moments nearer than this are one."""


class Picture(NamedTuple):
    """The feeder under one controller: SVG, and in words what it shows."""

    controller: str
    svg: str
    words: str


@dataclass(frozen=True)
class Shown:
    """One moment, side by side."""

    title: str
    pictures: list[Picture]


@dataclass(frozen=True)
class FeederWeek:
    """What the section shows; ``end_pu`` is how far the scale of voltages reaches from nominal."""

    moments: list[Shown]
    end_pu: float


def feeder(run: Run) -> FeederWeek | None:
    """Up to four moments of the story's week; None where the run kept no flows of it."""
    shown, network, flows = story_traces(run), run.network, run.flows
    if shown is None or network is None or flows is None or run.summary.featured is None:
        return None
    rule, best = shown
    chosen = {
        RULE: _Flows.of(run, RULE, rule),
        run.summary.featured: _Flows.of(run, run.summary.featured, best),
    }
    if any(flow is None for flow in chosen.values()):
        return None
    both = {name: flow for name, flow in chosen.items() if flow is not None}
    picked = list(_moments(rule, best, controller_label(run.summary.featured)))
    end_pu = scale_end_pu(
        np.concatenate([flow.voltage_pu[slot] for slot, _ in picked for flow in both.values()])
    )
    drawn = _drawn(network)
    moments = [
        Shown(
            f"{_day_and_hour(rule['local_time'][slot])}, {title}",
            [_picture(drawn, controller, flow, slot, end_pu) for controller, flow in both.items()],
        )
        for slot, title in picked
    ]
    return FeederWeek(moments, end_pu)


@dataclass(frozen=True)
class _Flows:
    """A week's flows (slots, buses) of a controller, and its power at the transformer (slots,)."""

    voltage_pu: NDArray[np.float64]
    loading: NDArray[np.float64]
    feeder_kw: NDArray[np.float64]

    @classmethod
    def of(cls, run: Run, controller: str, trace: Columns) -> "_Flows | None":
        assert run.flows is not None and run.network is not None
        flows, n_slots, n_buses = run.flows, trace["slot"].size, run.network["bus"].size
        chosen = (flows["controller"] == controller) & (flows["week"] == trace["week"][0])
        if not chosen.any():
            return None
        order = np.lexsort((flows["bus"][chosen], flows["slot"][chosen]))
        if order.size != n_slots * n_buses:
            raise ReportError(
                f"{run.folder / 'traces' / 'flows.parquet'}: {order.size} rows of {controller} in its week; "
                f"expected {n_slots * n_buses}, one for each of {n_slots} slots and {n_buses} buses"
            )
        table = {
            name: flows[name][chosen][order].reshape(n_slots, n_buses) for name in ("voltage_pu", "loading")
        }
        return cls(table["voltage_pu"], table["loading"], trace["feeder_kw"])


def _moments(rule: Columns, best: Columns, label: str) -> Iterator[tuple[int, str]]:
    """Slots and what happens in them, in order of time: each controller's highest draw and highest feed-in."""
    wanted = [
        (int(np.argmax(rule["feeder_kw"])), "the rule draws most"),
        (int(np.argmin(rule["feeder_kw"])), "the rule feeds in most"),
        (int(np.argmax(best["feeder_kw"])), f"{label.lower()} draws most"),
        (int(np.argmin(best["feeder_kw"])), f"{label.lower()} feeds in most"),
    ]
    kept: list[tuple[int, str]] = []
    for slot, title in wanted:
        if all(abs(slot - other) >= _APART_SLOTS for other, _ in kept):
            kept.append((slot, title))
    yield from sorted(kept)


def _drawn(network: Columns) -> Feeder:
    order = np.argsort(network["bus"])
    parent = network["parent"][order].astype(np.int32)
    layout = feeder_layout(parent)
    members = [[name for name in text.split(",") if name] for text in network["members"][order]]
    return Feeder(parent, layout.column, layout.row, members)


def _picture(drawn: Feeder, controller: str, flow: _Flows, slot: int, end_pu: float) -> Picture:
    moment = Moment(flow.voltage_pu[slot], flow.loading[slot])
    kw = float(flow.feeder_kw[slot])
    told = [f"{number(abs(kw))} kW {'fed in' if kw < 0 else 'drawn'}", *_loading_words(drawn, moment)]
    low, high = np.nanmin(moment.voltage_pu), np.nanmax(moment.voltage_pu)
    told.append(f"voltages {percent(float(low), 1)} to {percent(float(high), 1)}")
    words = "; ".join(told)
    label = controller_label(controller)
    return Picture(controller, feeder_picture(drawn, moment, end_pu, f"{label}: {words}"), words)


def _loading_words(drawn: Feeder, moment: Moment) -> list[str]:
    """How full the way from the source is, and the fullest cable beyond it."""
    at_source = drawn.parent == 0
    parts = []
    for name, chosen in (("transformer", at_source), ("fullest cable", (drawn.parent > 0))):
        loading = moment.loading[chosen]
        if np.isfinite(loading).any():
            parts.append(f"{name} at {percent(float(np.nanmax(loading)))}")
    return parts


def _day_and_hour(time: np.datetime64) -> str:
    moment: datetime = time.astype(datetime)
    return f"{moment:%A %H:%M}"
