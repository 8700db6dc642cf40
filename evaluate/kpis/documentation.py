"""Writes docs/key-figures.md from the registry: ``python -m gridbid.evaluate.kpis.documentation [--check]``."""

import sys
from pathlib import Path

from gridbid.envs.generated_page import keep_page
from gridbid.evaluate.bills import (
    BOUGHT_LOCALLY,
    DEMAND_RESPONSE,
    FROM_SUPPLIER,
    NETWORK_FEE,
    SOLD_LOCALLY,
    TO_SUPPLIER,
)
from gridbid.evaluate.kpis.figure import Kpi
from gridbid.evaluate.kpis.registry import SUBJECTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "key-figures.md"
COMMAND = "python -m gridbid.evaluate.kpis.documentation"
HEAD = f"""\
# Key figures

What an evaluation tells of a controller's weeks. This page is made from [`evaluate/kpis/`](../evaluate/kpis) by
`{COMMAND}`; a test checks that it is up to date.

- Each figure has its definition in one place, and is tested against a case worked out by hand
  ([`tests/evaluate/test_kpis.py`](../tests/evaluate/test_kpis.py)).
- Over several weeks and samples amounts are summed, shares are ratios of sums, and peaks are the highest.
- Import and consumption are positive. The community's net is the sum of its meters. Unit 1 is a plain number or a share.
- "Better" says which way is better, other things equal.
- A figure without a meaning is not a number, and null in files: efficiency where nobody had anything to trade, the book of the
  optimum, which trades without one, demand response without events.
- The optimum's parts of J are those of its bound; all else is of its schedule, played back.
- `worse_off` and `worst_member_eur` stand beside them in an evaluation: the share of members whose J is more than a cent above
  that with `nothing`, and the largest such increase.

J and its parts are explained in [slot.md](slot.md#settlement-and-j)."""
COST = """\
Own profit is what trading brought with the readings as they are. It grows with what there is to trade, so a battery that moves energy
to and fro may profit while J rises: compare it between controllers of like J, and read it beside `efficiency`."""
MARKET = """\
**What a Wh is worth.** The need that reached the meter counts. Without a market a member pays retail for what its meter draws, and
gets feed-in for what it feeds in. So in each slot a Wh is worth retail − fee to who draws it, and costs feed-in to who feeds it in;
what was bought beyond the need is worth feed-in − fee, what was sold beyond the surplus costs retail. With demand D, the sum of
what was drawn, and supply S, the sum of what was fed in, trade can bring TS* = (retail − fee − feed_in) · min(D, S), and what it
brought is the sum of own profits. What a store could have done with a Wh in another slot is no part of it: J tells that.

**The equilibrium price P\\*.** All members have one value and one cost in a slot. When D exceeds S, buyers compete and P* =
retail − fee; when S exceeds D, P* = feed-in; when they are equal every price between clears, and P* is the middle. The long side
gains nothing at P*.

**Orders and book** are seen after the last round, when the gate closes. Over several rounds each order that is sent counts."""
FAIRNESS = """\
A member's gain is J alone less J in the community, over all weeks. Alone means the rule's own readings, at retail and feed-in,
without a market and without events. Jain's index and Gini are made for what isn't negative: there losses count as gains of 0, and
the other figures tell of them. `traces/gains.parquet` has each member's J, J alone, gain and own profit."""
BILLS = f"""\
## Bills

A bill is the integers that were settled, line by line; its lines sum to the member's cash to the nEUR, and the bills of all members,
the supplier, the operator and the outside sum to 0 ([`evaluate/bills.py`](../evaluate/bills.py)). An evaluation that keeps
traces writes them to `traces/bills.parquet`: a row for each controller, week, member and line, with `energy_kwh`, `price_ct`
(the mean; of credits what the member got) and `amount_eur` (what a member pays is positive).

| line | energy | amount |
| --- | --- | --- |
| {FROM_SUPPLIER} | reading less position, where above 0 | at retail; a line for each part of the tariff, and one for the utility's shift |
| {TO_SUPPLIER} | reading less position, where below 0 | less, at feed-in |
| {BOUGHT_LOCALLY} | fills | what was paid, without the fee |
| {SOLD_LOCALLY} | fills | less what was received |
| {NETWORK_FEE} | fills | at the local network fee |
| {DEMAND_RESPONSE} | reductions that count | less what events paid |"""
NOTES = {"Cost": COST, "Market": MARKET, "Fairness": FAIRNESS}
"""What stands before the table of a subject."""


def page() -> str:
    """The page that lists every figure."""
    parts = [HEAD]
    for subject, figures in SUBJECTS.items():
        parts += [f"## {subject}", *filter(None, [NOTES.get(subject)]), _table(figures)]
    return "\n\n".join([*parts, BILLS]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is up to date."""
    return keep_page(PAGE, page(), COMMAND, arguments)


def _table(figures: tuple[Kpi, ...]) -> str:
    rows = [f"| `{kpi.name}` | {kpi.unit} | {kpi.better} | {kpi.meaning} |" for kpi in figures]
    return "\n".join(["| figure | unit | better | meaning |", "| --- | --- | --- | --- |", *rows])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
