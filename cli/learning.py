"""Training with its curve on the terminal."""

from pathlib import Path
from typing import Any

from gridbid.cli.terminal import console
from gridbid.train.export import export_bundle
from gridbid.train.ppo import TrainConfig, TrainProgress, train

_BARS = "▁▂▃▄▅▆▇█"
_BAR_COLUMNS = 64
_LINES = 12
"""Lines of the curve on the terminal, about."""


def train_with_curve(
    config: TrainConfig, out: Path, *, resume: bool = False
) -> tuple[Path, list[dict[str, Any]]]:
    """Train in ``out``/training, show the curve, export ``out``/bundle; return the bundle's folder and the curve."""
    shown: list[TrainProgress] = []

    def show(progress: TrainProgress) -> None:
        if progress.seconds >= config.seconds * len(shown) / _LINES:
            shown.append(progress)
            console.print(f"    {describe(progress)}")

    result = train(config, out / "training", show, resume=resume)
    console.print(
        f"    {sparkline([point['return_sum'] for point in result.curve])}  {len(result.curve)} iterations"
    )
    week = result.validation_eur
    console.print(
        f"    A validation week costs (J) {week['rule']:.0f} EUR under the rule, {week['start']:.0f} as the networks began, "
        f"{week['best']:.0f} under the best networks"
    )
    return export_bundle(result, out / "bundle"), result.curve


def describe(progress: TrainProgress) -> str:
    """One line of the curve."""
    returns = "  ".join(f"{kind} {value:+7.2f}" for kind, value in progress.returns.items())
    return (
        f"{progress.seconds:5.0f} s  {progress.agent_steps / 1e6:5.2f} M agent-steps "
        f"({progress.agent_steps_per_s / 1e3:4.0f} k/s)   EUR/day saved  {returns}"
    )


def sparkline(values: list[float]) -> str:
    """Values as a row of bars, thinned out to fit a line."""
    step = -(-len(values) // _BAR_COLUMNS)
    means = [sum(values[n : n + step]) / len(values[n : n + step]) for n in range(0, len(values), step)]
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in means)
