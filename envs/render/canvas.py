"""A drawing surface in points of the finished picture: drawn twice as large and reduced, which smooths every edge."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from gridbid.envs.render.palette import INK, PANEL, PAPER, Colour

_SCALE = 2
Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.top + self.height

    def inner(self, left: float, top: float, right: float, bottom: float) -> "Box":
        """What its margins leave."""
        return Box(self.left + left, self.top + top, self.width - left - right, self.height - top - bottom)


class Canvas:
    """Draws on an image of so many points."""

    def __init__(self, width: int, height: int, image: Image.Image | None = None) -> None:
        self.width, self.height = width, height
        size = (width * _SCALE, height * _SCALE)
        self._image = Image.new("RGB", size, PAPER) if image is None else image
        self._draw = ImageDraw.Draw(self._image)

    def copy(self) -> "Canvas":
        """Another canvas that begins with what is drawn here."""
        return Canvas(self.width, self.height, self._image.copy())

    def pixels(self) -> NDArray[np.uint8]:
        """The picture, (height, width, 3)."""
        return np.asarray(self._image.reduce(_SCALE))

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1.0) -> None:
        """A line through points."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(
            scaled, colour, max(1, round(width * _SCALE)), joint="curve" if len(points) > 2 else None
        )

    def box(self, box: Box, fill: Colour | None, outline: Colour | None = None, radius: float = 0.0) -> None:
        """A rectangle; one without area isn't drawn."""
        if box.width <= 0.0 or box.height <= 0.0:
            return
        corners = [n * _SCALE for n in (box.left, box.top, box.right, box.bottom)]
        if radius > 0.0:
            self._draw.rounded_rectangle(corners, radius * _SCALE, fill, outline, _SCALE)
        else:
            self._draw.rectangle(corners, fill, outline, _SCALE)

    def disc(self, centre: Point, radius: float, fill: Colour | None, outline: Colour | None = None) -> None:
        """A circle."""
        x, y = centre
        corners = [n * _SCALE for n in (x - radius, y - radius, x + radius, y + radius)]
        self._draw.ellipse(corners, fill, outline, _SCALE)

    def area(self, points: Sequence[Point], fill: Colour) -> None:
        """A polygon."""
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill)

    def text(
        self,
        at: Point,
        text: str,
        size: float = 11.0,
        colour: Colour = INK,
        anchor: str = "lm",
        bold: bool = False,
    ) -> None:
        """A line of text; ``anchor`` is Pillow's: left, middle or right, then ascender, middle or baseline."""
        self._draw.text(
            (at[0] * _SCALE, at[1] * _SCALE),
            text,
            colour,
            _font(size),
            anchor,
            stroke_width=0.5 if bold else 0,
            stroke_fill=colour,
        )

    def panel(self, box: Box, title: str) -> Box:
        """A panel with a title; gives what is left inside."""
        self.box(box, PANEL, radius=6.0)
        self.text((box.left + 12.0, box.top + 15.0), title, 12.0, bold=True)
        return box.inner(12.0, 28.0, 12.0, 10.0)


def text_width(text: str, size: float) -> float:
    """How wide a text will be."""
    return _font(size).getlength(text) / _SCALE


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    # Pillow's own font, so that a picture doesn't depend on what is installed. It has ASCII and little more.
    font = ImageFont.load_default(size * _SCALE)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font
