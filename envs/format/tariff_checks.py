"""What a tariff's parts must agree on, beyond the range of each figure; every fault is noted."""

from collections import Counter

import numpy as np

from gridbid.envs.format.schema import Faults
from gridbid.envs.format.tariff_specification import (
    ShareLocalFee,
    TariffSpec,
    TimeOfUsePrice,
    TimeVariableNetworkFee,
)
from gridbid.envs.format.windows import clock, minutes_of_day
from gridbid.envs.timeline.tariffs import LINES, first_windows


def check_tariff(tariff: TariffSpec, faults: Faults) -> None:
    """Note every fault of a tariff."""
    if isinstance(tariff.energy, TimeOfUsePrice):
        _check_windows(tariff.energy, faults)
    if isinstance(tariff.network_fee, TimeVariableNetworkFee):
        _check_levels(tariff.network_fee, faults)
        _check_quarters(tariff.network_fee, faults)
    if isinstance(tariff.local_fee, ShareLocalFee) and tariff.network_fee is None:
        faults.add(
            "tariff.local_fee.share", tariff.local_fee.share, "a network_fee that this can be a share of"
        )
    for name in tariff.components_ct_per_kwh:
        if name in LINES:
            expected = f"another name than the format's own: {', '.join(LINES)}"
            faults.add("tariff.components_ct_per_kwh", name, expected)


def _check_windows(energy: TimeOfUsePrice, faults: Faults) -> None:
    where = "tariff.energy.windows"
    _check_once(where, [window.name for window in energy.windows], "names", faults)
    table = first_windows(energy.windows)
    uncovered = np.argwhere(table < 0)
    if uncovered.size:
        month, weekend, minute = uncovered[0]
        first = f"none at {clock(minute)} {('on weekdays', 'at the weekend')[weekend]} in month {month + 1}"
        faults.add(
            where, first, "windows that cover the year, as one without months, days and hours at the end"
        )
    for i in sorted(set(range(len(energy.windows))) - set(np.unique(table).tolist())):
        expected = "a window that something is left for by those before it"
        faults.add(f"{where}[{i}]", energy.windows[i].name, expected)


def _check_levels(fee: TimeVariableNetworkFee, faults: Faults) -> None:
    if not fee.low_ct_per_kwh <= fee.standard_ct_per_kwh <= fee.high_ct_per_kwh:
        levels = [fee.low_ct_per_kwh, fee.standard_ct_per_kwh, fee.high_ct_per_kwh]
        faults.add("tariff.network_fee", levels, "low at most standard, and standard at most high")


def _check_quarters(fee: TimeVariableNetworkFee, faults: Faults) -> None:
    where = "tariff.network_fee.windows"
    _check_once(where, [quarter for window in fee.windows for quarter in window.quarters], "quarters", faults)
    for i, window in enumerate(fee.windows):
        both = np.flatnonzero(minutes_of_day(window.high) & minutes_of_day(window.low))
        if both.size:
            faults.add(
                f"{where}[{i}]", f"high and low at {clock(both[0])}", "hours that are either high or low"
            )


def _check_once(where: str, values: list[str] | list[int], what: str, faults: Faults) -> None:
    again = [value for value, count in Counter[str | int](values).items() if count > 1]
    if again:
        faults.add(where, again, f"{what} that are named once")
