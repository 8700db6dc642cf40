"""How full the stores are: a bar for each battery, plugged-in car and heat store."""

from gridbid.envs.render.canvas import Box, Canvas, text_width
from gridbid.envs.render.names import short_name
from gridbid.envs.render.palette import MUTED, RULE, STORES
from gridbid.envs.render.scene import Member, Scene

_LABEL = 9.5
_MOST_BAR = 16.0


def draw_stores(canvas: Canvas, box: Box, scene: Scene) -> None:
    """Bars by member, in the order of seats; those without stores have none."""
    inner = canvas.panel(box, "Stores")
    _draw_legend(canvas, box)
    members = [member for member in scene.members if member.possible_stores]
    if not members:
        canvas.text((inner.left, inner.top + 12.0), "nobody has one", 11.0, MUTED)
        return
    plot = inner.inner(24.0, 6.0, 0.0, 14.0)
    for share in (0.0, 0.5, 1.0):
        y = plot.bottom - plot.height * share
        canvas.line([(plot.left, y), (plot.right, y)], RULE)
        canvas.text((plot.left - 5.0, y), f"{share:.0%}", _LABEL, MUTED, "rm")
    bars = sum(len(member.possible_stores) for member in members)
    width = min(_MOST_BAR, plot.width / (bars + 0.6 * len(members)))
    step = plot.width / len(members)
    labelled = all(text_width(short_name(m.name), _LABEL) <= step - 2.0 for m in members)
    for n, member in enumerate(members):
        middle = plot.left + step * (n + 0.5)
        _draw_member(canvas, plot, member, middle, width)
        if labelled:
            canvas.text((middle, plot.bottom + 8.0), short_name(member.name), _LABEL, MUTED, "mm")


def _draw_member(canvas: Canvas, plot: Box, member: Member, middle: float, width: float) -> None:
    shares = dict(member.stores)
    places = member.possible_stores
    left = middle - width * len(places) / 2.0
    for place, name in enumerate(places):
        x = left + width * place
        bar = Box(x + 0.08 * width, plot.top, 0.84 * width, plot.height)
        share = shares.get(name)
        if share is None:
            canvas.line([(bar.left, plot.bottom), (bar.right, plot.bottom)], MUTED, 1.5)
            continue
        height = plot.height * min(max(share, 0.0), 1.0)
        canvas.box(Box(bar.left, plot.bottom - height, bar.width, height), STORES[name])


def _draw_legend(canvas: Canvas, box: Box) -> None:
    x, y = box.right - 14.0, box.top + 15.0
    for name, label in (("heat", "heat store"), ("car", "car, while plugged in"), ("battery", "battery")):
        canvas.text((x, y), label, 10.0, MUTED, "rm")
        x -= text_width(label, 10.0) + 14.0
        canvas.box(Box(x, y - 4.5, 9.0, 9.0), STORES[name])
        x -= 12.0
