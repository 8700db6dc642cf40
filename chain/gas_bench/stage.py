"""The contracts on an anvil of their own, with participants who have credit, and a clock that is set."""

from collections.abc import Sequence
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3

from gridbid.chain.deployment.deploy import deploy
from gridbid.chain.deployment.governance import operations
from gridbid.chain.deployment.parameters import Governance, MarketParameters
from gridbid.chain.ledgers.contract_ledger import ContractLedger, ParticipantKeys
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.nodes.anvil import HARDFORK, AnvilNode, AnvilOptions
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.node import Node, Patience, Receipt, Signer
from gridbid.chain.signing.meter import pack_readings, sign_reading
from gridbid.chain.signing.relay import Batch, sign_batch
from gridbid.market.types import Side, Terms

SLOT_SECONDS = 900
FIRST_SLOT = 2_000_000
"""The first one that is opened, a multiple of the ring: a date in 2027, so that numbers are as long as on a real chain."""
RING_SIZE = 32
"""Small, so that it goes round soon. No figure of the bench depends on it: a word of storage is found by hashing the
number of its place, at the same cost for each place of a ring of any size."""
PARAMETERS = MarketParameters(
    SLOT_SECONDS,
    ring_size=RING_SIZE,
    max_age_seconds=20 * SLOT_SECONDS,
    challenge_seconds=3_600,
    ruling_seconds=3_600,
)
"""With times so short that the oracle's ring, which has to outlast them, is as small as the market's."""
PARTICIPANTS = 100
TERMS = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)
LIMIT_WH = 1_000_000
CREDIT_NEUR = 1_000 * 10**9
GAS = 29_000_000
FREE = Fees()
"""Gas costs nothing here, so no account needs ether."""


class Stage(ContractLedger):
    """A ledger that holds all keys, sets the clock, and hands out the receipts of what it does."""

    def __init__(self, anvil: AnvilNode) -> None:
        node = Node(Web3(HTTPProvider(anvil.http_url)), patience=Patience(poll_seconds=0.002))
        node.request("anvil_setNextBlockBaseFeePerGas", "0x0")
        owner = _account("authority")
        governance = Governance.by_one(owner.address)
        deployment = deploy(node, _account("deployer"), PARAMETERS, governance, fees=FREE)
        safe = operations(node, deployment, [owner], fees=FREE)
        super().__init__(node, deployment, authority=safe, fees=FREE)
        self._anyone = Signer(node, _account("anyone"), FREE)
        self._participants = self._nonce = 0

    def advance_to(self, seconds: int) -> None:
        """Set the clock, never back."""
        if seconds > self.now():
            self.node.request("evm_setNextBlockTimestamp", seconds)
            self.node.request("evm_mine")

    def fund(self, participant: int) -> None:
        """Give a participant tokens, and pay most of them into its account and its bond."""
        signer, token, auction = self._signer(participant), self.deployment.token, self.deployment.auction
        self._require_authority().transact(token, "mint", signer.address, 3 * CREDIT_NEUR, bytes(32))
        for contract in (self.market, auction):
            signer.transact(token, "approve", contract.address, 2 * CREDIT_NEUR)
        signer.transact(self.market, "deposit", participant, CREDIT_NEUR)
        signer.transact(auction, "depositBond", participant, CREDIT_NEUR)

    def open(self, slot: int, participants: Sequence[int]) -> Receipt:
        """Open a slot in which these may trade."""
        limits = dict.fromkeys(participants, LIMIT_WH)
        self.publish(slot, TERMS, limits, limits)
        return self.last_receipt()

    def act(self, participant: int, function: str, *arguments: Any) -> Receipt:
        """Let a participant call the market."""
        return self._signer(participant).transact(self.market, function, *arguments, gas=GAS)

    def bid(self, participant: int, function: str, *arguments: Any) -> Receipt:
        """Let a participant call the closing auction."""
        return self._signer(participant).transact(self.deployment.auction, function, *arguments, gas=GAS)

    def relay(self, participant: int, requests: Sequence[OrderRequest]) -> Receipt:
        """Let somebody bring orders that a participant has signed."""
        relay, account = self.deployment.relay, self._signer(participant).account
        batch = Batch(participant, (), tuple(requests), self._nonce, deadline=2**40)
        self._nonce += 1
        signature = sign_batch(batch, account, self.node.chain_id, relay.address)
        return self._anyone.transact(relay, "relay", batch.encoded(), account.address, signature, gas=GAS)

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
        return self._anyone.transact(oracle, "submitMany", slot, pack_readings(signed), gas=GAS)

    def settle_many(self, slot: int, participants: Sequence[int]) -> Receipt:
        """Settle these participants' slot in one transaction."""
        accounts = [self._signer(participant).address for participant in participants]
        return self._anyone.transact(self.market, "settleAccounts", slot, accounts, gas=GAS)

    def last_receipt(self) -> Receipt:
        """Receipt of the last transaction: each stands in a block of its own."""
        return self.node.receipt(self.node.latest_block()["transactions"][0])

    def deployment_receipts(self) -> dict[str, Receipt]:
        """Receipts of the transactions that made the contracts, by name."""
        return {
            name: self.node.receipt(record.transaction) for name, record in self.deployment.contracts.items()
        }

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
