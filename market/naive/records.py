"""What the twin of the slot keeps of each participant, and what a delivered slot came to."""

from dataclasses import dataclass, field
from typing import NamedTuple

from gridbid.market.types import Account, Cost

Triple = tuple[float, float, float]
"""Battery, charge point, heat pump."""


@dataclass(frozen=True)
class Action:
    """What a participant decides in a round, in the tables' ranges."""

    offer: float = 0.0
    limit: float = 0.0
    follow: float = 0.0
    controls: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


class Order(NamedTuple):
    """A participant's order of a round; 0 Wh or less takes out what rests."""

    side: int
    tick: int
    quantity_wh: int


@dataclass
class Plan:
    """What is committed for a slot, and what was traded of it."""

    energy_kwh: Triple = (0.0, 0.0, 0.0)
    curtail: float = 0.0
    follow: float = 0.0
    bought_wh: int = 0
    sold_wh: int = 0
    paid_neur: int = 0
    received_neur: int = 0
    trimmed_kwh: float = 0.0
    """How far the plan differs from what was asked for, summed over devices."""

    @property
    def position_wh(self) -> int:
        """Bought less sold."""
        return self.bought_wh - self.sold_wh


@dataclass
class Stores:
    """Energy in a participant's stores, kWh: battery, car while plugged in, heat store (thermal)."""

    battery_kwh: float
    car_kwh: float
    heat_kwh: float


@dataclass
class Sums:
    """A participant's sums over the episode."""

    cash_neur: int = 0
    reading_wh: int = 0
    imbalance_wh: int = 0
    bought_wh: int = 0
    sold_wh: int = 0


@dataclass
class Member:
    """A participant's stores and their value, its meter, its plans and its sums."""

    stores: Stores
    stored_value_eur: float
    register_kwh: float = 0.0
    trading: Plan = field(default_factory=Plan)
    delivery: Plan = field(default_factory=Plan)
    sums: Sums = field(default_factory=Sums)


@dataclass
class Delivered:
    """One participant's delivered slot; ``cost_eur`` are the parts of J in the order of Cost."""

    reading_wh: int
    net_kwh: float
    curtailed_kwh: float
    cut_kwh: float
    breach_kwh: float
    unmet_kwh: float
    unserved_kwh: float
    energy_kwh: Triple
    imbalance_wh: int = 0
    cash_neur: int = 0
    fee_neur: int = 0
    voltage_pu: float = 0.0
    cost_eur: list[float] = field(default_factory=lambda: [0.0] * len(Cost))

    @property
    def throughput_kwh(self) -> float:
        """AC energy through the battery."""
        return abs(self.energy_kwh[0])


class DeliveredSlot(NamedTuple):
    """A community's delivered slot."""

    slot: int
    members: list[Delivered]
    feeder_kw: float
    losses_kwh: float
    overload_kwh: float


def no_accounts() -> dict[Account, int]:
    """The accounts beside the participants' own, all at 0 nEUR."""
    return dict.fromkeys(Account, 0)
