"""Plain twin of settlement (rules 9 and 10): a delivered slot's readings into cash, and into the bill of J."""

from gridbid.market.naive.records import Delivered, Member
from gridbid.market.naive.tariff import Prices
from gridbid.market.types import Account, Cost
from gridbid.market.units import NEUR_PER_EUR


def settle_member(member: Member, delivered: Delivered, prices: Prices, accounts: dict[Account, int]) -> None:
    """Settle one participant's slot: changes what it delivered, its sums, and the accounts beside the participants'."""
    plan = member.delivery
    imbalance_wh = delivered.reading_wh - plan.position_wh
    shortage_wh, surplus_wh = max(0, imbalance_wh), max(0, -imbalance_wh)
    to_supplier_neur = shortage_wh * prices.retail - surplus_wh * prices.feed_in
    to_operator_neur = plan.bought_wh * prices.fee
    to_outside_neur = imbalance_wh * prices.wholesale
    cash_neur = plan.received_neur - plan.paid_neur - to_supplier_neur - to_operator_neur
    accounts[Account.SUPPLIER] += to_supplier_neur - to_outside_neur
    accounts[Account.OPERATOR] += to_operator_neur
    accounts[Account.OUTSIDE] += to_outside_neur
    delivered.imbalance_wh, delivered.cash_neur = imbalance_wh, cash_neur
    delivered.fee_neur = to_operator_neur
    delivered.cost_eur[Cost.BILL] = -cash_neur / NEUR_PER_EUR
    sums = member.sums
    sums.cash_neur += cash_neur
    sums.reading_wh += delivered.reading_wh
    sums.imbalance_wh += imbalance_wh
    sums.bought_wh += plan.bought_wh
    sums.sold_wh += plan.sold_wh
