"""``gridbid demo``: the whole story on embedded defaults, from a grid to agents that trade on contracts."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gridbid.agents.policy import Policy
    from gridbid.cli.ledger_day import PlayedDay
    from gridbid.envs.compile import CompiledScenario
    from gridbid.evaluate.protocol import Evaluation

EXAMPLES = "Examples: `gridbid demo` | `gridbid demo --quick --out runs/quick`"
SCENARIO = "rural"
BESIDE = ("zero_intelligence", "smart_rule", "mpc")
"""What the learned policy is compared with, beside `nothing`, the rule and the optimum."""
CHAIN_SEED = 2_000_000_000
"""Of the prices and cars of the days on the chain: apart from those of training and evaluation."""


@dataclass(frozen=True)
class Size:
    """How much the demo does."""

    train_seconds: float
    weeks: tuple[int, ...] | None
    """Test weeks to evaluate; None: all of them."""
    chain_slots: int
    """Slots of each day on the chain."""


FULL = Size(train_seconds=150.0, weeks=None, chain_slots=96)
QUICK = Size(train_seconds=15.0, weeks=(20,), chain_slots=48)


def demo(
    quick: Annotated[
        bool, typer.Option(help="The same in about a minute: less training, one week, half days.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the results; what is there is replaced.")] = Path(
        "runs/demo"
    ),
) -> None:
    """Train, evaluate, deploy and trade: the whole story in about six minutes."""
    from gridbid.cli.terminal import Stages

    size = QUICK if quick else FULL
    stages = Stages(6)
    draft = _fresh_draft(out)
    with stages.stage(
        "scenario",
        "A village feeder with its homes",
        "SimBench's 1-LV-rural1--2: real loads, PV, batteries, heat pumps and charge points on a transformer that is too small.",
    ):
        _show_scenario()
    with stages.stage(
        "train",
        f"Training, {size.train_seconds:.0f} s of PPO with RLlib",
        "One policy for each kind (prosumer, battery, ev), begun as a clone of smart_rule (docs/decisions/0016). The curve shows what agents save a day.",
    ):
        bundle, curve = _train(size, draft)
    with stages.stage(
        "evaluate",
        "Held-out weeks, beside rules, a planner and the optimum",
        "Everybody meets the same weeks, prices and cars. The optimum knows the future: it is a bound, not a controller.",
    ):
        evaluation = _evaluate(size, draft, bundle)
    with stages.stage(
        "chain",
        "Two days on smart contracts",
        "Contracts on an EVM in this process: a bot in every seat places orders; meters sign readings; each slot is settled.",
    ):
        days, chain = _trade_on_chain(size, draft, bundle)
    with stages.stage(
        "parity",
        "The same days in the environment",
        "What an agent was trained on must be what it trades on: every fill and every settlement is compared.",
    ):
        summary = _summarise(evaluation, curve, days, chain)
    _finish(summary, stages.seconds, draft, out)
    with stages.stage("next", "What to try next", "Everything above is a command of its own."):
        _show_next(out)


def _fresh_draft(out: Path) -> Path:
    """A folder beside ``out``, of the same name, to work in; what an interrupted run left there goes."""
    scratch = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(scratch, ignore_errors=True)
    draft = scratch / out.name
    draft.mkdir(parents=True)
    return draft


def _show_scenario() -> None:
    from gridbid.cli.terminal import console
    from gridbid.envs.format.tariff_words import tariff_words
    from gridbid.envs.scenario import load_scenario

    scenario = load_scenario(SCENARIO)
    kinds = [seat.kind for seat in scenario.seats]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    pv_kw = sum(seat.pv.peak_kw for seat in scenario.seats if seat.pv)
    battery_kwh = sum(seat.battery.capacity_kwh for seat in scenario.seats if seat.battery)
    console.print(f"    {scenario.title}: {counts}")
    console.print(
        f"    {pv_kw:.0f} kWp of PV, {battery_kwh:.0f} kWh of batteries, a {scenario.network.rating_kva[1]:.0f} kVA transformer"
    )
    words = tariff_words(scenario.tariff)
    console.print("    " + ", ".join(f"{part} = {what}" for part, what in words.items()))


def _train(size: Size, draft: Path) -> tuple[Path, list[dict[str, Any]]]:
    from gridbid.cli.learning import train_with_curve
    from gridbid.train.ppo import TrainConfig

    return train_with_curve(TrainConfig(scenario=SCENARIO, seconds=size.train_seconds), draft)


def _evaluate(size: Size, draft: Path, bundle: Path) -> "Evaluation":
    from gridbid.agents.bundle import load_bundle
    from gridbid.agents.named import named_policy
    from gridbid.cli.results import show_table
    from gridbid.cli.terminal import controller_progress
    from gridbid.evaluate.protocol import evaluate
    from gridbid.evaluate.traces import write_traces

    policies = [*map(named_policy, BESIDE), load_bundle(bundle)]
    with controller_progress() as on_progress:
        evaluation = evaluate(SCENARIO, policies, weeks=size.weeks, on_progress=on_progress)
    write_traces(evaluation, draft / "traces")
    show_table(evaluation)
    return evaluation


def _trade_on_chain(size: Size, draft: Path, bundle: Path) -> "tuple[list[PlayedDay], dict[str, Any]]":
    from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
    from gridbid.agents.bots.day import DayPlan
    from gridbid.agents.bundle import load_bundle
    from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
    from gridbid.cli.ledger_day import play_day
    from gridbid.cli.terminal import console
    from gridbid.envs.compile import compile_community

    compiled = compile_community(SCENARIO, [CHAIN_SEED], split="test")
    monday = compiled.year.week_start(compiled.scenario.splits.test[3])
    days: list[tuple[str, Policy, int]] = [
        ("learned policy", load_bundle(bundle), monday),
        ("zero-intelligence traders", ZeroIntelligencePolicy(), monday + 96),
    ]
    played, transactions, gas = [], 0, 0
    for name, policy, start in days:
        ledger = EmbeddedLedger()
        played.append(play_day(name, DayPlan(compiled, start, size.chain_slots), policy, ledger))
        receipts = ledger.chain.history.receipts.values()
        transactions += len(receipts)
        gas += sum(int(receipt["gasUsed"], 16) for receipt in receipts)
        console.print(
            f"    {name}: {len(played[-1].record.trades)} fills, {len(played[-1].record.settlements)} signed readings settled, "
            f"{len(receipts):,} transactions"
        )
    _write_fills(compiled, played, draft / "chain")
    return played, {"transactions": transactions, "gas_used": gas}


def _write_fills(compiled: "CompiledScenario", played: "list[PlayedDay]", folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gridbid.market.units import neur_per_wh_to_ct_per_kwh

    seats, series, rules = compiled.scenario.metered, compiled.community.series, compiled.community.rules
    rows = []
    for day in played:
        first = min(slot for slot, _ in day.record.settlements)
        for trade in day.record.trades:
            price = int(series.feed_in[0, trade.slot]) + trade.tick * rules.tick_size
            rows.append(
                {
                    "day": day.parity.name,
                    "slot": trade.slot - first,
                    "taker": seats[trade.taker].name,
                    "maker": seats[trade.maker].name,
                    "tick": trade.tick,
                    "quantity_wh": trade.quantity_wh,
                    "price_ct": neur_per_wh_to_ct_per_kwh(price),
                    "slot_h": rules.slot_h,
                }
            )
    folder.mkdir()
    if rows:
        pq.write_table(pa.Table.from_pylist(rows), folder / "fills.parquet", compression="zstd")


def _summarise(
    evaluation: "Evaluation", curve: list[dict[str, Any]], days: "list[PlayedDay]", chain: dict[str, Any]
) -> dict[str, Any]:
    from gridbid.cli.results import show_parity
    from gridbid.evaluate.parity import ParityReport
    from gridbid.evaluate.traces import summary

    parity = ParityReport(tuple(day.parity for day in days))
    residuals = {
        name: evaluation.residuals[name] + sum(abs(day.residuals[name]) for day in days)
        for name in ("energy_wh", "cash_neur")
    }
    show_parity(parity, residuals)
    document = summary(evaluation)
    score = evaluation.scores["learned"]
    return {
        **document,
        "S": score.estimate,
        "S_interval": [score.low, score.high],
        "parity": parity.as_dict(),
        "residuals": residuals,
        "chain": chain,
        "learning_curve": [{**point, "return": point["returns"]} for point in curve],
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import version

    packages = ("gridbid", "numpy", "numba", "ray", "torch", "web3", "pyrevm")
    return {"python": platform.python_version(), **{package: version(package) for package in packages}}


def _finish(summary: dict[str, Any], stages_s: dict[str, float], draft: Path, out: Path) -> None:
    """Write summary and report, and put the finished folder in its place."""
    from gridbid.cli.terminal import console
    from gridbid.evaluate.files import write_json
    from gridbid.evaluate.report import write_report

    write_json(draft / "summary.json", {**summary, "stages_s": stages_s})
    write_report(draft)
    shutil.rmtree(out, ignore_errors=True)
    draft.rename(out)
    draft.parent.rmdir()
    console.print(
        f"    Took {sum(stages_s.values()):.0f} s. Report: [bold]{out / 'report.html'}[/], figures: {out / 'summary.json'}"
    )


def _show_next(out: Path) -> None:
    from gridbid.cli.terminal import console

    for command, purpose in (
        (f"xdg-open {out / 'report.html'}", "look at the report"),
        (f"gridbid train {SCENARIO} --minutes 20 --out runs/long", "train for longer"),
        (
            f"gridbid evaluate {SCENARIO} --ladder --policy {out / 'bundle'}",
            "see it beside every controller there is",
        ),
        (f"gridbid exploit {SCENARIO} --policy {out / 'bundle'}", "see what others could gain against it"),
        (f"gridbid bot run {out / 'bundle'} --week 33", "let it trade another day on the contracts"),
        ("gridbid data import simbench 1-LV-semiurb4--2-sw --out mine", "make a scenario of another grid"),
        ("gridbid --help", "see the rest"),
    ):
        console.print(f"    [cyan]{command:62}[/] {purpose}")
