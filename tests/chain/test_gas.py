"""What orders cost: the measure against the EVM's own count, and the figures that the design sets."""

import pytest
from web3 import Web3

from gridbid.chain.deploy import MarketParameters
from gridbid.chain.embedded import EmbeddedProvider
from gridbid.chain.embedded_ledger import EmbeddedLedger
from gridbid.chain.evm import Message
from gridbid.chain.gas import cold_gas
from gridbid.chain.ledger import OrderRequest
from gridbid.market.types import Side, Terms

TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
N_PARTICIPANTS = 18
RING_SIZE = 32
STORE_ARGUMENT = "5f355f55"
"""sstore(0, calldataload(0)): 2 + 3 + 2 gas beside the store."""
BASE_GAS = 21_000 + 31 * 4 + 16 + 7


@pytest.fixture
def store() -> tuple[EmbeddedProvider, str]:
    """A contract that stores its argument in word 0, which is empty."""
    provider = EmbeddedProvider()
    web3 = Web3(provider)
    transaction = {"from": provider.accounts[0], "data": f"0x63{STORE_ARGUMENT}5f526004601cf3"}
    receipt = web3.eth.wait_for_transaction_receipt(web3.eth.send_transaction(transaction))
    return provider, str(receipt["contractAddress"])


def store_gas(store: tuple[EmbeddedProvider, str], value: int) -> int:
    provider, contract = store
    return cold_gas(provider.chain, Message(provider.accounts[0], contract, value.to_bytes(32)))


def test_the_first_touch_costs_what_the_evm_charges(store: tuple[EmbeddedProvider, str]):
    """Nothing is warm yet, so here the EVM's own count is right."""
    provider, contract = store
    message = Message(provider.accounts[0], contract, (5).to_bytes(32))
    charged = provider.chain.call(message).gas_used
    assert cold_gas(provider.chain, message) == charged == BASE_GAS + 20_000 + 2_100


def test_later_transactions_find_the_word_cold_again(store: tuple[EmbeddedProvider, str]):
    """EIP-2929: 2 900 + 2 100 to change a word, 100 + 2 100 to leave it; EIP-3529: 4 800 back for clearing it."""
    provider, contract = store
    message = Message(provider.accounts[0], contract, (5).to_bytes(32))
    provider.chain.transact(message, "0x" + "11" * 32, 1)
    assert store_gas(store, 6) == BASE_GAS + 5_000
    assert store_gas(store, 5) == BASE_GAS + 2_200
    assert store_gas(store, 0) == BASE_GAS - 16 + 4 + 5_000 - 4_800
    assert provider.chain.storage(contract, 0) == 5


def test_a_deployment_has_its_gas_in_the_receipt(store: tuple[EmbeddedProvider, str]):
    with pytest.raises(ValueError, match="a deployment finds no storage"):
        cold_gas(store[0].chain, Message(store[0].accounts[0], None, b""))


class Session:
    """A market in which the same trading is done in one slot after another."""

    def __init__(self) -> None:
        self.ledger = EmbeddedLedger(MarketParameters(900, ring_size=RING_SIZE))
        self.participants = [self.ledger.register() for _ in range(N_PARTICIPANTS)]
        for participant in self.participants:
            self.ledger.deposit(participant, 10**13)
        self.figures: dict[str, int] = {}

    def run(self, first_slot: int) -> None:
        """Trade in 17 slots, measuring on the way, then settle them: so their storage can be recycled."""
        slots = range(first_slot, first_slot + 17)
        limits = dict.fromkeys(self.participants, 1_000_000)
        for slot in slots:
            self.ledger.publish(slot, TERMS, limits, limits)
        self.rest(first_slot)
        self.take(first_slot)
        self.cancel(first_slot)
        self.bundle(slots)
        self.ledger.advance_to((slots[-1] + 1) * 900)
        for slot in slots:
            for participant in self.participants:
                self.ledger.submit_reading(slot, participant, 5)
                self.ledger.settle(slot, participant)

    def rest(self, slot: int) -> None:
        self.measure("rest, new tick", 1, "place", slot, Side.SELL, 100, 1_000, True)
        for participant in self.participants[:7]:
            self.ledger.place(slot, participant, Side.SELL, 100, 1_000)
            if participant in (2, 6):
                name = f"rest, behind {participant}"
                self.measure(name, participant + 1, "place", slot, Side.SELL, 100, 1_000, True)

    def take(self, slot: int) -> None:
        self.measure("one fill, whole", 12, "place", slot, Side.BUY, 100, 1_000, False)
        self.measure("one fill, in part", 12, "place", slot, Side.BUY, 100, 500, False)
        self.measure("five fills", 12, "place", slot, Side.BUY, 100, 5_000, False)
        self.ledger.place(slot, 12, Side.BUY, 100, 5_000, False)

    def cancel(self, slot: int) -> None:
        for participant in (13, 14):
            order = self.ledger.place(slot, participant, Side.BUY, 99, 1_000).order
        self.measure("cancel", 14, "cancel", order)
        last = self.ledger.place(slot, 14, Side.BUY, 90, 1_000).order
        self.measure("cancel, last of its tick", 14, "cancel", last)

    def bundle(self, slots: range) -> None:
        one_slot = [OrderRequest(slots[0], Side.BUY, 50 + i, 100) for i in range(16)]
        one_each = [OrderRequest(slot, Side.BUY, 50, 100) for slot in slots[1:]]
        self.measure("16 orders in one slot", 18, "placeMany", one_slot)
        self.ledger.place_many(18, one_slot)
        self.measure("16 orders in 16 slots", 18, "placeMany", one_each)
        self.ledger.place_many(17, one_each)
        self.ledger.place_many(18, one_each)

    def measure(self, name: str, participant: int, function: str, *arguments: object) -> None:
        market = self.ledger.market
        data = market.encode_call(function, *arguments)
        sender = self.ledger._signer(participant).address
        self.figures[name] = cold_gas(self.ledger.chain, Message(sender, market.address, data))


LIMITS = {
    "rest, new tick": 50_000,
    "rest, behind 2": 50_000,
    "rest, behind 6": 50_000,
    "one fill, whole": 56_000,
    "one fill, in part": 56_000,
    "five fills": 86_000,
    "cancel": 46_000,
    "cancel, last of its tick": 49_000,
    "16 orders in one slot": 16 * 15_000,
    "16 orders in 16 slots": 16 * 26_000,
}


def test_orders_cost_no_more_than_the_design_says():
    """On recycled storage: the same trading has been done a turn of the ring before."""
    session = Session()
    session.run(RING_SIZE)
    session.run(2 * RING_SIZE)
    print(session.figures)
    assert {name: gas for name, gas in session.figures.items() if gas > LIMITS[name]} == {}
    assert session.figures.keys() == LIMITS.keys()
