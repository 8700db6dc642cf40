"""What ``scenario.yaml`` says: frozen dataclasses that are the schema of the file as well.

Powers in kW and energies in kWh; consumption and charging are positive; efficiencies are one-way. A device with a rating of
0 counts as absent: see :func:`without_idle_devices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from gridbid.envs.format.forecast_specification import NoisyForecast, PerfectForecast, PersistenceForecast
from gridbid.envs.format.membership import Period
from gridbid.envs.format.named_series import SeriesSpec
from gridbid.envs.format.response_programme import ResponseSpec
from gridbid.envs.format.schema import Above0, AtLeast0, Bounds, Count, Efficiency, Index, Share
from gridbid.envs.format.tariff_specification import TariffSpec
from gridbid.market.grid.envelopes import Allocation

Kind = Literal["prosumer", "battery", "ev", "utility"]
Week = Annotated[int, Bounds(1, 53)]
Interval = Annotated[int, Bounds(1, 3_600)]


@dataclass(frozen=True)
class Load:
    """Inflexible consumption: rated power times a profile."""

    rated_kw: AtLeast0
    """Power at profile 1; 0 for a site without load."""
    profile: str
    """Column of profiles.parquet."""
    lag_rows: Index = 0
    """Rows of the profile by which this seat runs behind it, so that seats on one profile are not in step."""
    week_shift: Index = 0
    """Places by which this seat's weeks rotate among those of their split and season; see `gridbid.envs.timeline.week_shift`."""


@dataclass(frozen=True)
class Battery:
    """A stationary battery."""

    capacity_kwh: AtLeast0
    """Usable capacity."""
    power_kw: AtLeast0
    """Greatest AC power, either way."""
    charge_efficiency: Efficiency = 0.95
    """Stored over AC energy."""
    discharge_efficiency: Efficiency = 0.95
    """AC over stored energy."""
    wear_ct_per_kwh: AtLeast0 = 2.8
    """Wear for each AC kWh of throughput: half of 300 EUR/kWh over 6 000 cycles of 90 % depth."""
    initial_soc: Share = 0.5
    """State of charge at the start of an episode."""


@dataclass(frozen=True)
class ChargePoint:
    """A charge point and the car that comes to it."""

    power_kw: AtLeast0 = 11.0
    """Greatest AC charging power."""
    v2g_power_kw: AtLeast0 = 0.0
    """Greatest AC power fed back; 0 where the car can't."""
    battery_kwh: AtLeast0 = 75.0
    """Usable capacity of the car."""
    efficiency: Efficiency = 0.95
    """Stored over AC energy when charging, and its inverse when feeding back."""
    sessions_per_day: Share = 0.35
    """Chance that a car comes on a day; 0.35 is the median home user of Sørensen et al. 2024."""


@dataclass(frozen=True)
class HeatPump:
    """A heat pump with a heat store; the heat demand is power times profile times COP."""

    power_kw: AtLeast0
    """Electric power when on."""
    cop: Above0
    """Heat over electricity, a constant."""
    store_kwh: Above0
    """Heat that the store holds between its comfort limits."""
    profile: str
    """Column of profiles.parquet: electric power, if it only followed the demand, over rated power."""
    loss_per_h: Share = 0.01
    """Share of the stored heat that is lost in an hour."""
    lag_rows: Index = 0
    """Rows of the profile by which this seat runs behind it."""
    week_shift: Index = 0
    """Places by which this seat's weeks rotate, as its load's do."""


@dataclass(frozen=True)
class Pv:
    """A photovoltaic generator."""

    peak_kw: AtLeast0
    """Installed peak power."""
    profile: str
    """Column of profiles.parquet: generation over peak power."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """An agent: a meter with what is behind it, or the utility, which has none."""

    name: str
    """Name of the agent, unlike any other's."""
    kind: Kind
    """prosumer, battery, ev or utility; the utility is the last seat."""
    bus: Index
    """Bus of the network; 0, the source, for the utility."""
    import_limit_kw: AtLeast0
    """What the connection may draw."""
    export_limit_kw: AtLeast0
    """What the connection may feed in."""
    load: Load | None = None
    """Inflexible consumption; prosumers only."""
    pv: Pv | None = None
    """Generation; prosumers only."""
    battery: Battery | None = None
    """Battery; a battery seat has nothing else."""
    charge_point: ChargePoint | None = None
    """Charge point; an ev seat has nothing else."""
    heat_pump: HeatPump | None = None
    """Heat pump; prosumers only."""
    membership: tuple[Period, ...] = ()
    """When the seat is a member: otherwise it has no load, plan or order. None: the whole year."""


def without_idle_devices(seat: Seat) -> Seat:
    """The seat without what can neither draw, store nor give: devices that have a rating of 0."""
    load, pv, battery, point, pump = seat.load, seat.pv, seat.battery, seat.charge_point, seat.heat_pump
    return replace(
        seat,
        load=load if load and load.rated_kw > 0.0 else None,
        pv=pv if pv and pv.peak_kw > 0.0 else None,
        battery=battery if battery and min(battery.capacity_kwh, battery.power_kw) > 0.0 else None,
        charge_point=point if point and min(point.power_kw, point.battery_kwh) > 0.0 else None,
        heat_pump=pump if pump and pump.power_kw > 0.0 else None,
    )


@dataclass(frozen=True)
class GridSpec:
    """Bases of grid.parquet, and the reactive power of consumption."""

    base_kva: Above0
    """Base of per unit."""
    source_pu: Above0
    """Voltage at bus 0."""
    load_tan_phi: AtLeast0
    """Reactive over active energy of the loads."""


@dataclass(frozen=True)
class MarketSpec:
    """Parameters of the market (design section 4)."""

    n_ticks: Annotated[int, Bounds(1, 1024)] = 224
    """Price levels of a book."""
    tick_size_neur_per_wh: Count = 2_000
    """Step between levels."""
    max_fills: Count = 64
    """Fills of one order, at most."""
    rounds: Annotated[int, Bounds(1, 60)] = 1
    """Chances to bid within a slot's trading."""
    lead_slots: Annotated[int, Bounds(1, 1)] = 1
    """Slots from trading to delivery: a slot is traded while the one before it is delivered."""
    envelopes: Allocation | None = None
    """How the feeder's room is shared out, so that no limit of the grid is exceeded; absent: only the seats' own limits."""


@dataclass(frozen=True)
class PenaltySpec:
    """Prices in J for what is not on the bill."""

    unmet_ev_eur_per_kwh: AtLeast0 = 0.6
    """For energy that a car lacks at departure."""
    discomfort_eur_per_kwh_th: AtLeast0 = 0.5
    """For heat demand that went unserved."""
    envelope_eur_per_kwh: AtLeast0 = 1.0
    """For energy beyond an envelope."""
    overload_eur_per_kwh: AtLeast0 = 1.0
    """For energy above a branch's rating."""
    stored_energy_value_ct_per_kwh: AtLeast0 = 15.0
    """Value of a kWh left in a store, electric or thermal over COP."""


@dataclass(frozen=True)
class Splits:
    """Local weeks that are held out; every other complete week of the year is for training."""

    test: tuple[Week, ...] = (3, 7, 16, 20, 29, 33, 42, 46)
    """Weeks for final figures alone."""
    validation: tuple[Week, ...] = (11, 24, 37, 50)
    """Weeks to choose between policies."""


@dataclass(frozen=True)
class Licence:
    """Where data come from and under which terms they stand."""

    covers: str
    """Files, or what in them."""
    terms: str
    """Name of the licence."""
    attribution: str
    """Who is to be named."""


@dataclass(frozen=True, kw_only=True)
class Population:
    """How the seats were sampled: a record for readers, which nothing is computed from."""

    members: Count
    """Seats with a meter."""
    seed: Index
    """Of the sampling: the same record gives the same seats."""
    feeders: Count = 1
    """Branches at the source that members were put on."""
    pv_share: Share
    """Of the homes, with PV."""
    battery_share: Share
    """Of the homes, with a battery."""
    charge_point_share: Share
    """Of the members, that are charge points with meters of their own."""
    heat_pump_share: Share
    """Of the homes, with a heat pump."""
    load_spread: AtLeast0
    """Standard deviation of the logarithm of a member's load over its model's."""
    source: str
    """Scenario or data set that members were modelled on."""


@dataclass(frozen=True, kw_only=True)
class Specification:
    """The whole file."""

    format: Literal[1]
    """Version of this schema."""
    name: str
    """Short name, the folder's."""
    version: str
    """Version of the scenario; it changes with any figure in it."""
    title: str
    """One line for reports."""
    timezone: str
    """IANA name of the local zone, as Europe/Berlin."""
    year: Annotated[int, Bounds(1990, 2100)]
    """Nominal local calendar year of the profiles."""
    slot_seconds: Interval
    """Length of a slot; a whole part of an hour."""
    profile_seconds: Interval = 900
    """Time between the rows of profiles.parquet; a whole part of an hour."""
    grid: GridSpec
    """Bases of the network."""
    market: MarketSpec
    """Market parameters."""
    tariff: TariffSpec
    """What members pay and are paid."""
    response: ResponseSpec | None = None
    """Programme of demand response; absent: there are no events."""
    penalties: PenaltySpec
    """Prices of what is not on the bill."""
    splits: Splits
    """Held-out weeks."""
    forecast: PersistenceForecast | PerfectForecast | NoisyForecast | None = None
    """Forecast that everybody is issued; absent: persistence."""
    series: SeriesSpec | None = None
    """Real series of prices, carbon and charging; absent: all are drawn."""
    seats: tuple[Seat, ...]
    """Agents in order; the utility last."""
    population: Population | None = None
    """How the seats were sampled, where they were."""
    licences: tuple[Licence, ...]
    """Terms of the data."""
    sha256: Mapping[str, str]
    """SHA-256 of grid.parquet, profiles.parquet and the files of series."""
