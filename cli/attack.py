"""``gridbid exploit`` and ``gridbid stress``: what a policy leaves to others, and what it does when things go wrong."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridbid.envs.compile import CompiledScenario
    from gridbid.evaluate.exploitability import Exploitability
    from gridbid.evaluate.robustness import Robustness

EXPLOIT_EXAMPLES = """
Examples: `gridbid exploit rural --policy rule --week 11` |
`gridbid exploit rural --policy runs/demo/bundle --split test --learn 300 --out runs/demo`
"""

STRESS_EXAMPLES = """
Examples: `gridbid stress rural --policy smart_rule --week 11` |
`gridbid stress rural --policy runs/demo/bundle --split test --optimum --out runs/demo`
"""

EXPLOITABILITY, ROBUSTNESS = "exploitability.json", "robustness.json"
SEEDS_APART = 1_000
"""Between the draws of one seed and the next."""

Scenario = Annotated[str, typer.Argument(help="A built-in scenario or a folder.")]
Split = Annotated[str, typer.Option(help="train, validation or test.")]
Weeks = Annotated[list[int] | None, typer.Option(help="Only these local weeks; repeat.")]
Seed = Annotated[int, typer.Option(help="Of the draws.", min=0)]


def exploit(
    scenario: Scenario = "rural",
    policy: Annotated[str, typer.Option(help="A policy's name or a bundle's folder.")] = "rule",
    split: Split = "validation",
    week: Weeks = None,
    seed: Seed = 0,
    learn: Annotated[
        float, typer.Option(help="Seconds for a learned response; 0 for none. Needs gridbid[train].", min=0.0)
    ] = 0.0,
    out: Annotated[Path | None, typer.Option(help="Write exploitability.json into this folder.")] = None,
) -> None:
    """Let every member in turn answer a policy as well as it can, everybody else keeping to it."""
    from gridbid.agents.named import named_policy
    from gridbid.cli.terminal import controller_progress
    from gridbid.envs.compile import compile_community
    from gridbid.evaluate.exploitability import Responder, Shading, standard_responders
    from gridbid.evaluate.exploitability import exploit as attack

    attacked = named_policy(policy)
    compiled, weeks = _compile(scenario, split, week, seed)
    responders: list[Shading | Responder] = [*standard_responders()]
    with controller_progress() as on_progress:
        if learn > 0.0:
            from dataclasses import replace

            from gridbid.train.best_response import CONFIG, learn_response

            training = compile_community(compiled.scenario, [SEEDS_APART * seed], split="train")
            config = replace(CONFIG, seconds=learn, seed=seed)
            responders.append(learn_response(training, attacked, config, on_learned=on_progress))
        found = attack(compiled, attacked, weeks, responders, seed=seed, on_progress=on_progress)
    show_exploitability(found)
    _write(out, EXPLOITABILITY, found.as_dict())


def stress(
    scenario: Scenario = "rural",
    policy: Annotated[
        list[str] | None,
        typer.Option(help="A policy's name or a bundle's folder; repeat. The rule is always there."),
    ] = None,
    split: Split = "validation",
    week: Weeks = None,
    seed: Seed = 0,
    optimum: Annotated[bool, typer.Option(help="Solve the bound as well: seconds a week.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write robustness.json into this folder.")] = None,
) -> None:
    """Play policies through price shocks, lost forecasts, silent meters, leaving members and other opponents."""
    from gridbid.agents.named import named_policy
    from gridbid.cli.terminal import controller_progress
    from gridbid.evaluate.robustness import stress as play

    policies = [named_policy(name) for name in policy or []]
    compiled, weeks = _compile(scenario, split, week, seed)
    with controller_progress() as on_progress:
        found = play(compiled, policies, weeks, seed=seed, optimum=optimum, on_progress=on_progress)
    show_robustness(found)
    _write(out, ROBUSTNESS, found.as_dict())


def _compile(
    scenario: str, split: str, week: list[int] | None, seed: int
) -> "tuple[CompiledScenario, tuple[int, ...]]":
    """The scenario with one draw of prices and cars, that of ``gridbid evaluate``, and the weeks to play."""
    from gridbid.envs.compile import compile_community
    from gridbid.envs.scenario import load_scenario
    from gridbid.evaluate.protocol import FIRST_SEED
    from gridbid.evaluate.protocol.evaluation import choose_weeks

    loaded = load_scenario(scenario)
    weeks = choose_weeks(loaded, split, week or None)
    return compile_community(loaded, [FIRST_SEED + SEEDS_APART * seed], split=split), weeks


def show_exploitability(found: "Exploitability") -> None:
    """Each member's best response, and what that comes to."""
    from rich.table import Column, Table

    from gridbid.cli.terminal import console, weeks_told
    from gridbid.evaluate.exploitability import Attack

    table = Table(
        Column("member", no_wrap=True),
        Column("best response", no_wrap=True),
        *(
            Column(title, justify="right")
            for title in ("gain EUR", "ct/kWh", "% of bill", "gain by bids, ct/kWh")
        ),
        box=None,
        header_style="bold",
    )
    for best, by_bids in zip(found.best(), found.best(Attack.BIDS), strict=True):
        percent = best.gain_percent_of_bill
        table.add_row(
            best.member,
            best.responder,
            f"{best.gain_eur:.2f}",
            f"{best.gain_ct_per_kwh:.2f}",
            "" if percent is None else f"{percent:.1f}",
            f"{by_bids.gain_ct_per_kwh:.2f}",
        )
    console.print(table)
    console.print(
        f"    Exploitability of {found.policy}: at least {found.mean_ct_per_kwh():.2f} ct/kWh in the mean of members, "
        f"{found.max_ct_per_kwh():.2f} at most; by bids alone {found.mean_ct_per_kwh(Attack.BIDS):.2f} and "
        f"{found.max_ct_per_kwh(Attack.BIDS):.2f}."
    )
    console.print(
        f"    [dim]{weeks_told(found.weeks)}. A better response may exist: these are lower bounds.[/]"
    )


def show_robustness(found: "Robustness") -> None:
    """J of the members that controllers play, by stress."""
    from rich.table import Column, Table

    from gridbid.cli.terminal import console, weeks_told

    table = Table(Column("stress", no_wrap=True), box=None, header_style="bold")
    for controller in found.controllers:
        table.add_column(controller, justify="right", no_wrap=True)
    for outcome in found.outcomes:
        name = outcome.stress.name
        table.add_row(
            outcome.stress.title, *(_cell(found, name, controller) for controller in found.controllers)
        )
    console.print(table)
    console.print(
        f"    [dim]{weeks_told(found.weeks)}. Mean J of a week in EUR, of the members whom a controller plays; in brackets "
        "how much more that is than for the same members in the weeks as they are.[/]"
    )


def _cell(found: "Robustness", stress: str, controller: str) -> str:
    j_eur = found.tested_eur(stress, controller).mean()
    return f"{j_eur:,.0f} ({found.degradation(stress, controller).estimate:+,.0f})"


def _write(folder: Path | None, name: str, document: object) -> None:
    from gridbid.cli.terminal import console
    from gridbid.evaluate.files import write_json

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / name, document)
        console.print(f"    Written: {folder / name}")
