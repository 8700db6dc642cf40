"""Traders by shout, seated: policies that run the rule's devices, offer the whole need, and let a trader name the price.

Prices move from slot to slot, so a seated trader thinks in shares of the band: 0 is the feed-in price, 1 is retail less the
fee. What a price leaves a trader is its gain: the share for a seller, 1 less the share for a buyer. Margins, targets and
memories are in these, and outlast a change of tariff.
"""
