"""A ledger on the contracts, on any node: views for all, transactions for those whose keys it holds."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_account import Account
from eth_account.signers.local import LocalAccount

from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.errors import SkipError, StopError, ledger_error
from gridbid.chain.ledgers.conditions import UNSTATED, Conditions
from gridbid.chain.ledgers.contract_view import ContractView
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.rpc.fees import Fees
from gridbid.chain.rpc.interface import DecodedLog
from gridbid.chain.rpc.node import DEFAULT_GAS, Node, Receipt, Sender, Signer
from gridbid.chain.signing.meter import Meter, Reading, sign_reading
from gridbid.chain.words.order_words import slot_of, unpack_fill, unpack_order, unpack_settling
from gridbid.market.records import PlaceResult
from gridbid.market.types import N_TICKS, Reject, Side, Terms
from gridbid.market.units import MAX_QUANTITY_WH

PRICE_RANGE = range(-(2**31), 2**31)
SLOT_RANGE = range(2**32)
LIMIT_RANGE = range(-(2**63), 2**63)
PUBLISH_GAS_A_SEAT = 80_000
SUBSTITUTE_METHOD = b"keeper's estimate"


@dataclass(frozen=True)
class ParticipantKeys:
    """What a participant signs with: its orders, and its meter's readings."""

    account: LocalAccount
    meter_key: LocalAccount


class ContractLedger(ContractView):
    """A Ledger; ``authority`` registers, publishes and substitutes, so a participant's own ledger has none.

    After ``deploy`` the authority is the operations Safe: ``governance.operations(node, deployment, owners)``.
    """

    def __init__(
        self,
        node: Node,
        deployment: Deployment,
        keys: Mapping[int, ParticipantKeys] | None = None,
        authority: Sender | None = None,
        fees: Fees | None = None,
    ) -> None:
        super().__init__(node, deployment)
        self._fees = fees
        self._authority = authority
        self._signers: dict[int, Signer] = {}
        self._meters: dict[int, Meter] = {}
        for participant, held in (keys or {}).items():
            self.hold(participant, held)

    def hold(self, participant: int, keys: ParticipantKeys) -> None:
        """Act for a participant from now on."""
        self._signers[participant] = Signer(self.node, keys.account, self._fees)
        self._meters[participant] = Meter(participant, keys.meter_key)

    def advance_to(self, seconds: int) -> None:
        """Wait until the chain has reached that time."""
        while self.now() < seconds:
            time.sleep(self.node.poll_seconds)

    # --- participants

    def register(self) -> int:
        """Admit one participant more, under new keys that this ledger holds; return its number."""
        keys = self._new_keys()
        registration = self.deployment.registration
        self._require_authority().transact(
            registration, "register", keys.account.address, keys.meter_key.address, gas=DEFAULT_GAS
        )
        participant = int(self.node.call(registration, "participantOf", keys.account.address)[0])
        self.hold(participant, keys)
        return participant

    def suspend(self, participant: int) -> None:
        """Keep a participant from placing orders."""
        self._require_authority().transact(self.deployment.registration, "suspend", participant)

    def reinstate(self, participant: int) -> None:
        """Let a suspended participant trade again."""
        self._require_authority().transact(self.deployment.registration, "reinstate", participant)

    def deposit(self, participant: int, amount_neur: int) -> None:
        """Pay tokens that the participant holds into its account."""
        signer = self._signer(participant)
        signer.transact(self.deployment.token, "approve", self.market.address, amount_neur)
        signer.transact(self.market, "deposit", participant, amount_neur)

    def withdraw(self, participant: int, amount_neur: int) -> bool:
        """Pay unlocked credit out; False when there is not enough."""
        try:
            self._signer(participant).transact(self.market, "withdraw", amount_neur)
        except SkipError as error:
            if error.name == "InsufficientCredit":
                return False
            raise
        return True

    def deposit_supplier(self, amount_neur: int) -> None:
        """Pay tokens that the authority holds into the supplier's account: what surpluses earn is paid from it."""
        authority = self._require_authority()
        authority.transact(self.deployment.token, "approve", self.market.address, amount_neur)
        authority.transact(self.market, "depositSupplier", amount_neur)

    # --- slots

    def publish(
        self,
        slot: int,
        terms: Terms,
        import_limit_wh: Mapping[int, int],
        export_limit_wh: Mapping[int, int],
        credit_line_neur: Mapping[int, int] = {},
        conditions: Conditions = UNSTATED,
    ) -> Terms:
        """Open a slot's book, with each participant's envelope; return the terms as published."""
        for name, price in terms._asdict().items():
            if price not in PRICE_RANGE:
                raise StopError("BadTerms", f"{name} is {price} nEUR/Wh; it must be within +-2^31")
        seats = [
            (
                participant,
                _clip(import_limit_wh.get(participant, 0)),
                _clip(export_limit_wh.get(participant, 0)),
                credit_line_neur.get(participant, 0),
            )
            for participant in sorted({*import_limit_wh, *export_limit_wh, *credit_line_neur})
        ]
        gas = DEFAULT_GAS + PUBLISH_GAS_A_SEAT * len(seats)
        self._require_authority().transact(
            self.market, "openSlot", slot, tuple(terms), tuple(conditions), seats, gas=gas
        )
        return self.terms(slot)

    # --- orders

    def place(
        self, slot: int, participant: int, side: Side, tick: int, quantity_wh: int, rest: bool = True
    ) -> PlaceResult:
        """Place an order; the result tells its fills, what rests of it, or why it was not admitted."""
        return self.place_many(participant, [OrderRequest(slot, side, tick, quantity_wh, rest)])[0]

    def place_many(self, participant: int, requests: Sequence[OrderRequest]) -> list[PlaceResult]:
        """Place several orders of one participant in one transaction."""
        gas = DEFAULT_GAS + DEFAULT_GAS // 16 * len(requests)
        words = [encodable(request) for request in requests]
        receipt = self._signer(participant).transact(self.market, "placeMany", words, gas=gas)
        return self._place_results(receipt)

    def cancel(self, slot: int, participant: int, order: int) -> bool:
        """Cancel a resting order of one's own; False when there is none or the gate has closed."""
        return self._take_off(slot, participant, order, "cancel")

    def reduce(self, slot: int, participant: int, order: int, by_wh: int) -> bool:
        """Take by_wh off a resting order of one's own, which keeps its place; False when it can't be."""
        if by_wh not in range(1, 2**32):
            return False
        return self._take_off(slot, participant, order, "reduce", by_wh)

    # --- settlement

    def submit_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Have the participant's meter count and sign a reading, and bring it to the oracle."""
        self._signer(participant)
        self._bring(self._meters[participant].read(slot, reading_wh))

    def correct_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Bring a reading once more, with the next sequence."""
        self._signer(participant)
        if slot not in self._meters[participant].readings:
            raise ledger_error("NothingToCorrect", f"participant {participant}, slot {slot}")
        self._bring(self._meters[participant].correct(slot, reading_wh))

    def substitute_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Stand in for a missing reading, after its deadline."""
        method = SUBSTITUTE_METHOD.ljust(32, b"\0")
        self._require_authority().transact(
            self.deployment.oracle, "substitute", participant, slot, reading_wh, method
        )

    def settle(self, slot: int, participant: int) -> int:
        """Settle by the reading there is, or by its difference to the one before; return the change of the balance."""
        signer = self._signer(participant) if self._authority is None else self._authority.payer
        receipt = signer.transact(self.market, "settle", slot, participant)
        settled = next(log for log in self._decode_all(receipt) if log.name == "Settled")
        return unpack_settling(*settled.arguments.values()).change_neur

    def _bring(self, reading: Reading) -> None:
        oracle, meter = self.deployment.oracle, self._meters[reading.meter]
        signature = sign_reading(reading, meter.key, self.node.chain_id, oracle.address)
        self._signer(reading.meter).transact(oracle, "submit", reading.words, signature[:32], signature[32:])
        meter.count(reading)

    def _new_keys(self) -> ParticipantKeys:
        return ParticipantKeys(Account.create(), Account.create())

    def _take_off(self, slot: int, participant: int, order: int, function: str, *arguments: int) -> bool:
        if slot_of(order) != slot:
            return False
        try:
            self._signer(participant).transact(self.market, function, order, *arguments)
        except SkipError:
            return False
        return True

    def _place_results(self, receipt: Receipt) -> list[PlaceResult]:
        """What became of each order of one placeMany: each ends with Placed, or with Handled when nothing rests."""
        results, current = [], PlaceResult()
        for told in self._decode_all(receipt):
            if told.name == "Traded":
                current.fills.append(unpack_fill(told.arguments["makerOrderMakerTakerWh"]))
                continue
            if told.name == "Placed":
                current.order, _, current.resting_wh = unpack_order(told.arguments["orderParticipantWh"])
            else:
                current.reject = Reject(told.arguments["reject"])
            results.append(current)
            current = PlaceResult()
        return results

    def _decode_all(self, receipt: Receipt) -> list[DecodedLog]:
        """The market's events in a receipt."""
        decoded = (self.market.decode_log(log) for log in receipt["logs"])
        return [log for log in decoded if log is not None]

    def _signer(self, participant: int) -> Signer:
        if participant not in self._signers:
            raise StopError("NoKeys", f"this ledger holds no keys of participant {participant}")
        return self._signers[participant]

    def _require_authority(self) -> Sender:
        if self._authority is None:
            raise StopError("NoAuthority", "this ledger was given no authority")
        return self._authority


def encodable(request: OrderRequest) -> tuple[int, int, int, int, bool]:
    """A request in the contract's widths; a value outside becomes one that the rules refuse for the same reason."""
    slot = request.slot if request.slot in SLOT_RANGE else SLOT_RANGE[-1]
    tick = request.tick if request.tick in range(N_TICKS) else N_TICKS
    quantity_wh = request.quantity_wh if request.quantity_wh in range(MAX_QUANTITY_WH) else 0
    return slot, int(Side(request.side)), tick, quantity_wh, request.rest


def _clip(limit_wh: int) -> int:
    """A limit in the contract's width; beyond it no limit binds differently."""
    return max(LIMIT_RANGE[0], min(int(limit_wh), LIMIT_RANGE[-1]))
