"""Settlement from shared cases: settlement_cases.json, read here and by the Solidity tests.

The file has `slot_seconds`, `tick_size` (nEUR/Wh) and `cases`. A case is one slot: its `terms` (nEUR/Wh), what the
supplier paid in (`supplier_neur`), the `participants` in the order of their numbers from 1 (`balance_neur` paid in,
`credit_line_neur` in the slot), the `trades` (a seller's order at a tick, then a buyer's that meets it), and the `steps`
after the substitutes' deadline. A step has an `action`: `settle` by a reading of a `quality` (`substitute`; `metered`,
the second one being a correction; `ruled`), `deposit`, `deposit_supplier` or `pay_owed`; and what stands `after` it:
balances, supplier's and operator's account, and what the supplier owes to each participant, nEUR.

The core and its twin pay every surplus, if need be by the supplier's debt: so their balances are the contract's
and what is owed beside them.
"""

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.market.exchange import Exchange
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.types import Quality, Side, Terms

DOCUMENT = json.loads((Path(__file__).parent / "settlement_cases.json").read_text())
CASES = DOCUMENT["cases"]
SLOT_SECONDS, TICK_SIZE = DOCUMENT["slot_seconds"], DOCUMENT["tick_size"]
SLOT, DEADLINE_SECONDS = 1, 600
LIMIT_WH = 1_000
Case = dict[str, Any]


class Stage(Protocol):
    """Where a case is played."""

    def play(self, step: Case) -> None: ...

    def compare(self, after: Case) -> None: ...


class CoreStage:
    """The core's exchange, or its twin."""

    def __init__(self, market: Exchange | NaiveExchange, case: Case) -> None:
        self.market = market
        market.supplier_neur = case["supplier_neur"]
        for number, participant in enumerate(case["participants"], start=1):
            market.register(number)
            market.deposit(number, participant["balance_neur"])
        market.publish(SLOT, Terms(**case["terms"]), *envelopes(case), credit_lines(case))
        for trade in case["trades"]:
            order = {"tick": trade["tick"], "quantity_wh": trade["quantity_wh"]}
            market.place(SLOT, trade["seller"], Side.SELL, **order)
            assert market.place(SLOT, trade["buyer"], Side.BUY, **order).fills
        market.now = (SLOT + 1) * SLOT_SECONDS + DEADLINE_SECONDS

    def play(self, step: Case) -> None:
        if step["action"] == "settle":
            quality = Quality[step["quality"].upper()]
            self.market.settle(SLOT, step["participant"], step["reading_wh"], quality)
        elif step["action"] == "deposit":
            self.market.deposit(step["participant"], step["amount_neur"])
        elif step["action"] == "deposit_supplier":
            self.market.supplier_neur += step["amount_neur"]

    def compare(self, after: Case) -> None:
        due = [neur + owed for neur, owed in zip(after["balances_neur"], after["owed_neur"], strict=True)]
        assert [self.market.balances[number] for number in sorted(self.market.balances)] == due
        assert self.market.supplier_neur == after["supplier_neur"] - sum(after["owed_neur"])
        assert self.market.operator_neur == after["operator_neur"]


class ContractStage:
    """The contracts, in the process."""

    def __init__(self, case: Case) -> None:
        self.ledger = EmbeddedLedger(
            MarketParameters(SLOT_SECONDS, TICK_SIZE, ring_size=4, deadline_seconds=DEADLINE_SECONDS)
        )
        self.ledger.deposit_supplier(case["supplier_neur"])
        self.participants = [self.ledger.register() for _ in case["participants"]]
        self.read: set[int] = set()
        for number, participant in zip(self.participants, case["participants"], strict=True):
            self.ledger.deposit(number, participant["balance_neur"])
        self.ledger.publish(SLOT, Terms(**case["terms"]), *envelopes(case), credit_lines(case))
        for trade in case["trades"]:
            self.ledger.place(SLOT, trade["seller"], Side.SELL, trade["tick"], trade["quantity_wh"])
            assert self.ledger.place(
                SLOT, trade["buyer"], Side.BUY, trade["tick"], trade["quantity_wh"]
            ).fills
        self.ledger.advance_to((SLOT + 1) * SLOT_SECONDS + DEADLINE_SECONDS)

    def play(self, step: Case) -> None:
        if step["action"] == "settle":
            self.bring(step["participant"], step["quality"], step["reading_wh"])
            self.ledger.settle(SLOT, step["participant"])
        elif step["action"] == "deposit":
            self.ledger.deposit(step["participant"], step["amount_neur"])
        elif step["action"] == "deposit_supplier":
            self.ledger.deposit_supplier(step["amount_neur"])
        else:
            signer = self.ledger._signer(step["participant"])
            signer.transact(self.ledger.market, "payOwed", step["participant"])

    def bring(self, participant: int, quality: str, reading_wh: int) -> None:
        if quality == "substitute":
            self.ledger.substitute_reading(SLOT, participant, reading_wh)
        elif quality == "ruled":
            oracle, reason = self.ledger.deployment.oracle, b"disputed".ljust(32, b"\0")
            self.ledger._signer(participant).transact(oracle, "challenge", participant, SLOT, reason)
            self.ledger._require_authority().transact(oracle, "rule", participant, SLOT, reading_wh, reason)
        elif participant in self.read:
            self.ledger.correct_reading(SLOT, participant, reading_wh)
        else:
            self.ledger.submit_reading(SLOT, participant, reading_wh)
            self.read.add(participant)

    def compare(self, after: Case) -> None:
        market, node = self.ledger.market, self.ledger.node
        assert [self.ledger.balance(number) for number in self.participants] == after["balances_neur"]
        owed = [node.call(market, "owedToNeur", number)[0] for number in self.participants]
        assert owed == after["owed_neur"]
        assert self.ledger.supplier_balance() == after["supplier_neur"]
        assert self.ledger.operator_balance() == after["operator_neur"]
        self.compare_what_is_held()

    def compare_what_is_held(self) -> None:
        """Tokens cover what members, operator and supplier may take out, and nothing free is below zero."""
        market, node = self.ledger.market, self.ledger.node
        uncovered, promised, owed = node.call(market, "obligations")
        free = self.ledger.supplier_balance() - uncovered - promised
        available = [self.ledger.available(number) for number in self.participants]
        assert free >= 0
        assert uncovered == sum(-neur for neur in available if neur < 0)
        assert owed == sum(node.call(market, "owedToNeur", number)[0] for number in self.participants)
        held = node.call(self.ledger.deployment.token, "balanceOf", market.address)[0]
        assert held >= sum(neur for neur in available if neur > 0) + self.ledger.operator_balance() + free


def envelopes(case: Case) -> tuple[dict[int, int], dict[int, int]]:
    limits = dict.fromkeys(range(1, len(case["participants"]) + 1), LIMIT_WH)
    return limits, limits


def credit_lines(case: Case) -> dict[int, int]:
    participants = enumerate(case["participants"], start=1)
    return {number: participant["credit_line_neur"] for number, participant in participants}


def stage_of(kind: str, case: Case) -> Stage:
    if kind == "contract":
        return ContractStage(case)
    market = Exchange if kind == "core" else NaiveExchange
    return CoreStage(market(slot_seconds=SLOT_SECONDS, tick_size=TICK_SIZE), case)


@pytest.mark.parametrize("kind", ["core", "twin", "contract"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_comes_out_as_written(kind: str, case: Case):
    stage = stage_of(kind, case)
    for step in case["steps"]:
        stage.play(step)
        stage.compare(step["after"])


def test_a_case_has_a_name_of_its_own():
    names = [case["name"] for case in CASES]
    assert len(set(names)) == len(names) >= 10
