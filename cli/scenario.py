"""``gridbid scenario``: look at scenarios, check one's own, and begin a new one."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at scenarios, check your own, begin a new one.", no_args_is_help=True)

NameOrFolder = Annotated[str, typer.Argument(help="A built-in scenario or a folder.")]


@app.command(name="list", epilog="Example: `gridbid scenario list`")
def list_built_in() -> None:
    """Built-in scenarios."""
    from gridbid.cli.terminal import console
    from gridbid.envs.scenario import load_scenario, scenario_names

    for name in scenario_names():
        console.print(f"[bold]{name:8}[/] {load_scenario(name).title}")


@app.command(epilog="Example: `gridbid scenario show rural --svg rural.svg`, or a folder of your own")
def show(
    scenario: NameOrFolder,
    svg: Annotated[
        Path | None, typer.Option(help="Draw the feeder and its members into this file as well.")
    ] = None,
    tree: Annotated[bool, typer.Option(help="Show the feeder as a tree, a line a bus.")] = True,
) -> None:
    """What a scenario holds: members, market, tariff with a day's prices, splits, licences, and its feeder."""
    from gridbid.cli.scenario_view import show_scenario
    from gridbid.cli.terminal import console
    from gridbid.envs.render.feeder_svg import feeder_svg
    from gridbid.envs.scenario import load_scenario

    loaded = load_scenario(scenario)
    show_scenario(loaded, tree)
    if svg is not None:
        svg.write_text(feeder_svg(loaded), encoding="utf-8")
        console.print(f"Drew {svg}")


@app.command(epilog="Example: `gridbid scenario check scenarios/mine`")
def check(scenario: NameOrFolder) -> None:
    """List every fault with field, value and remedy (exit status 2), and what is allowed but unusual (0)."""
    from gridbid.cli.terminal import console
    from gridbid.envs.format.unusual import unusual
    from gridbid.envs.scenario import load_scenario

    loaded = load_scenario(scenario)
    hints = unusual(loaded)
    for hint in hints:
        console.print(f"[yellow]unusual[/] {hint.field}: {hint.value}\n        [dim]usual: {hint.usual}[/]")
    console.print(f"[green]No faults[/] in {loaded.name}; {len(hints)} hints")


@app.command(epilog="Example: `gridbid scenario new scenarios/mine --from suburb`")
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; its name becomes the scenario's.")],
    source: Annotated[
        str, typer.Option("--from", help="Scenario to begin with: built in, or a folder.")
    ] = "tiny",
) -> None:
    """Write a scenario to begin with: it loads, and every key says what it means."""
    from gridbid.cli.terminal import console
    from gridbid.envs.format.scenario_draft import write_draft

    write_draft(folder, source)
    console.print(f"Wrote {folder}. Change {folder}/scenario.yaml, then: gridbid scenario check {folder}")


@app.command(epilog="Example: `gridbid scenario generate scenarios/quarter --members 300 --seed 7`")
def generate(
    folder: Annotated[Path, typer.Argument(help="Folder to make; its name becomes the scenario's.")],
    members: Annotated[int, typer.Option(help="Seats with a meter, 10 to 10 000.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed draws the same community.")] = 0,
    feeders: Annotated[int | None, typer.Option(help="Transformers; one for about 80 members.")] = None,
    pv: Annotated[float, typer.Option(help="Share of homes with PV.")] = 0.35,
    battery: Annotated[float, typer.Option(help="Share of homes with a battery.")] = 0.2,
    heat_pump: Annotated[float, typer.Option(help="Share of homes with a heat pump.")] = 0.25,
    charge_point: Annotated[float, typer.Option(help="Share of members that are charge points.")] = 0.15,
    load_spread: Annotated[float, typer.Option(help="Spread of homes' sizes: sigma of the logarithm.")] = 0.3,
    source: Annotated[str, typer.Option("--from", help="Scenario that homes are modelled on.")] = "town",
) -> None:
    """Draw a community of any size: homes with devices, on feeders of standard cable."""
    from gridbid.cli.terminal import console
    from gridbid.envs.generator.community import make_population, write_community

    population = make_population(
        members,
        seed,
        feeders=feeders,
        pv_share=pv,
        battery_share=battery,
        charge_point_share=charge_point,
        heat_pump_share=heat_pump,
        load_spread=load_spread,
        source=source,
    )
    write_community(folder, population)
    console.print(f"Wrote {folder}. Look at it: gridbid scenario show {folder} --no-tree")


@app.command(epilog="Example: `gridbid scenario schema > scenario.schema.json`")
def schema() -> None:
    """Print the JSON schema of scenario.yaml, by which editors complete and check it."""
    from gridbid.envs.format.json_schema import schema_text

    print(schema_text(), end="")
