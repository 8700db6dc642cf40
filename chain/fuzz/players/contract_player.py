"""The contracts play: deployed on an EVM within the process, called as participants and keeper would call them."""

from collections.abc import Sequence

from eth_account import Account
from eth_account.signers.local import LocalAccount

from gridbid.chain.deployment.parameters import MarketParameters
from gridbid.chain.errors import LedgerError, RetryError
from gridbid.chain.fuzz.events import (
    DEADLINE_SECONDS,
    FIRST_DEPOSIT_NEUR,
    PARTICIPANTS,
    RING_SIZE,
    SLOT_SECONDS,
    START_SECONDS,
    STRANGER,
    SUPPLIER_DEPOSIT_NEUR,
    TICK_SIZE,
    Event,
    by_participant,
    terms_of,
)
from gridbid.chain.fuzz.players.direct import DirectNode, DirectSafe, DirectSigner
from gridbid.chain.fuzz.players.lens import Lens
from gridbid.chain.fuzz.players.player import Outcome, State, error, told
from gridbid.chain.ledgers.contract_ledger import ParticipantKeys, encodable
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.nodes.embedded import EmbeddedProvider
from gridbid.chain.signing.meter import Meter
from gridbid.chain.words.order_words import slot_of, unpack_fill, unpack_order
from gridbid.market.records import PlaceResult
from gridbid.market.types import Reject, Side

WALLET_NEUR = 10**18
"""Tokens that each participant holds beside its account."""
TOKEN_CAP_NEUR = 2**63 - 1
SWEPT_AT_ONCE = 256
DISPUTED = b"disputed".ljust(32, b"\0")

REJECTS = {reject.name.title().replace("_", ""): reject for reject in Reject if reject != Reject.NONE}
"""What a single order's revert says, by the error's name."""


class DirectLedger(EmbeddedLedger):
    """The ledger on contracts of its own, with senders that don't sign."""

    node: DirectNode

    def __init__(self, parameters: MarketParameters, now: int) -> None:
        super().__init__(parameters, now)
        provider = self.node.web3.provider
        assert isinstance(provider, EmbeddedProvider)
        self.node = DirectNode(provider)
        self._authority = self._direct_authority(self._require_authority().payer.account)

    def _direct_authority(self, owner: LocalAccount) -> DirectSafe:
        safe, accessor = map(self.deployment.interface, ("OperationsSafe", "SimulateTxAccessor"))
        return DirectSafe(self.node, safe.address, accessor.address, owner)

    def hold(self, participant: int, keys: ParticipantKeys) -> None:
        """Act for a participant from now on."""
        super().hold(participant, keys)
        self._signers[participant] = DirectSigner(self.node, keys.account)

    def sender(self, participant: int) -> DirectSigner:
        """A participant's account."""
        signer = self._signer(participant)
        assert isinstance(signer, DirectSigner)
        return signer

    def fund(self, participant: int) -> None:
        """Give a participant tokens, its account's first deposit, and the market leave to take more."""
        market, token = self.market, self.deployment.token
        self._require_authority().transact(
            token, "mint", self.sender(participant).address, WALLET_NEUR, bytes(32)
        )
        self.sender(participant).transact(token, "approve", market.address, 2**256 - 1)
        self.pay_in(participant, FIRST_DEPOSIT_NEUR)

    def pay_in(self, participant: int, amount_neur: int) -> None:
        """Deposit tokens that the participant holds."""
        self.sender(participant).transact(self.market, "deposit", participant, amount_neur)

    def set_meters_back(self) -> None:
        """Let all meters begin anew, as the chain does."""
        self._meters = {number: Meter(number, meter.key) for number, meter in self._meters.items()}

    def rule_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Have the participant challenge its reading, and the arbiter rule on it."""
        oracle = self.deployment.oracle
        self.sender(participant).transact(oracle, "challenge", participant, slot, DISPUTED)
        self._require_authority().transact(oracle, "rule", participant, slot, reading_wh, DISPUTED)

    def cancel_many(self, participant: int, orders: Sequence[int]) -> list[int]:
        """Cancel those of several orders that still rest; return them."""
        receipt = self.sender(participant).transact(self.market, "cancelMany", list(orders))
        told_words = [log.arguments["orderParticipantWh"] for log in self._decode_all(receipt)]
        return [unpack_order(word)[0] for word in told_words]

    def place_one(self, participant: int, request: OrderRequest) -> PlaceResult:
        """Place an order by the entry for one, which reverts with the reason where it is not admitted."""
        try:
            receipt = self.sender(participant).transact(self.market, "place", *encodable(request))
        except LedgerError as refused:
            if refused.name not in REJECTS:
                raise
            return PlaceResult(REJECTS[refused.name])
        logs = self._decode_all(receipt)
        result = PlaceResult()
        result.fills += [
            unpack_fill(log.arguments["makerOrderMakerTakerWh"]) for log in logs if log.name == "Traded"
        ]
        for log in logs:
            if log.name == "Placed":
                result.order, _, result.resting_wh = unpack_order(log.arguments["orderParticipantWh"])
        return result


class ContractPlayer:
    """Plays a log on the contracts; between logs the EVM goes back to where all participants had just paid in."""

    name = "contract"

    def __init__(self) -> None:
        parameters = MarketParameters(
            slot_seconds=SLOT_SECONDS,
            tick_size=TICK_SIZE,
            ring_size=RING_SIZE,
            deadline_seconds=DEADLINE_SECONDS,
            supply_cap_neur=TOKEN_CAP_NEUR,
            daily_mint_cap_neur=TOKEN_CAP_NEUR,
        )
        self._ledger = DirectLedger(parameters, START_SECONDS)
        for participant in PARTICIPANTS:
            assert self._ledger.register() == participant
            self._ledger.fund(participant)
        self._ledger.deposit_supplier(SUPPLIER_DEPOSIT_NEUR)
        stranger = Account.from_key(STRANGER.to_bytes(32))
        self._ledger.hold(STRANGER, ParticipantKeys(stranger, stranger))
        self._lens = Lens(self._ledger.chain.evm, self._ledger.market, self._ledger.deployment.token)
        self._beginning: int | None = None

    def reset(self) -> None:
        """Begin anew."""
        if self._beginning is not None:
            self._ledger.chain.revert(self._beginning)
        self._beginning = self._ledger.chain.snapshot()
        self._ledger.node.set_time(START_SECONDS)
        self._ledger.set_meters_back()
        self._slots: dict[int, int] = {}
        """The slots of the ring, by place."""

    def apply(self, event: Event) -> Outcome:
        """Execute one event."""
        try:
            return getattr(self, event["kind"])(event)
        except LedgerError as refused:
            return error(refused.name)

    def state(self) -> State:
        """Accounts, the tokens behind them, and of each slot in the ring terms, book and positions."""
        return self._lens.state(sorted(self._slots.values()))

    # --- events

    def advance(self, event: Event) -> Outcome:
        """Set the clock."""
        self._ledger.node.set_time(event["to"])

    def publish(self, event: Event) -> Outcome:
        """Open a slot."""
        slot = event["slot"]
        imports, exports, lines = (by_participant(event[name]) for name in ("imports", "exports", "lines"))
        terms = self._ledger.publish(slot, terms_of(event), imports, exports, lines)
        self._slots[slot % RING_SIZE] = slot
        return [list(terms), [self._lens.limits(slot, participant) for participant in PARTICIPANTS]]

    def place(self, event: Event) -> Outcome:
        """Place orders in one call; where cancelled ones lie in the way, sweep and try again."""
        requests = [
            OrderRequest(slot, Side(side), tick, wh, rest) for slot, side, tick, wh, rest in event["orders"]
        ]
        while True:
            try:
                return [told(result) for result in self._place(event["participant"], requests)]
            except RetryError as refused:
                if refused.name != "SweepNeeded":
                    raise
                self._sweep(refused)

    def cancel(self, event: Event) -> Outcome:
        """Cancel orders; tells which did rest. One alone goes by the entry for one."""
        participant, orders = event["participant"], event["orders"]
        if len(orders) != 1:
            return self._ledger.cancel_many(participant, orders)
        return orders if self._ledger.cancel(slot_of(orders[0]), participant, orders[0]) else []

    def reduce(self, event: Event) -> Outcome:
        """Reduce an order."""
        order = event["order"]
        return self._ledger.reduce(slot_of(order), event["participant"], order, event["by_wh"])

    def deposit(self, event: Event) -> Outcome:
        """Pay in."""
        self._ledger.pay_in(event["participant"], event["amount_neur"])

    def withdraw(self, event: Event) -> Outcome:
        """Pay out what is free."""
        return self._ledger.withdraw(event["participant"], event["amount_neur"])

    def suspend(self, event: Event) -> Outcome:
        """Suspend a participant."""
        self._ledger.suspend(event["participant"])

    def reinstate(self, event: Event) -> Outcome:
        """Reinstate a participant."""
        self._ledger.reinstate(event["participant"])

    def read(self, event: Event) -> Outcome:
        """Bring a metered reading."""
        self._ledger.submit_reading(event["slot"], event["participant"], event["reading_wh"])

    def correct(self, event: Event) -> Outcome:
        """Bring a metered reading once more."""
        self._ledger.correct_reading(event["slot"], event["participant"], event["reading_wh"])

    def rule(self, event: Event) -> Outcome:
        """Rule on a reading."""
        self._ledger.rule_reading(event["slot"], event["participant"], event["reading_wh"])

    def substitute(self, event: Event) -> Outcome:
        """Bring a substitute."""
        self._ledger.substitute_reading(event["slot"], event["participant"], event["reading_wh"])

    def settle(self, event: Event) -> Outcome:
        """Settle by the reading there is."""
        return self._ledger.settle(event["slot"], event["participant"])

    def _place(self, participant: int, requests: list[OrderRequest]) -> list[PlaceResult]:
        if len(requests) == 1:
            return [self._ledger.place_one(participant, requests[0])]
        return self._ledger.place_many(participant, requests)

    def _sweep(self, refused: RetryError) -> None:
        """Pass over cancelled orders as the error says: slot, side, tick. Raises it where none can be passed over."""
        slot, side, tick = (int(entry.split()[1]) for entry in refused.detail.split(", "))
        ledger = self._ledger
        if ledger.node.call(ledger.market, "sweep", slot, side, tick, SWEPT_AT_ONCE)[0] == 0:
            raise refused
