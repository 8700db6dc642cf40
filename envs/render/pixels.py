"""Frames for videos and papers: an array of pixels, the same for the same state."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.render.canvas import Box, Canvas
from gridbid.envs.render.feeder_panel import FeederPanel
from gridbid.envs.render.market_panels import draw_depth, draw_prices, draw_trades
from gridbid.envs.render.palette import INK, MUTED
from gridbid.envs.render.scene import Scene, SceneReader
from gridbid.envs.render.storage_panel import draw_stores

WIDTH, HEIGHT = 960, 540
_FEEDER = Box(14.0, 46.0, 568.0, 330.0)
_STORES = Box(14.0, 388.0, 568.0, 138.0)
_DEPTH = Box(594.0, 46.0, 352.0, 178.0)
_TRADES = Box(594.0, 236.0, 352.0, 140.0)
_PRICES = Box(594.0, 388.0, 352.0, 138.0)


class PixelRenderer:
    """Draws an environment's first community as it stands."""

    def __init__(self, env: BatchEnv, *, in_turns: bool = False) -> None:
        self._reader = SceneReader(env, in_turns)
        members = self._reader.read().members
        parent = [int(bus) for bus in env.community.network.parent]
        self._feeder = FeederPanel(self._reader.layout, parent, members, _FEEDER)
        self._still = Canvas(WIDTH, HEIGHT)
        self._feeder.draw_still(self._still)

    def render(self) -> NDArray[np.uint8]:
        """A frame, uint8 (540, 960, 3)."""
        scene = self._reader.read()
        canvas = self._still.copy()
        _draw_header(canvas, scene)
        self._feeder.draw(canvas, scene)
        draw_stores(canvas, _STORES, scene)
        draw_depth(canvas, _DEPTH, scene)
        draw_trades(canvas, _TRADES, scene)
        draw_prices(canvas, _PRICES, scene)
        return canvas.pixels()

    def close(self) -> None:
        """Nothing to release."""


def _draw_header(canvas: Canvas, scene: Scene) -> None:
    title = f"{scene.scenario}, week {scene.week}"
    canvas.text((14.0, 23.0), title, 17.0, bold=True)
    moment = f"{scene.now:%A %Y-%m-%d %H:%M}"
    canvas.text((300.0, 23.0), moment, 17.0, INK)
    rounds = f", round {scene.round + 1} of {scene.rounds}" if scene.rounds > 1 else ""
    done = f"slot {min(scene.slots_done + 1, scene.n_slots)} of {scene.n_slots}{rounds}"
    canvas.text((946.0, 23.0), f"{done}     bill so far {scene.bill_eur:.2f} EUR", 13.0, MUTED, "rm")
