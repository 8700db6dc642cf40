"""``gridbid train``: policies with RLlib PPO."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = "Example: `gridbid train rural --minutes 10 --out runs/long`, then `gridbid evaluate rural --policy runs/long/bundle`"


def train(
    scenario: Annotated[str, typer.Argument(help="A built-in scenario or a folder.")] = "rural",
    minutes: Annotated[float, typer.Option(help="Wall-clock time to train.", min=0.05)] = 2.5,
    out: Annotated[Path, typer.Option(help="Folder for checkpoint, learning curve and bundle.")] = Path(
        "runs/train"
    ),
    seed: Annotated[int, typer.Option(min=0)] = 0,
    runners: Annotated[
        int, typer.Option(help="Ray actors that sample; 0 samples in this process.", min=0)
    ] = 0,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint in --out.")] = False,
) -> None:
    """Train one policy for each kind (prosumer, battery, ev) and export them as a bundle."""
    from gridbid.cli.learning import train_with_curve
    from gridbid.cli.terminal import console
    from gridbid.train.ppo import TrainConfig

    config = TrainConfig(scenario=scenario, seconds=minutes * 60, seed=seed, num_env_runners=runners)
    bundle, _ = train_with_curve(config, out, resume=resume)
    console.print(f"Bundle: {bundle}\nNext: gridbid evaluate {scenario} --policy {bundle}")
