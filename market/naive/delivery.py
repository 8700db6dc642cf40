"""Plain twin of delivery: one participant's slot by the local rule, its meter, and what it costs beside the bill."""

import math

from gridbid.market.naive.devices import Range, stores_after
from gridbid.market.naive.episode import Episode
from gridbid.market.naive.planning import dispatch, site_ranges
from gridbid.market.naive.records import Delivered, Member
from gridbid.market.types import Cost
from gridbid.market.units import WH_PER_KWH


def deliver_member(episode: Episode, i: int, member: Member, slot: int) -> Delivered:
    """Run participant i's slot: dispatch, envelope, stores, meter, and the costs that are its own."""
    community, plan, stores = episode.community, member.delivery, member.stores
    if not episode.is_present(i, slot):
        return Delivered(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, (0.0, 0.0, 0.0))
    brings_kwh = episode.arrival_kwh(i, slot)
    if brings_kwh is not None:
        stores.car_kwh = brings_kwh
    car, weather = episode.car(i, slot), episode.weather(i, slot)
    ranges = site_ranges(episode, i, stores, car, slot, weather.heat_kwh)
    curtailed_kwh = plan.curtail * weather.pv_kwh
    energy = dispatch(plan, ranges, weather, curtailed_kwh)
    held_back_kwh, cut_kwh, breach_kwh = keep_envelope(
        energy,
        ranges,
        weather.net_kwh + curtailed_kwh,
        weather.pv_kwh - curtailed_kwh,
        int(community.sites.import_limit_wh[i]) / WH_PER_KWH,
        int(community.sites.export_limit_wh[i]) / WH_PER_KWH,
    )
    curtailed_kwh += held_back_kwh
    member.stores, unserved_kwh = stores_after(
        community, i, stores, car is not None, weather.heat_kwh, energy
    )
    leaves = car is not None and car.departure == slot + 1
    unmet_kwh = max(0.0, car.target_kwh - member.stores.car_kwh) if car is not None and leaves else 0.0
    net_kwh = weather.net_kwh + curtailed_kwh + (energy[0] + energy[1] + energy[2])
    delivered = Delivered(
        reading_wh=_read_meter(member, net_kwh),
        net_kwh=net_kwh,
        curtailed_kwh=curtailed_kwh,
        cut_kwh=cut_kwh,
        breach_kwh=breach_kwh,
        unmet_kwh=unmet_kwh,
        unserved_kwh=unserved_kwh,
        energy_kwh=(energy[0], energy[1], energy[2]),
    )
    _price(episode, i, member, slot, delivered)
    return delivered


def keep_envelope(
    energy: list[float],
    ranges: list[Range],
    inflexible_kwh: float,
    curtailable_kwh: float,
    import_kwh: float,
    export_kwh: float,
) -> tuple[float, float, float]:
    """Cut charging on an import breach (never what is due), discharge and then PV on an export breach.

    Changes ``energy``; returns the PV held back, all that was cut, and the breach that remains (kWh, >= 0).
    """
    net_kwh = inflexible_kwh + (energy[0] + energy[1] + energy[2])
    over_kwh, under_kwh, cut_kwh, held_back_kwh = net_kwh - import_kwh, -export_kwh - net_kwh, 0.0, 0.0
    if over_kwh > 0.0:
        for d, one in enumerate(ranges):
            step = min(over_kwh, max(0.0, energy[d] - max(0.0, one.least)))
            energy[d] -= step
            over_kwh -= step
            cut_kwh += step
        return 0.0, cut_kwh, over_kwh
    if under_kwh > 0.0:
        for d in range(len(ranges)):
            step = min(under_kwh, max(0.0, -energy[d]))
            energy[d] += step
            under_kwh -= step
            cut_kwh += step
        held_back_kwh = min(under_kwh, curtailable_kwh)
        return held_back_kwh, cut_kwh + held_back_kwh, under_kwh - held_back_kwh
    return 0.0, 0.0, 0.0


def _read_meter(member: Member, net_kwh: float) -> int:
    """A reading is the difference of two readings of a register that is rounded down."""
    before_wh = math.floor(member.register_kwh * WH_PER_KWH)
    member.register_kwh += net_kwh
    return math.floor(member.register_kwh * WH_PER_KWH) - before_wh


def _price(episode: Episode, i: int, member: Member, slot: int, delivered: Delivered) -> None:
    penalties, cost = episode.community.penalties, delivered.cost_eur
    cost[Cost.WEAR] = float(episode.community.devices.wear_eur_per_kwh[i]) * delivered.throughput_kwh
    cost[Cost.DISCOMFORT] = penalties.discomfort * delivered.unserved_kwh
    cost[Cost.UNMET_EV] = penalties.unmet_ev * delivered.unmet_kwh
    cost[Cost.VIOLATION] = penalties.envelope * delivered.breach_kwh
    value_eur = stored_value_eur(episode, i, member, slot + 1)
    cost[Cost.STORED] = member.stored_value_eur - value_eur
    member.stored_value_eur = value_eur


def stored_value_eur(episode: Episode, i: int, member: Member, next_slot: int) -> float:
    """What participant i's stores can still give is worth; when the episode ends, what its car still needs counts against it."""
    devices, stores = episode.community.devices, member.stores
    gives_kwh = stores.battery_kwh * float(devices.discharge_efficiency[i])
    if devices.heat_pump_kw[i] > 0.0:
        gives_kwh += stores.heat_kwh / float(devices.cop[i])
    if next_slot == episode.end:
        car = episode.car(i, next_slot - 1)
        if car is not None and car.departure > next_slot:
            missing_kwh = max(0.0, car.target_kwh - stores.car_kwh)
            gives_kwh -= missing_kwh / float(devices.charger_efficiency[i])
    return episode.community.penalties.stored_energy_value * gives_kwh
