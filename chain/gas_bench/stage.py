"""The contracts on an anvil of their own, with participants who have credit, and a clock that is set."""

from collections.abc import Sequence
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3

from gridbid.chain.artifact import CONTRACT_NAMES, load
from gridbid.chain.contract_ledger import ContractLedger, ParticipantKeys
from gridbid.chain.deploy import MarketParameters, deploy
from gridbid.chain.governance import operations
from gridbid.chain.meter import pack_readings, sign_reading
from gridbid.chain.nodes.anvil import HARDFORK, AnvilNode, AnvilOptions
from gridbid.chain.rpc import Node, Receipt
from gridbid.market.types import Side, Terms

SLOT_SECONDS = 900
FIRST_SLOT = 2_000_000
"""The first one that is opened, a multiple of the ring: a date in 2027, so that numbers are as long as on a real chain."""
RING_SIZE = 32
"""Small, so that it goes round soon. No figure of the bench depends on it: a word of storage is found by hashing the
number of its place, at the same cost for each place of a ring of any size."""
PARTICIPANTS = 66
TERMS = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)
LIMIT_WH = 1_000_000
CREDIT_NEUR = 1_000 * 10**9
GAS = 29_000_000


class Stage(ContractLedger):
    """A ledger that holds all keys, sets the clock, and hands out the receipts of what it does."""

    def __init__(self, anvil: AnvilNode) -> None:
        node = Node(Web3(HTTPProvider(anvil.http_url)), poll_seconds=0.002)
        authority = _account("authority")
        node.request("anvil_setNextBlockBaseFeePerGas", "0x0")
        parameters = MarketParameters(
            SLOT_SECONDS,
            ring_size=RING_SIZE,
            max_age_seconds=28 * SLOT_SECONDS,
            challenge_seconds=SLOT_SECONDS,
            ruling_seconds=SLOT_SECONDS,
        )
        deployment = deploy(node, authority, parameters)
        super().__init__(node, deployment, authority=operations(node, deployment, [authority]))
        self._participants = 0

    def advance_to(self, seconds: int) -> None:
        """Set the clock, never back."""
        if seconds > self.now():
            self.node.request("evm_setNextBlockTimestamp", seconds)
            self.node.request("evm_mine")

    def fund(self, participant: int) -> None:
        """Give a participant tokens, and pay half of them into its account."""
        signer = self._signer(participant)
        mint = (signer.address, 2 * CREDIT_NEUR, bytes(32))
        self._require_authority().transact(self.deployment.token, "mint", *mint)
        signer.transact(self.deployment.token, "approve", self.market.address, 2 * CREDIT_NEUR)
        signer.transact(self.market, "deposit", participant, CREDIT_NEUR)

    def open(self, slot: int, participants: Sequence[int]) -> Receipt:
        """Open a slot in which these may trade."""
        limits = dict.fromkeys(participants, LIMIT_WH)
        self.publish(slot, TERMS, limits, limits)
        return self.last_receipt()

    def act(self, participant: int, function: str, *arguments: Any) -> Receipt:
        """Let a participant call the market."""
        return self._signer(participant).transact(self.market, function, *arguments, gas=GAS)

    def order(
        self, slot: int, participant: int, side: Side, tick: int, quantity_wh: int, *, rest: bool = True
    ) -> Receipt:
        """Let a participant place an order; raises LedgerError when it isn't admitted."""
        return self.act(participant, "place", slot, int(side), tick, quantity_wh, rest)

    def resting_order(self, slot: int, participant: int, side: Side, tick: int, quantity_wh: int) -> int:
        """Place an order that rests; return its name."""
        return self.orders_of(self.order(slot, participant, side, tick, quantity_wh))[0]

    def orders_of(self, receipt: Receipt) -> list[int]:
        """Names of the orders that came to rest in a transaction."""
        return [result.order for result in self._place_results(receipt) if result.resting_wh > 0]

    def read(self, slot: int, participants: Sequence[int]) -> Receipt:
        """Bring the meters' readings of a slot in one transaction: everybody used as much as they traded, and 40 Wh."""
        oracle = self.deployment.oracle
        signed = []
        for meter in (self._meters[participant] for participant in participants):
            reading = meter.read(slot, 40)
            meter.count(reading)
            signed.append((reading, sign_reading(reading, meter.key, self.node.chain_id, oracle.address)))
        packed = pack_readings(signed)
        return self._require_authority().payer.transact(oracle, "submitMany", slot, packed, gas=GAS)

    def settle_many(self, slot: int, participants: Sequence[int]) -> Receipt:
        """Settle these participants' slot in one transaction."""
        payer = self._require_authority().payer
        accounts = [self._signer(participant).address for participant in participants]
        return payer.transact(self.market, "settleAccounts", slot, accounts, gas=GAS)

    def last_receipt(self) -> Receipt:
        """Receipt of the last transaction: each stands in a block of its own."""
        return self.node.receipt(self.node.latest_block()["transactions"][0])

    def deployment_receipts(self) -> dict[str, Receipt]:
        """Receipts of the transactions that made the contracts, by name."""
        receipts = {}
        for number in range(1, int(self.node.latest_block()["number"], 16) + 1):
            for transaction in self.node.request("eth_getBlockByNumber", hex(number), True)["transactions"]:
                if transaction["to"] is None:
                    receipts[_made_by(transaction["input"])] = self.node.receipt(transaction["hash"])
        return receipts

    def _new_keys(self) -> ParticipantKeys:
        self._participants += 1
        return ParticipantKeys(
            _account(f"participant {self._participants}"), _account(f"meter {self._participants}")
        )


def options(hardfork: str = HARDFORK) -> AnvilOptions:
    """How the bench's anvil is started: a slot before the first one."""
    return AnvilOptions(hardfork=hardfork, genesis_seconds=(FIRST_SLOT - 1) * SLOT_SECONDS)


def _account(name: str) -> LocalAccount:
    return Account.from_key(keccak(text=f"gridbid gas {name}"))


def _made_by(code: str) -> str:
    """Name of the contract that a deployment's code makes: constructor arguments follow it."""
    return next(name for name in CONTRACT_NAMES if code.startswith(load(name).bytecode))
