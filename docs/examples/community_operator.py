"""For the operator of a community: contracts, two members, one slot from its terms to its settlement."""

from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.market.types import Side, Terms

ledger, slot = EmbeddedLedger(), 1_000_000
home, farm = ledger.register(), ledger.register()
for member in (home, farm):
    ledger.deposit(member, 10_000_000_000)  # 10 EUR in nEUR
ledger.deposit_supplier(10_000_000_000)  # what surpluses earn is paid from it
terms = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)
ledger.publish(slot, terms, import_limit_wh={home: 2_500}, export_limit_wh={farm: 7_500})
ledger.place(slot, farm, Side.SELL, tick=20, quantity_wh=2_000)
trade = ledger.place(slot, home, Side.BUY, tick=40, quantity_wh=1_200)
print("filled:", trade.fills)
ledger.advance_to((slot + 1) * ledger.slot_seconds)
for member, reading_wh in ((home, 1_300), (farm, -2_000)):
    ledger.submit_reading(slot, member, reading_wh)  # signed by the meter's key
    print(f"participant {member}: {ledger.settle(slot, member) / 1e9:+.6f} EUR")
print(f"supplier {ledger.supplier_balance() / 1e9:+.6f}, operator {ledger.operator_balance() / 1e9:+.6f} EUR")
