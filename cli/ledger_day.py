"""One day on a ledger beside the same day in the environment, with a progress bar."""

from typing import NamedTuple

from gridbid.agents.bots.day import DayPlan, DayRecord, run_in_environment, run_on_ledger
from gridbid.agents.policy import Policy
from gridbid.chain.ledgers.ledger import Ledger
from gridbid.cli.terminal import progress_bar
from gridbid.evaluate.parity import DayParity, compare_day


class PlayedDay(NamedTuple):
    """The ledger's record, how it compares, and what its books left unaccounted for."""

    record: DayRecord
    parity: DayParity
    residuals: dict[str, int]


def play_day(name: str, plan: DayPlan, policy: Policy, ledger: Ledger) -> PlayedDay:
    """Trade a day on a fresh ledger, then replay it in the environment and compare."""
    with progress_bar() as progress:
        task = progress.add_task(f"{name}: slots traded", total=plan.n_slots)
        record = run_on_ledger(plan, policy, ledger, lambda done: progress.update(task, completed=done))
    parity = compare_day(name, run_in_environment(plan, policy), record)
    return PlayedDay(record, parity, {"energy_wh": record.residual_wh, "cash_neur": record.residual_neur})
