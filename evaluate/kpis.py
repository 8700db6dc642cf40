"""Key figures of recorded weeks, each defined once: its unit, its formula in words, and the formula.

Over several weeks amounts are summed, shares are ratios of sums, peaks are the highest. The community's net is the sum
of its meters, import positive; generation is PV less what was held back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.record import WeekRecord
from gridbid.market.errors import InputError
from gridbid.market.types import Cost, Device
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

Records = Sequence[WeekRecord]
Floats = NDArray[np.float64]

VOLTAGE_BAND_PU = 0.1
"""EN 50160: 90 to 110 % of nominal voltage."""
_G_PER_KG = 1_000.0
_CENT = 0.01


@dataclass(frozen=True)
class Kpi:
    """A key figure of a controller's weeks."""

    name: str
    unit: str
    meaning: str
    compute: Callable[[Records], float]


def community_kwh(record: WeekRecord) -> Floats:
    """Net energy of all meters, import positive, (T,)."""
    return record.net_kwh.sum(axis=1)


def generation_kwh(record: WeekRecord) -> Floats:
    """PV that was used or fed in, (T,)."""
    return (record.pv_kwh - record.curtailed_kwh).sum(axis=1)


def consumption_kwh(record: WeekRecord) -> Floats:
    """Base load, cars and heat pumps; not what batteries shift, (T,)."""
    devices = record.device_kwh[:, :, [Device.CHARGER, Device.HEAT_PUMP]].sum(axis=(1, 2))
    return record.load_kwh.sum(axis=1) + devices


def mean_price_ct(record: WeekRecord) -> Floats:
    """Mean price of each slot's fills, ct/kWh (T,); nan without a fill."""
    bought_wh, paid_neur = record.bought_wh.sum(axis=1), record.paid_neur.sum(axis=1)
    per_wh = np.divide(paid_neur, bought_wh, out=np.full(bought_wh.size, np.nan), where=bought_wh > 0)
    return per_wh / NEUR_PER_WH_PER_CT_PER_KWH


def members_eur(records: Records) -> Floats:
    """J by member over all records, EUR (N,)."""
    return np.sum([record.cost_eur.sum(axis=1) for record in records], axis=0)


def _total(records: Records, amount: Callable[[WeekRecord], float]) -> float:
    return float(sum(amount(record) for record in records))


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0.0 else float("nan")


def _cost(part: Cost) -> Callable[[Records], float]:
    return lambda records: _total(records, lambda r: r.cost_eur[:, part].sum())


def _sum_of(name: str) -> Callable[[Records], float]:
    return lambda records: _total(records, lambda r: getattr(r, name).sum())


def _import_kwh(records: Records) -> float:
    return _total(records, lambda r: np.maximum(0.0, community_kwh(r)).sum())


def _export_kwh(records: Records) -> float:
    return _total(records, lambda r: np.maximum(0.0, -community_kwh(r)).sum())


def _co2_kg(records: Records) -> float:
    return _total(records, lambda r: float(r.carbon_g @ np.maximum(0.0, community_kwh(r)))) / _G_PER_KG


def _self_consumption(records: Records) -> float:
    def exported_sun_kwh(record: WeekRecord) -> float:
        return float(np.clip(-community_kwh(record), 0.0, generation_kwh(record)).sum())

    generation = _total(records, lambda r: generation_kwh(r).sum())
    return _ratio(generation - _total(records, exported_sun_kwh), generation)


def _self_sufficiency(records: Records) -> float:
    def imported_need_kwh(record: WeekRecord) -> float:
        return float(np.clip(community_kwh(record), 0.0, consumption_kwh(record)).sum())

    consumption = _total(records, lambda r: consumption_kwh(r).sum())
    return _ratio(consumption - _total(records, imported_need_kwh), consumption)


def _peak_kw(records: Records) -> float:
    return max(float(r.feeder_kw.max()) for r in records)


def _export_peak_kw(records: Records) -> float:
    return max(0.0, max(float(-r.feeder_kw.min()) for r in records))


def _mean_daily_peak_kw(records: Records) -> float:
    return float(np.mean([day.max() for r in records for day in _days(r, r.feeder_kw)]))


def _days(record: WeekRecord, track: Floats) -> list[Floats]:
    per_day = round(24.0 / record.slot_h)
    return [track[begin : begin + per_day] for begin in range(0, track.size, per_day)]


def _ramping_kw(records: Records) -> float:
    return _total(records, lambda r: np.abs(np.diff(r.feeder_kw)).sum())


def _voltage_hours(records: Records) -> float:
    return _total(records, lambda r: r.slot_h * (np.abs(r.voltage_pu - 1.0) > VOLTAGE_BAND_PU).sum())


def _battery_out_kwh(records: Records) -> float:
    return _total(records, lambda r: -np.minimum(0.0, r.device_kwh[:, :, Device.BATTERY]).sum())


def _traded_kwh(records: Records) -> float:
    return _total(records, lambda r: r.bought_wh.sum()) / WH_PER_KWH


def _tradable_kwh(records: Records) -> float:
    def tradable(record: WeekRecord) -> float:
        needs, surpluses = (np.maximum(0.0, sign * record.net_kwh).sum(axis=1) for sign in (1.0, -1.0))
        return float(np.minimum(needs, surpluses).sum())

    return _total(records, tradable)


def _match_share(records: Records) -> float:
    return _ratio(_traded_kwh(records), _tradable_kwh(records))


def _mean_price_ct(records: Records) -> float:
    paid_neur = _total(records, lambda r: r.paid_neur.sum())
    bought_wh = _total(records, lambda r: r.bought_wh.sum())
    return _ratio(paid_neur, bought_wh) / NEUR_PER_WH_PER_CT_PER_KWH


KPIS = (
    Kpi(
        "j_eur",
        "EUR",
        "J: all that follows down to stored_eur, summed",
        lambda records: float(members_eur(records).sum()),
    ),
    Kpi(
        "bill_eur",
        "EUR",
        "what members pay, less what they get, for trades, fees and imbalance",
        _cost(Cost.BILL),
    ),
    Kpi("wear_eur", "EUR", "wear of batteries by throughput", _cost(Cost.WEAR)),
    Kpi("discomfort_eur", "EUR", "heat demand not served, at its penalty", _cost(Cost.DISCOMFORT)),
    Kpi("unmet_ev_eur", "EUR", "energy missing in cars at departure, at its penalty", _cost(Cost.UNMET_EV)),
    Kpi(
        "violation_eur",
        "EUR",
        "breached envelopes and overloaded branches, at their penalties",
        _cost(Cost.VIOLATION),
    ),
    Kpi("stored_eur", "EUR", "less the increase of the value of the energy in stores", _cost(Cost.STORED)),
    Kpi(
        "co2_kg",
        "kg",
        "carbon intensity x net import of the community, slots of net export count as 0",
        _co2_kg,
    ),
    Kpi("import_kwh", "kWh", "net import of the community", _import_kwh),
    Kpi("export_kwh", "kWh", "net export of the community", _export_kwh),
    Kpi("peak_kw", "kW", "highest power at the transformer, import positive, with losses", _peak_kw),
    Kpi(
        "mean_daily_peak_kw",
        "kW",
        "mean over days of the day's highest power at the transformer",
        _mean_daily_peak_kw,
    ),
    Kpi("export_peak_kw", "kW", "highest power back through the transformer", _export_peak_kw),
    Kpi("ramping_kw", "kW", "sum of the changes of the transformer's power from slot to slot", _ramping_kw),
    Kpi(
        "self_consumption",
        "1",
        "1 - net export / generation, of each slot's export what was generated in it",
        _self_consumption,
    ),
    Kpi(
        "self_sufficiency",
        "1",
        "1 - net import / consumption (base load, cars, heat pumps), of each slot's import what was consumed in it",
        _self_sufficiency,
    ),
    Kpi("overload_kwh", "kWh", "energy above branch ratings", _sum_of("overload_kwh")),
    Kpi("losses_kwh", "kWh", "losses of the feeder", _sum_of("losses_kwh")),
    Kpi("breach_kwh", "kWh", "energy outside members' envelopes", _sum_of("breach_kwh")),
    Kpi("voltage_hours", "h", "member-hours with a local voltage outside 90 to 110 %", _voltage_hours),
    Kpi("unmet_ev_kwh", "kWh", "energy missing in cars at departure", _sum_of("unmet_kwh")),
    Kpi("unserved_heat_kwh", "kWh", "heat demand not served, thermal", _sum_of("unserved_kwh")),
    Kpi("curtailed_kwh", "kWh", "PV held back", _sum_of("curtailed_kwh")),
    Kpi("battery_out_kwh", "kWh", "energy discharged from stationary batteries", _battery_out_kwh),
    Kpi("traded_kwh", "kWh", "energy traded in the community", _traded_kwh),
    Kpi(
        "match_share",
        "1",
        "traded energy over what needs and surpluses at the meters would have allowed",
        _match_share,
    ),
    Kpi("mean_price_ct", "ct/kWh", "mean price of what was traded", _mean_price_ct),
    Kpi("fills", "1", "fills in the book", _sum_of("fills")),
)


def kpis(records: Records) -> dict[str, float]:
    """All key figures of one controller's weeks; nan where one has no meaning."""
    if not records:
        raise InputError("records: empty; expected at least one week")
    return {kpi.name: kpi.compute(records) for kpi in KPIS}


def compare_members(records: Records, yardstick: Records) -> dict[str, float]:
    """How members fare against the same weeks of a yardstick.

    ``worse_off``: share of members whose J is more than a cent higher; ``worst_member_eur``: the greatest such increase,
    negative when everybody gains.
    """
    increase_eur = members_eur(records) - members_eur(yardstick)
    return {"worse_off": float(np.mean(increase_eur > _CENT)), "worst_member_eur": float(increase_eur.max())}
