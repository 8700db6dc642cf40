"""What a slot costs: readings and positions into integer cash (rule 9), and into the bill of J."""

from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.rules import imbalance_neur
from gridbid.market.state import State
from gridbid.market.tariff import feed_in_price, retail_price
from gridbid.market.types import Account, Cost
from gridbid.market.units import NEUR_PER_EUR

_SUPPLIER, _OPERATOR, _OUTSIDE = int(Account.SUPPLIER), int(Account.OPERATOR), int(Account.OUTSIDE)
_BILL = int(Cost.BILL)


@kernel
def settle_slot(community: Community, state: State, b: int, slot: int) -> None:
    """Settle community b's delivered slot: imbalance at retail or feed-in, fees to the operator, wholesale outside.

    The supplier buys what the community takes from outside, and sells what it gives, at the wholesale price.
    """
    delivery, delivered, totals = state.delivery, state.delivered, state.totals
    retail = retail_price(community, state, b, slot)
    feed_in = feed_in_price(community, state, b, slot)
    wholesale = community.series.wholesale[state.clock.sample[b], slot]
    fee_price = community.series.fee[slot]
    accounts = totals.accounts_neur
    for i in range(community.sites.bus.size):
        position_wh = delivery.bought_wh[b, i] - delivery.sold_wh[b, i]
        imbalance_wh = delivered.reading_wh[b, i] - position_wh
        supplier = imbalance_neur(imbalance_wh, retail, feed_in)
        fee = delivery.bought_wh[b, i] * fee_price
        cash = delivery.received_neur[b, i] - delivery.paid_neur[b, i] - fee - supplier
        outside = imbalance_wh * wholesale
        accounts[b, _SUPPLIER] += supplier - outside
        accounts[b, _OPERATOR] += fee
        accounts[b, _OUTSIDE] += outside
        delivered.imbalance_wh[b, i] = imbalance_wh
        delivered.cash_neur[b, i] = cash
        delivered.fee_neur[b, i] = fee
        totals.cash_neur[b, i] += cash
        totals.reading_wh[b, i] += delivered.reading_wh[b, i]
        totals.imbalance_wh[b, i] += imbalance_wh
        totals.bought_wh[b, i] += delivery.bought_wh[b, i]
        totals.sold_wh[b, i] += delivery.sold_wh[b, i]
        state.cost_eur[b, i, _BILL] -= cash / NEUR_PER_EUR
