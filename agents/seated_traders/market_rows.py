"""Where the market stands in a kind's row: what `gridbid.agents.baselines.rows` is for devices."""

from typing import NamedTuple

from gridbid.envs.fields import METERED, observation_fields, observation_index


class MarketColumns(NamedTuple):
    """Where observation fields of the market and the clock begin in a kind's row."""

    hour_sin: int
    hour_cos: int
    round: int
    retail_ct: int
    feed_in_ct: int
    fee_ct: int
    position: int
    delivery_position: int
    best_bid: int
    best_ask: int
    last_price: int
    car_plugged: int
    """-1 where the kind has no car."""


def _columns(kind: str) -> MarketColumns:
    index = observation_index(kind)
    return MarketColumns(*(index[name].start if name in index else -1 for name in MarketColumns._fields))


MARKET_COLUMNS = {kind: _columns(kind) for kind in METERED}

NO_QUOTE_CT = {
    kind: -0.5 * {field.name: field.scale for field in observation_fields(kind)}["best_bid"]
    for kind in METERED
}
"""What stands in place of a price, in ct/kWh above feed-in, where there is none."""
