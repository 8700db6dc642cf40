"""What a face shows of its community, by its render mode."""

from typing import Any

import gymnasium

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.render.renderer import RENDER_FPS, RENDER_MODES, Renderer, make_renderer
from gridbid.market.errors import InputError

RENDERING = {"render_modes": list(RENDER_MODES), "render_fps": RENDER_FPS}
"""What the faces' metadata say."""


class Screen:
    """A face's first community as ``mode`` shows it: "human" after every step, "rgb_array" when asked; None never.

    What it draws with is made when it is first needed; a copy or a pickle makes its own.
    """

    def __init__(self, batch: BatchEnv, mode: str | None, *, in_turns: bool = False) -> None:
        if mode is not None and mode not in RENDER_MODES:
            raise InputError(f"render_mode: {mode!r} is none of {', '.join(RENDER_MODES)}")
        self.mode = mode
        self._batch, self._in_turns = batch, in_turns
        self._renderer: Renderer | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_renderer": None}

    def render(self) -> Any:
        """Show it as it stands; the picture, if the mode has one."""
        if self.mode is None:
            gymnasium.logger.warn("render_mode was not given: render() shows nothing")
            return None
        if self._renderer is None:
            self._renderer = make_renderer(self.mode, self._batch, in_turns=self._in_turns)
        return self._renderer.render()

    def refresh(self) -> None:
        """Show what a step has changed, in the mode that people watch."""
        if self.mode == "human":
            self.render()

    def close(self) -> None:
        """Give back what it holds, and end the batch's trace if there is one."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None
        self._batch.close_trace()
