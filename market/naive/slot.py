"""Plain twin of the whole step (design section 5) for one community: a slot traded, delivered and settled.

Written from the rules, one participant at a time, in Python numbers; each part has a file beside this one. Integers come
out as the engine's, floats to rounding.
"""

from gridbid.market.community import Community
from gridbid.market.demand_response.types import Refusal
from gridbid.market.naive.book import NaiveBook
from gridbid.market.naive.delivery import deliver_member, stored_value_eur
from gridbid.market.naive.episode import Episode
from gridbid.market.naive.feeder import overload_shares, report_feeder
from gridbid.market.naive.planning import commit, room_wh
from gridbid.market.naive.randomness import arrival_order
from gridbid.market.naive.records import Action, DeliveredSlot, Member, Order, Plan, no_accounts
from gridbid.market.naive.response import NaiveResponse
from gridbid.market.naive.settlement import settle_member
from gridbid.market.naive.tariff import Tariff
from gridbid.market.types import Cost, Fill, Reject, Side
from gridbid.market.units import MAX_QUANTITY_WH


class NaiveCommunity:
    """One community through an episode of ``n_slots`` slots from ``start`` on."""

    def __init__(
        self,
        community: Community,
        start: int,
        n_slots: int,
        sample: int,
        seed: int,
        identity: int,
        response: NaiveResponse | None = None,
    ) -> None:
        """``response`` is demand response as the days before left it; None without."""
        self.episode = Episode(community, start, start + n_slots, sample, seed, identity)
        self.slot, self.round = start, 0
        self.tariff = Tariff(self.episode)
        self.members = [self._new_member(i) for i in range(community.n_participants)]
        self.accounts = no_accounts()
        self.book = self._new_book()
        self.response = response
        if response is not None:
            response.begin_episode(start, start + n_slots)
        self.fills: list[Fill] = []
        """The last round's fills."""
        self.rejected = [Reject.NONE] * community.n_participants
        """Why the last round's orders were not admitted, by participant."""
        self.last_price: int | None = None
        """Price of the last fill, nEUR/Wh."""

    @property
    def finished(self) -> bool:
        """Whether the episode has ended."""
        return self.slot == self.episode.end

    def play_round(self, actions: list[Action], shift: int = 0) -> list[DeliveredSlot]:
        """One round with everybody on the action face; return the slots that it delivered."""
        self.announce(shift)
        self.trade(self.commit(actions))
        return self.close()

    def announce(self, shift: int) -> None:
        """The utility's shift of tomorrow's retail price, nEUR/Wh; it counts in round 0 only."""
        if self.round == 0:
            self.tariff.announce(self.slot, shift)

    def call_event(self, target_wh: int, rate: int) -> Refusal:
        """Call an event of ``target_wh`` in each slot at a rate, nEUR/Wh; it counts in round 0 only."""
        if self.response is None or self.round != 0 or target_wh <= 0:
            return Refusal.NONE
        return self.response.call(self.slot, target_wh, rate)

    def commit(self, actions: list[Action]) -> list[Order]:
        """Commit everybody's plan; return the orders that their needs ask for."""
        prices = self.tariff.prices(self.slot)
        return [
            commit(self.episode, i, member, self.slot, prices, action)
            for i, (member, action) in enumerate(zip(self.members, actions, strict=True))
        ]

    def trade(self, orders: list[Order]) -> None:
        """Process a round's orders, one a participant, in the order in which they arrive."""
        self.begin_round()
        for i in self.arrivals():
            self.trade_one(i, orders[i])

    def begin_round(self) -> None:
        """Forget what the last round reported."""
        self.fills, self.rejected = [], [Reject.NONE] * len(self.members)

    def arrivals(self) -> list[int]:
        """The order in which orders arrive in the round to come (rule 11)."""
        episode = self.episode
        return arrival_order(episode.seed, episode.identity, self.slot, self.round, len(self.members))

    def trade_one(self, i: int, order: Order) -> None:
        """Process participant i's order."""
        self.rejected[i] = Reject.NONE
        if self._reduces_in_place(i, order) or order.quantity_wh == 0:
            return
        self.rejected[i] = self._admission(i, order)
        if self.rejected[i] == Reject.NONE:
            fills, _, _ = self.book.place(i, *order)
            for fill in fills:
                self._enter(fill, order.side)
            self.fills += fills

    def close(self) -> list[DeliveredSlot]:
        """End the round; after the last one the gate closes, and the slot before is delivered and settled.

        The last slot of the episode is delivered at once.
        """
        self.round += 1
        if self.round < self.episode.community.rules.rounds:
            return []
        delivered = [self._deliver(self.slot - 1)] if self.slot > self.episode.start else []
        if self.response is not None and not delivered:
            self.response.begin_first_slot()
        for member in self.members:
            member.delivery, member.trading = member.trading, Plan()
        self.slot, self.round = self.slot + 1, 0
        self.book = self._new_book()
        return [*delivered, self._deliver(self.slot - 1)] if self.finished else delivered

    # --- beginning

    def _new_member(self, i: int) -> Member:
        member = Member(self.episode.first_stores(i), 0.0)
        member.stored_value_eur = stored_value_eur(self.episode, i, member, self.episode.start)
        return member

    def _new_book(self) -> NaiveBook:
        rules = self.episode.community.rules
        return NaiveBook(self.slot, rules.n_ticks, rules.max_fills)

    # --- trading

    def _reduces_in_place(self, i: int, order: Order) -> bool:
        """Take out what rests of i's; but when the new order only reduces it, it keeps its place (rule 5)."""
        for (side, tick), queue in self.book.queues.items():
            for resting in list(queue):
                if resting.participant == i:
                    if (side, tick) == order[:2] and 0 < order.quantity_wh <= resting.quantity_wh:
                        resting.quantity_wh = order.quantity_wh
                        return True
                    queue.remove(resting)
        return False

    def _admission(self, i: int, order: Order) -> Reject:
        """Rule 6, as far as it concerns an environment: membership, quantity, tick, envelope."""
        if not self.episode.is_present(i, self.slot):
            return Reject.NOT_REGISTERED
        if not 0 < order.quantity_wh < MAX_QUANTITY_WH:
            return Reject.BAD_QUANTITY
        if not 0 <= order.tick < self.episode.community.rules.n_ticks:
            return Reject.BAD_TICK
        within = order.quantity_wh <= room_wh(self.episode, i, self.members[i].trading, order.side)
        return Reject.NONE if within else Reject.ENVELOPE

    def _enter(self, fill: Fill, taker_side: int) -> None:
        """Enter a fill in both positions, at the resting order's price; the fee is settled with the slot."""
        floor = self.tariff.prices(self.slot).feed_in
        self.last_price = floor + fill.tick * self.episode.community.rules.tick_size
        cash_neur = fill.quantity_wh * self.last_price
        buyer, seller = (fill.taker, fill.maker) if taker_side == Side.BUY else (fill.maker, fill.taker)
        self.members[buyer].trading.bought_wh += fill.quantity_wh
        self.members[buyer].trading.paid_neur += cash_neur
        self.members[seller].trading.sold_wh += fill.quantity_wh
        self.members[seller].trading.received_neur += cash_neur

    # --- delivery and settlement

    def _deliver(self, slot: int) -> DeliveredSlot:
        """Deliver a slot by the local rule, settle it, and run the feeder under it."""
        community, prices = self.episode.community, self.tariff.prices(slot)
        delivered = [deliver_member(self.episode, i, member, slot) for i, member in enumerate(self.members)]
        for member, one in zip(self.members, delivered, strict=True):
            settle_member(member, one, prices, self.accounts)
        if self.response is not None:
            self.response.settle(delivered, self.members, self.accounts)
        net_kwh = [one.net_kwh for one in delivered]
        feeder = report_feeder(community, slot, net_kwh)
        price_eur = community.penalties.overload * feeder.overload_kwh
        present = [self.episode.is_present(i, slot) for i in range(len(net_kwh))]
        for i, share in enumerate(overload_shares(net_kwh, present, feeder.feeder_kw)):
            delivered[i].voltage_pu = feeder.voltage_pu[community.sites.bus[i]]
            delivered[i].cost_eur[Cost.VIOLATION] += price_eur * share
        return DeliveredSlot(slot, delivered, feeder.feeder_kw, feeder.losses_kwh, feeder.overload_kwh)
