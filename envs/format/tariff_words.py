"""A tariff in words, a line a part."""

from collections.abc import Iterator

from gridbid.envs.format.tariff_specification import (
    DayAheadPrice,
    FixedFeedIn,
    FixedLocalFee,
    FlatNetworkFee,
    FlatPrice,
    PriceWindow,
    TariffSpec,
    TimeVariableNetworkFee,
)


def tariff_words(tariff: TariffSpec) -> dict[str, str]:
    """What each part of a tariff is, by its name."""
    words = {"energy": _energy(tariff)}
    if tariff.network_fee is not None:
        words["network fee"] = _network_fee(tariff.network_fee)
    words |= {name: _ct(price) for name, price in tariff.components_ct_per_kwh.items()}
    if tariff.vat_share > 0.0:
        words["VAT"] = f"{100 * tariff.vat_share:g} % of the lines above"
    return words | {"feed-in": _feed_in(tariff), "local fee": _local_fee(tariff)}


def _energy(tariff: TariffSpec) -> str:
    if isinstance(tariff.energy, DayAheadPrice):
        return f"day-ahead price + {_ct(tariff.energy.adder_ct_per_kwh)}"
    if isinstance(tariff.energy, FlatPrice):
        return _ct(tariff.energy.price_ct_per_kwh)
    return "; ".join(
        f"{window.name} {_ct(window.price_ct_per_kwh)} ({', '.join(_when(window))})"
        for window in tariff.energy.windows
    )


def _when(window: PriceWindow) -> Iterator[str]:
    if window.months:
        yield "months " + ", ".join(map(str, window.months))
    if window.days != "all":
        yield window.days
    yield from window.hours
    if not window.months and window.days == "all" and not window.hours:
        yield "otherwise"


def _network_fee(fee: FlatNetworkFee | TimeVariableNetworkFee) -> str:
    if isinstance(fee, FlatNetworkFee):
        return _ct(fee.price_ct_per_kwh)
    quarters = sorted(quarter for window in fee.windows for quarter in window.quarters)
    return (
        f"low {fee.low_ct_per_kwh:g}, standard {fee.standard_ct_per_kwh:g}, high {_ct(fee.high_ct_per_kwh)}, "
        f"by windows in the quarters {', '.join(map(str, quarters))}"
    )


def _feed_in(tariff: TariffSpec) -> str:
    feed_in = tariff.feed_in
    if isinstance(feed_in, FixedFeedIn):
        price = _ct(feed_in.price_ct_per_kwh)
    else:
        price = f"day-ahead price - {_ct(feed_in.margin_ct_per_kwh)}"
    return (
        f"{price}; nothing while the day-ahead price is negative" if feed_in.unpaid_when_negative else price
    )


def _local_fee(tariff: TariffSpec) -> str:
    if isinstance(tariff.local_fee, FixedLocalFee):
        return _ct(tariff.local_fee.price_ct_per_kwh)
    return f"{100 * tariff.local_fee.share:g} % of the network fee"


def _ct(price_ct_per_kwh: float) -> str:
    return f"{price_ct_per_kwh:g} ct/kWh"
