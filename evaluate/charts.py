"""Charts of a report, as inline SVG whose colours are the page's CSS variables.

A chart is drawn twice, for a desk and for a phone; the page shows the one that fits, so that text keeps its
size. No figure knows a theme: :data:`PALETTE` is the only place where a colour has a value.
"""

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
"""Columns of a table by name, all of one length."""

PALETTE = {
    "paper": ("#fcfbf8", "#15191c"),
    "card": ("#f4f2ec", "#1c2226"),
    "ink": ("#1e2a31", "#e7e4dc"),
    "muted": ("#5d6971", "#9ca7ad"),
    "hairline": ("#dcd8cf", "#333c42"),
    "learned": ("#0b6e69", "#56c5b8"),
    "rule": ("#8a949b", "#7f8b93"),
    "bound": ("#c3beb2", "#4d575d"),
    "price": ("#a8690a", "#e2b155"),
    "sun": ("#d99a1c", "#d9b04c"),
    "car": ("#6656a6", "#a99be6"),
    "heat": ("#b9502f", "#ea8f6c"),
    "good": ("#237a4b", "#6cc792"),
    "bad": ("#b83232", "#f28b82"),
}
"""Colours of the page by name, in light and in dark. Light values all differ: they stand for the names."""

CENT_EUR = 0.01
"""Differences up to this are none."""

_LIGHT = {name: light for name, (light, _) in PALETTE.items()}
_SLOTS_A_DAY = 96
_NEAR_RATING = 0.7
"""Share of the transformer's rating from which on it is drawn."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WIDE_PX = 760
_NARROW_PX = 343
_POINTS_PER_INCH = 72
"""One point of the figure is one CSS pixel of the page."""

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 12,
    "text.color": _LIGHT["ink"],
    "text.parse_math": False,
    "axes.edgecolor": _LIGHT["hairline"],
    "axes.facecolor": "none",
    "axes.labelcolor": _LIGHT["muted"],
    "axes.labelsize": 11,
    "axes.titlesize": 12,
    "axes.titlecolor": _LIGHT["ink"],
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": _LIGHT["hairline"],
    "grid.linewidth": 0.7,
    "xtick.color": _LIGHT["hairline"],
    "ytick.color": _LIGHT["hairline"],
    "xtick.labelcolor": _LIGHT["muted"],
    "ytick.labelcolor": _LIGHT["muted"],
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "legend.handlelength": 1.2,
    "legend.columnspacing": 1.2,
    "legend.borderaxespad": 0.2,
    "lines.linewidth": 1.4,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.wspace": 0.06,
    "figure.constrained_layout.hspace": 0.06,
}


class Chart(NamedTuple):
    """One chart as SVG elements: for wide and for narrow pages."""

    wide: str
    narrow: str


class Rung(NamedTuple):
    """A controller on the ladder: its cost J (EUR), its score S and interval, its colour in the palette."""

    label: str
    j_eur: float
    score: float | None
    interval: tuple[float, float] | None
    color: str


class Member(NamedTuple):
    """One member's bill (EUR) under the rule and under the controller that is compared with it."""

    name: str
    rule_eur: float
    bill_eur: float

    @property
    def change_eur(self) -> float:
        """How much higher the bill is than under the rule; up to a cent is no change."""
        change = self.bill_eur - self.rule_eur
        return change if abs(change) > CENT_EUR else 0.0


def ladder_chart(rungs: Sequence[Rung], alt: str) -> Chart:
    """Costs as bars and scores as dots with their intervals, the first rung on top."""
    scored = any(rung.score is not None for rung in rungs)

    def plot(figure: Figure, wide: bool) -> None:
        n_panels = 2 if scored else 1
        grid = (1, n_panels) if wide else (n_panels, 1)
        axes = figure.subplots(*grid, squeeze=False).ravel()
        for panel, axis in enumerate(axes):
            _rows(axis, [rung.label for rung in rungs], labelled=panel == 0 or not wide)
        _cost_bars(axes[0], rungs)
        if scored:
            _score_dots(axes[1], rungs)

    height = 46 + 30 * len(rungs)
    return _chart("ladder", alt, plot, wide_px=height, narrow_px=height * (2 if scored else 1))


def learning_chart(minutes: NDArray[Any], returns: Mapping[str, NDArray[Any]], alt: str) -> Chart:
    """Mean return of an episode by kind, over training; ``minutes`` and all ``returns`` are (points,)."""

    def plot(figure: Figure, wide: bool) -> None:
        n_kinds = len(returns)
        grid = (1, n_kinds) if wide else (n_kinds, 1)
        axes = figure.subplots(*grid, squeeze=False, sharex=True).ravel()
        for axis, (kind, values) in zip(axes, returns.items(), strict=True):
            axis.plot(minutes, values, color=_LIGHT["learned"])
            axis.plot(minutes[-1:], values[-1:], "o", markersize=4, color=_LIGHT["learned"])
            axis.set_title(f"{kind}, EUR")
            axis.yaxis.set_major_locator(MaxNLocator(4))
            axis.xaxis.set_major_locator(MaxNLocator(4))
        for axis in axes if wide else axes[-1:]:
            axis.set_xlabel("minutes of training")

    return _chart("learning", alt, plot, wide_px=190, narrow_px=30 + 130 * len(returns))


def week_chart(
    rule: Columns, best: Columns, best_label: str, transformer_kva: float | None, alt: str
) -> Chart:
    """One week of two controllers, in panels over the same hours; batteries have one where there are any.

    ``rule`` and ``best`` hold the columns of a trace, each (slots,), in the order of slots.
    """

    panels: dict[str, tuple[float, Callable[[Axes], None]]] = {
        "Prices, ct/kWh": (3, lambda axis: _price_panel(axis, best)),
        "Transformer, kW": (4, lambda axis: _feeder_panel(axis, rule, best, best_label, transformer_kva)),
        "Stored in batteries, %": (
            2.4,
            lambda axis: _two_lines(axis, rule, best, best_label, "battery_soc", 100),
        ),
        "Cars, kW": (2.4, lambda axis: _two_lines(axis, rule, best, best_label, "car_kw")),
        "Sun, load and heat pumps, kW": (3, lambda axis: _flow_panel(axis, best)),
    }
    if np.isnan(best["battery_soc"]).all():
        del panels["Stored in batteries, %"]
    heights = [height for height, _ in panels.values()]

    def plot(figure: Figure, wide: bool) -> None:
        axes = figure.subplots(len(panels), 1, sharex=True, height_ratios=heights)
        for axis, (title, (_, draw)) in zip(axes, panels.items(), strict=True):
            draw(axis)
            _panel_heading(axis, title, wide)
            axis.yaxis.set_major_locator(MaxNLocator(4))
            axis.margins(x=0)
        _day_axis(axes, best["local_time"])

    return _chart("week", alt, plot, wide_px=51 * sum(heights), narrow_px=58 * sum(heights))


def fills_chart(hours: NDArray[Any], price_ct: NDArray[Any], quantity_wh: NDArray[Any], alt: str) -> Chart:
    """Fills of one day: price over the local hour of delivery, and the energy of each quarter hour."""

    def plot(figure: Figure, wide: bool) -> None:
        prices, volumes = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
        size_class = np.ceil(4 * quantity_wh / quantity_wh.max())
        for size in (1, 2, 3, 4):
            chosen = size_class == size
            style = {"color": _LIGHT["price"], "alpha": 0.55, "markeredgewidth": 0}
            prices.plot(hours[chosen], price_ct[chosen], "o", markersize=2 + 1.5 * size, **style)
        prices.set_title("Price of each trade, ct/kWh (larger dot: more energy)" if wide else "Price, ct/kWh")
        quarter = np.floor(hours * 4).astype(np.int64)
        energy_kwh = np.bincount(quarter, weights=quantity_wh, minlength=_SLOTS_A_DAY) / 1000
        volumes.bar(np.arange(len(energy_kwh)) / 4, energy_kwh, width=0.22, color=_LIGHT["learned"])
        volumes.set_title("Energy traded, kWh each quarter hour")
        for axis in (prices, volumes):
            axis.yaxis.set_major_locator(MaxNLocator(4))
        last_hour = 6 * math.ceil((hours.max() + 0.25) / 6)
        volumes.set_xlim(-0.3, last_hour + 0.1)
        volumes.set_xticks(range(0, last_hour + 1, 3 if wide else 6))
        volumes.set_xlabel("hour of the day")

    return _chart("fills", alt, plot, wide_px=360, narrow_px=340)


def members_chart(members: Sequence[Member], best_label: str, alt: str) -> Chart:
    """Bills as dumbbells, the first member on top: from the rule (grey) to the controller (red if higher)."""

    def plot(figure: Figure, wide: bool) -> None:
        axis = figure.subplots()
        _rows(axis, [member.name for member in members], labelled=True)
        for row, member in enumerate(members):
            change = member.change_eur
            color = _LIGHT["bad" if change > 0 else "good" if change < 0 else "muted"]
            axis.plot([member.rule_eur, member.bill_eur], [row, row], color=color, linewidth=2, zorder=2)
            axis.plot(member.rule_eur, row, "o", markersize=5, color=_LIGHT["rule"], zorder=3)
            axis.plot(member.bill_eur, row, "^" if change > 0 else "o", markersize=7, color=color, zorder=4)
            _right_note(axis, row, signed(change), color)
        _right_note(axis, -1, "change", _LIGHT["muted"])
        axis.axvline(0, color=_LIGHT["muted"], linewidth=0.8, zorder=1)
        axis.set_xlabel(f"bill, EUR: rule (grey) to {best_label.lower()} (coloured)" if wide else "bill, EUR")

    height = 44 + 22 * len(members)
    return _chart("members", alt, plot, wide_px=height, narrow_px=height)


def number(value: float | None, digits: int = 0) -> str:
    """A number with narrow spaces between thousands and a real minus sign; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    rounded = round(value, digits) + 0.0  # no minus before a zero
    return f"{rounded:,.{digits}f}".replace(",", "\u202f").replace("-", "−")


def signed(value: float) -> str:
    """A change with its sign, to a tenth."""
    text = number(value, 1)
    return f"+{text}" if value > 0 and text != "0.0" else text


def _rows(axis: Axes, labels: Sequence[str], *, labelled: bool) -> None:
    axis.set_yticks(range(len(labels)), labels if labelled else [""] * len(labels))
    axis.tick_params(axis="y", labelcolor=_LIGHT["ink"], labelsize=12)
    axis.set_ylim(len(labels) - 0.5, -0.5)
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.xaxis.set_major_formatter(_tick_text)
    axis.spines["bottom"].set_visible(False)


def _tick_text(value: float, _position: float) -> str:
    """A round number beside an axis, written as in the tables."""
    return f"{value:,.10g}".replace(",", "\u202f").replace("-", "−")


def _right_note(axis: Axes, row: float, text: str, color: str) -> None:
    """Text in a column right of the panel, on the height of a row."""
    at_right_edge = axis.get_yaxis_transform()
    place = axis.annotate(text, (1, row), xycoords=at_right_edge, xytext=(48, 0), textcoords="offset points")
    place.set(color=color, size=11, va="center", ha="right")


def _cost_bars(axis: Axes, rungs: Sequence[Rung]) -> None:
    costs = [rung.j_eur for rung in rungs]
    axis.barh(range(len(rungs)), costs, height=0.55, color=[_LIGHT[rung.color] for rung in rungs])
    axis.axvline(0, color=_LIGHT["muted"], linewidth=0.8)
    for row, cost in enumerate(costs):
        axis.annotate(
            number(cost),
            (max(cost, 0.0), row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axis.margins(x=0.16)
    axis.set_title("Cost J, EUR (less is better)")


def _score_dots(axis: Axes, rungs: Sequence[Rung]) -> None:
    for at in (0.0, 1.0):
        axis.axvline(at, color=_LIGHT["muted"], linewidth=0.8)
    for row, rung in enumerate(rungs):
        if rung.score is None:
            continue
        color = _LIGHT[rung.color]
        axis.plot([0, rung.score], [row, row], color=color, linewidth=1)
        axis.plot(rung.score, row, "o", markersize=8, color=color)
        if rung.interval is not None:
            axis.plot(rung.interval, [row, row], color=color, linewidth=6, alpha=0.35)
    axis.margins(x=0.12)
    axis.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 5, 10]))
    axis.set_title("Score S (0: rule, 1: optimum)")


def _price_panel(axis: Axes, trace: Columns) -> None:
    slot = np.arange(len(trace["retail_ct"]))
    axis.step(slot, trace["retail_ct"], where="post", color=_LIGHT["ink"], linewidth=1.1, label="retail")
    axis.step(slot, trace["feed_in_ct"], where="post", color=_LIGHT["rule"], linewidth=1.1, label="feed-in")
    axis.plot(slot, trace["mean_price_ct"], ".", markersize=3, color=_LIGHT["price"])
    axis.plot([], [], "o", markersize=4, color=_LIGHT["price"], label="local trades")


def _feeder_panel(
    axis: Axes, rule: Columns, best: Columns, best_label: str, transformer_kva: float | None
) -> None:
    _two_lines(axis, rule, best, best_label, "feeder_kw")
    axis.axhline(0, color=_LIGHT["muted"], linewidth=0.8)
    if transformer_kva is None:
        return
    for trace, alpha in ((rule, 0.15), (best, 0.35)):
        within = np.clip(trace["feeder_kw"], -transformer_kva, transformer_kva)
        slot = np.arange(len(within))
        axis.fill_between(slot, within, trace["feeder_kw"], color=_LIGHT["bad"], alpha=alpha, linewidth=0)
    _rating_lines(axis, transformer_kva, np.concatenate([rule["feeder_kw"], best["feeder_kw"]]))


def _rating_lines(axis: Axes, transformer_kva: float, carried_kw: NDArray[Any]) -> None:
    """The rating in each direction that comes near it: a line far away would squeeze the panel."""
    style: dict[str, Any] = {"color": _LIGHT["bad"], "linewidth": 1, "linestyle": (0, (4, 3))}
    label: str | None = "rating"
    for sign in (1, -1):
        if np.nanmax(sign * carried_kw) > _NEAR_RATING * transformer_kva:
            axis.axhline(sign * transformer_kva, label=label, **style)
            label = None


def _two_lines(
    axis: Axes, rule: Columns, best: Columns, best_label: str, column: str, scale: float = 1.0
) -> None:
    slot = np.arange(len(best[column]))
    axis.plot(rule[column] * scale, color=_LIGHT["rule"], linewidth=1.1, label="rule")
    axis.plot(slot, best[column] * scale, color=_LIGHT["learned"], label=best_label.lower())


def _flow_panel(axis: Axes, trace: Columns) -> None:
    slot = np.arange(len(trace["pv_kw"]))
    axis.fill_between(slot, trace["pv_kw"], color=_LIGHT["sun"], alpha=0.35, linewidth=0, label="sun")
    axis.plot(slot, trace["load_kw"], color=_LIGHT["ink"], linewidth=1, label="load")
    axis.plot(slot, trace["heat_pump_kw"], color=_LIGHT["heat"], linewidth=1.1, label="heat pumps")


def _panel_heading(axis: Axes, title: str, wide: bool) -> None:
    """Title on the left; the legend on the same line where there is room, else under the title."""
    axis.set_title(title, pad=6 if wide else 20)
    position = {"loc": "lower right", "bbox_to_anchor": (1, 1)}
    if not wide:
        position = {"loc": "lower left", "bbox_to_anchor": (-0.02, 0.97)}
    axis.legend(ncols=4, **position)


def _day_axis(axes: Sequence[Axes], local_time: NDArray[Any]) -> None:
    """Days between hairlines, each named at its middle; a day may have 23 or 25 hours."""
    day = local_time.astype("datetime64[D]")
    starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]])
    ends = np.r_[starts[1:], len(day)]
    weekday = (day[starts].astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    axes[-1].set_xticks((starts + ends) / 2, [_WEEKDAYS[number] for number in weekday])
    for axis in axes:
        for start in starts[1:]:
            axis.axvline(start, color=_LIGHT["hairline"], linewidth=0.7, zorder=0)


def _chart(
    name: str, alt: str, plot: Callable[[Figure, bool], None], *, wide_px: float, narrow_px: float
) -> Chart:
    """Draw a chart for both widths; ``wide_px`` and ``narrow_px`` are heights."""
    return Chart(
        wide=_svg(f"{name}-wide", alt, lambda figure: plot(figure, True), (_WIDE_PX, wide_px)),
        narrow=_svg(f"{name}-narrow", alt, lambda figure: plot(figure, False), (_NARROW_PX, narrow_px)),
    )


def _svg(name: str, alt: str, plot: Callable[[Figure], None], size_px: tuple[float, float]) -> str:
    """One figure as an SVG element; ``name`` keeps its ids apart from those of other charts on the page."""
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(size_px[0] / _POINTS_PER_INCH, size_px[1] / _POINTS_PER_INCH))
        plot(figure)
        text = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", metadata=nothing)
    return _inline(text.getvalue(), name, alt, size_px)


def _inline(document: str, name: str, alt: str, size_px: tuple[float, float]) -> str:
    """An SVG document as an element of the page: its colours and fonts are the page's, its numbers short."""
    body = document[document.index("<svg") :]
    body = body[body.index(">") + 1 :]
    body = re.sub(r"<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = body.replace("xlink:href", "href")
    body = re.sub(r' transform="rotate\(-?0 [^"]*"', "", body)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", body)
    body = re.sub(r"font: ((?:\w+ )*)([\d.]+px) [^;\"]*", _own_font, body)
    body = re.sub(r'(?<= d=")[^"]*|(?<= [xy]=")[^"]*', _short_numbers, body)
    body = re.sub(r"<g( clip-path=[^>]*)>((?:\s*<use [^>]*>)+)", _shared_style, body)
    for color, (light, _) in PALETTE.items():
        body = body.replace(light, f"var(--{color})")
    kind = name.rsplit("-", 1)[1]
    width, height = size_px
    opening = f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(alt)}">'
    return opening + re.sub(r"\s*\n\s*", "\n", body).strip()


def _own_font(match: re.Match[str]) -> str:
    """Keep a text's weight and size where Matplotlib writes them together with the family (before 3.11)."""
    weight = "font-weight: 700; " if "bold" in match[1] or "700" in match[1] else ""
    return f"{weight}font-size: {match[2]}"


def _shared_style(match: re.Match[str]) -> str:
    """The style of many equal markers, written once: at their group."""
    styles = set(re.findall(r' style="[^"]*"', match[2]))
    if len(styles) != 1:
        return match[0]
    style = styles.pop()
    return f"<g{match[1]}{style}>{match[2].replace(style, '')}"


def _short_numbers(match: re.Match[str]) -> str:
    """Coordinates to a tenth of a pixel."""
    text = re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", match[0])
    return " ".join(text.split())
