"""Which ways there are to look at an environment, and what each face asks of them."""

from typing import Any, Protocol

from gridbid.envs.batch_env import BatchEnv
from gridbid.market.errors import InputError

RENDER_MODES = ("human", "rgb_array")
RENDER_FPS = 8
"""Frames a second of a video: two hours of quarter-hour slots."""


class Renderer(Protocol):
    """Shows an environment's first community."""

    def render(self) -> Any:
        """Show it as it stands: "human" to the terminal (None), "rgb_array" as uint8 (540, 960, 3)."""

    def close(self) -> None:
        """Give back what it holds."""


def make_renderer(mode: str, env: BatchEnv, *, in_turns: bool = False) -> Renderer:
    """A renderer of a mode for an environment; InputError for a mode that isn't there.

    With ``in_turns`` agents act one after the other, and the book is shown as it is between two turns. What a mode draws
    with is imported when it is chosen.
    """
    if mode == "human":
        from gridbid.envs.render.terminal import TerminalRenderer

        return TerminalRenderer(env, in_turns=in_turns)
    if mode == "rgb_array":
        from gridbid.envs.render.pixels import PixelRenderer

        return PixelRenderer(env, in_turns=in_turns)
    raise InputError(f"render_mode: {mode!r} is none of {', '.join(RENDER_MODES)}")
