"""A live view in the terminal; in a pipe, a line a step."""

from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.render.names import short_name
from gridbid.envs.render.palette import ALARM, BUY, SELL, STORES, Colour, voltage_colour
from gridbid.envs.render.scene import Level, Member, Scene, SceneReader

_SPARKS = "▁▂▃▄▅▆▇█"
_BAR, _SHORT_BAR, _WIDE_BAR = 8, 12, 20
_LEVELS = 5
_TRADES = 6
_NARROW = 118
"""Columns below which the panels stand one above the other."""
_BESIDE_NAME = 64
"""Columns of the table of members beside their names."""
_CHROME = 6
"""Lines of the view that aren't members."""


class TerminalRenderer:
    """Shows an environment's first community: a view that stays in place, or lines where the output is no terminal."""

    def __init__(self, env: BatchEnv, console: Console | None = None, *, in_turns: bool = False) -> None:
        self._reader = SceneReader(env, in_turns)
        self.console = Console(highlight=False) if console is None else console
        self._live: Live | None = None

    def render(self) -> None:
        """Show the community as it stands."""
        scene = self._reader.read()
        if not self.console.is_terminal:
            self.console.print(told(scene), soft_wrap=True, highlight=False)
            return
        if self._live is None:
            self._live = Live(console=self.console, auto_refresh=False, vertical_overflow="crop")
            self._live.start()
        self._live.update(view(scene, self.console.width, self.console.height), refresh=True)

    def close(self) -> None:
        """Leave the last view and give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def told(scene: Scene) -> str:
    """A scene in a line."""
    traded_kwh = sum(trade.energy_kwh for trade in scene.trades)
    voltages = scene.voltages_pu
    return " | ".join(
        (
            f"{scene.now:%Y-%m-%d %H:%M} {_progress(scene)}",
            f"{len(scene.trades)} fills {traded_kwh:.2f} kWh",
            f"bids {_total_kwh(scene.bids):.2f} asks {_total_kwh(scene.asks):.2f} kWh",
            f"retail {scene.retail_ct:.2f} feed-in {scene.feed_in_ct:.2f} ct/kWh",
            f"feeder {scene.feeder_kw:.1f} kW {100.0 * scene.loading:.0f} %",
            f"{voltages.min():.3f}-{voltages.max():.3f} pu",
            f"bill {scene.bill_eur:.2f} EUR",
        )
    )


def view(scene: Scene, width: int, height: int) -> RenderableType:
    """A scene for a terminal of so many columns and lines."""
    side = _side(scene)
    header = _header(scene)
    if width < _NARROW:
        lines = max(3, height - _CHROME - 16)
        return Group(header, _members(scene, lines), Text(), side)
    columns = Table.grid(padding=(0, 3, 0, 0))
    columns.add_column(no_wrap=True, min_width=_name_width(scene) + _BESIDE_NAME)
    columns.add_column(no_wrap=True)
    columns.add_row(_members(scene, max(3, height - _CHROME)), side)
    return Group(header, columns)


def _header(scene: Scene) -> Text:
    text = Text()
    text.append(f"{scene.scenario}, week {scene.week}", "bold")
    text.append(f"  {scene.now:%A %Y-%m-%d %H:%M}")
    text.append(f"  {_progress(scene)}", "dim")
    text.append(f"  bill {scene.bill_eur:.2f} EUR\n")
    return text


def _progress(scene: Scene) -> str:
    rounds = f" round {scene.round + 1}/{scene.rounds}" if scene.rounds > 1 else ""
    return f"slot {min(scene.slots_done + 1, scene.n_slots)}/{scene.n_slots}{rounds}"


# --- members


def _members(scene: Scene, lines: int) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim", pad_edge=False)
    table.add_column(
        "agent", no_wrap=True, min_width=max((len(member.name) for member in scene.members), default=0)
    )
    table.add_column("power kW", justify="right", no_wrap=True, min_width=8)
    for name in STORES:
        table.add_column(name, no_wrap=True, min_width=_BAR)
    table.add_column("traded kWh", justify="right", no_wrap=True, min_width=10)
    table.add_column("voltage", justify="right", no_wrap=True, min_width=7)
    shown = scene.members if len(scene.members) <= lines else scene.members[: lines - 1]
    for member in shown:
        table.add_row(
            member.name,
            Text(f"{member.power_kw:+.2f}", _hex(BUY if member.power_kw > 0.0 else SELL)),
            *_stores(member),
            f"{member.position_kwh:+.3f}" if member.position_kwh else "",
            Text(f"{member.voltage_pu:.3f}", _hex(voltage_colour(member.voltage_pu))),
        )
    if len(shown) < len(scene.members):
        table.add_row(Text(f"and {len(scene.members) - len(shown)} more", "dim"))
    return table


def _name_width(scene: Scene) -> int:
    return max((len(member.name) for member in scene.members), default=0)


def _stores(member: Member) -> list[RenderableType]:
    shares = dict(member.stores)
    return [_bar(shares[name], _BAR, colour) if name in shares else "" for name, colour in STORES.items()]


def _bar(share: float, width: int, colour: Colour) -> Bar:
    return Bar(1.0, 0.0, min(max(share, 0.0), 1.0), width=width, color=_hex(colour), bgcolor="grey23")


# --- market and feeder


def _side(scene: Scene) -> Group:
    band = f"book, feed-in {scene.feed_in_ct:.2f}, fee {scene.fee_ct:.2f} ct/kWh"
    parts: list[RenderableType] = [Text(band, "bold"), _ladder(scene), Text()]
    parts += [Text("fills of the last round", "bold"), _fills(scene), Text()]
    parts += [Text("retail ct/kWh, next 24 h", "bold"), _prices(scene), Text()]
    parts += [Text("transformer", "bold"), _transformer(scene)]
    return Group(*parts)


def _ladder(scene: Scene) -> Table:
    """Asks above bids, the best nearest to the middle."""
    table = Table(box=None, padding=(0, 1), show_header=False, pad_edge=False)
    most_kwh = max([level.energy_kwh for level in (*scene.bids, *scene.asks)], default=1.0)
    for levels, colour in ((reversed(scene.asks[:_LEVELS]), SELL), (scene.bids[:_LEVELS], BUY)):
        for level in levels:
            table.add_row(*_level(level, most_kwh, colour))
    if not scene.bids and not scene.asks:
        table.add_row(Text("empty", "dim"))
    return table


def _level(level: Level, most_kwh: float, colour: Colour) -> tuple[RenderableType, ...]:
    bar = Bar(most_kwh, 0.0, level.energy_kwh, width=_WIDE_BAR, color=_hex(colour))
    return Text(f"{level.price_ct:6.2f}", _hex(colour)), bar, f"{level.energy_kwh:.3f} kWh"


def _fills(scene: Scene) -> Table:
    table = Table(box=None, padding=(0, 1), show_header=False, pad_edge=False)
    largest = sorted(scene.trades, key=lambda trade: -trade.energy_kwh)
    for trade in largest[:_TRADES]:
        names = short_name(trade.seller), "→", short_name(trade.buyer)
        table.add_row(*names, f"{trade.energy_kwh:.3f} kWh", f"{trade.price_ct:.2f} ct/kWh")
    if len(largest) > _TRADES:
        table.add_row(Text(f"and {len(largest) - _TRADES} more", "dim"))
    if not largest:
        table.add_row(Text("none", "dim"))
    return table


def _prices(scene: Scene) -> Text:
    ahead = scene.retail_curve_ct[scene.hours >= 0.0]
    by_hour = ahead[:: max(1, ahead.size // 24)]
    low, high = float(by_hour.min()), float(by_hour.max())
    span = (high - low) or 1.0
    sparks = "".join(_SPARKS[int((price - low) / span * (len(_SPARKS) - 1))] for price in by_hour)
    text = Text()
    text.append(f"now {by_hour[0]:.2f}  {low:.2f} ")
    text.append(sparks, _hex(BUY))
    text.append(f" {high:.2f}")
    return text


def _transformer(scene: Scene) -> Table:
    over = scene.loading > 1.0
    row = Table.grid(padding=(0, 1, 0, 0))
    colour = ALARM if over else SELL if scene.feeder_kw < 0.0 else BUY
    row.add_row(
        _bar(scene.loading, _SHORT_BAR, colour),
        Text(
            f"{scene.feeder_kw:+.1f} kW, {100.0 * scene.loading:.0f} % of {scene.rating_kva:.0f} kVA",
            "bold" if over else "",
        ),
    )
    return row


def _total_kwh(levels: tuple[Level, ...]) -> float:
    return sum(level.energy_kwh for level in levels)


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
