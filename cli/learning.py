"""Training with its curve on the terminal."""

from pathlib import Path
from typing import Any

from gridbid.cli.terminal import console
from gridbid.train.export import export_bundle
from gridbid.train.ppo import TrainConfig, TrainProgress, train

_BARS = "▁▂▃▄▅▆▇█"
_LINES = 12
"""Lines of the curve on the terminal, at most."""


def train_with_curve(
    config: TrainConfig, out: Path, *, resume: bool = False
) -> tuple[Path, list[dict[str, Any]]]:
    """Train into ``out``, show the curve, export a bundle; return the bundle's folder and the curve."""
    shown: list[TrainProgress] = []

    def show(progress: TrainProgress) -> None:
        due = config.seconds * len(shown) / _LINES
        if progress.seconds >= due or not shown:
            shown.append(progress)
            console.print(f"    {describe(progress)}")

    result = train(config, out, show, resume=resume)
    console.print(
        f"    {sparkline([point['return_sum'] for point in result.curve])}  {len(result.curve)} iterations"
    )
    return export_bundle(result, out / "bundle"), result.curve


def describe(progress: TrainProgress) -> str:
    """One line of the curve."""
    returns = "  ".join(f"{kind} {value:+8.2f}" for kind, value in progress.returns.items())
    return f"{progress.seconds:5.0f} s  {progress.agent_steps / 1e6:5.2f} M agent-steps   EUR/day  {returns}"


def sparkline(values: list[float]) -> str:
    """Values as a row of bars."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in values[-64:])
