"""What ``tariff:`` in ``scenario.yaml`` says: from the wholesale price to what members pay and are paid.

Where there is a choice, ``kind`` says which. Hours are of the local clock; a slot belongs to where it begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from gridbid.envs.format.schema import Bounds, Pattern, Share

Price = Annotated[float, Bounds(-1_000.0, 1_000.0)]
Fee = Annotated[float, Bounds(0.0, 1_000.0)]
Month = Annotated[int, Bounds(1, 12)]
Quarter = Annotated[int, Bounds(1, 4)]
Days = Literal["all", "weekdays", "weekend"]
HourRange = Annotated[
    str,
    Pattern(
        r"^(?!(.{5})-\1$)([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        'a range of the local clock, as "17:00-20:30", or "22:00-06:00" over midnight',
    ),
]


@dataclass(frozen=True, kw_only=True)
class FlatPrice:
    """One price for all slots."""

    kind: Literal["flat"] = "flat"
    """One price for all slots."""
    price_ct_per_kwh: Price
    """What the supplier asks for energy."""


@dataclass(frozen=True, kw_only=True)
class PriceWindow:
    """A named part of the year with a price of its own."""

    name: str
    """Name on the bill."""
    price_ct_per_kwh: Price
    """What the supplier asks for energy."""
    months: tuple[Month, ...] = ()
    """1 for January to 12; none named: all."""
    days: Days = "all"
    """Weekdays are Monday to Friday; public holidays are not known."""
    hours: tuple[HourRange, ...] = ()
    """Ranges of the local clock, quoted; none named: the whole day."""


@dataclass(frozen=True, kw_only=True)
class TimeOfUsePrice:
    """A price by window."""

    kind: Literal["time_of_use"] = "time_of_use"
    """A price by window of months, days and hours."""
    windows: tuple[PriceWindow, ...]
    """The first that a slot lies in counts; every slot must lie in one."""


@dataclass(frozen=True, kw_only=True)
class DayAheadPrice:
    """The wholesale price of the slot and what the supplier adds."""

    kind: Literal["day_ahead"] = "day_ahead"
    """The wholesale price of the slot and an adder."""
    adder_ct_per_kwh: Price
    """Added to the wholesale price: the supplier's margin, and all else that has no line of its own."""


@dataclass(frozen=True, kw_only=True)
class FlatNetworkFee:
    """One network fee for all slots."""

    kind: Literal["flat"] = "flat"
    """One fee for all slots."""
    price_ct_per_kwh: Fee
    """Per kWh drawn from the supplier."""


@dataclass(frozen=True, kw_only=True)
class QuarterHours:
    """When the high and the low level hold in some quarters of the year; otherwise it is the standard level."""

    quarters: tuple[Quarter, ...]
    """1 is January to March."""
    high: tuple[HourRange, ...] = ()
    """Ranges of the local clock at the high level, every day."""
    low: tuple[HourRange, ...] = ()
    """Ranges of the local clock at the low level, every day."""


@dataclass(frozen=True, kw_only=True)
class TimeVariableNetworkFee:
    """Three levels in fixed windows, published once a year, as module 3 under § 14a EnWG has it."""

    kind: Literal["time_variable"] = "time_variable"
    """Three levels in windows by quarter of the year."""
    standard_ct_per_kwh: Fee
    """Outside the windows."""
    high_ct_per_kwh: Fee
    """At least the standard level."""
    low_ct_per_kwh: Fee
    """At most the standard level."""
    windows: tuple[QuarterHours, ...]
    """By quarter of the year; a quarter that isn't named has the standard level throughout."""


@dataclass(frozen=True, kw_only=True)
class FixedFeedIn:
    """One price for all that is fed in."""

    kind: Literal["fixed"] = "fixed"
    """One price for all slots."""
    price_ct_per_kwh: Price = 7.86
    """Paid by the supplier."""
    unpaid_when_negative: bool = False
    """Nothing is paid in slots of a negative wholesale price, as § 51 EEG has it for PV from 25 February 2025 on."""


@dataclass(frozen=True, kw_only=True)
class SpotFeedIn:
    """The wholesale price of the slot less what its marketing costs."""

    kind: Literal["spot"] = "spot"
    """The wholesale price of the slot less a margin."""
    margin_ct_per_kwh: Fee
    """Kept by the supplier."""
    unpaid_when_negative: bool = False
    """Nothing is paid, and nothing asked, in slots of a negative wholesale price."""


@dataclass(frozen=True, kw_only=True)
class FixedLocalFee:
    """One network fee on local energy."""

    kind: Literal["fixed"] = "fixed"
    """One fee for all slots."""
    price_ct_per_kwh: Fee = 5.0
    """Paid by the buyer on top of the price; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class ShareLocalFee:
    """A reduced network fee on local energy."""

    kind: Literal["share"] = "share"
    """A share of the network fee of the slot."""
    share: Share
    """Of the network fee of the slot."""


@dataclass(frozen=True, kw_only=True)
class TariffSpec:
    """The lines of the retail price add up: energy, network fee, components, and VAT on their sum."""

    energy: FlatPrice | TimeOfUsePrice | DayAheadPrice = DayAheadPrice(adder_ct_per_kwh=20.0)
    """Price of energy."""
    network_fee: FlatNetworkFee | TimeVariableNetworkFee | None = None
    """Network fee on what is drawn from the supplier; absent: the energy price holds it."""
    components_ct_per_kwh: Mapping[str, Price] = field(default_factory=dict)
    """Further lines by name, as electricity tax, concession fee, levies, margin."""
    vat_share: Share = 0.0
    """Value-added tax on all lines above; 0 where they hold it."""
    feed_in: FixedFeedIn | SpotFeedIn = FixedFeedIn()
    """Paid for what the supplier takes; lowered where feed-in and local fee would exceed retail (rule 8)."""
    local_fee: FixedLocalFee | ShareLocalFee = FixedLocalFee()
    """Network fee that a buyer pays on energy traded in the community."""
