"""What a scenario's parts must agree on, beyond the range of each figure; every fault is noted."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.membership import check_membership
from gridbid.envs.format.response_programme import check_response
from gridbid.envs.format.schema import Faults
from gridbid.envs.format.tariff_checks import check_tariff
from gridbid.envs.specification import Seat, Specification
from gridbid.envs.timeline.calendar import SECONDS_PER_HOUR, complete_weeks, year_seconds
from gridbid.market.grid.network import Network, validate

DEVICES = ("load", "pv", "battery", "charge_point", "heat_pump")
MUST_HAVE = {"battery": "battery", "ev": "charge_point"}
MAY_HAVE = {
    "prosumer": DEVICES,
    "battery": ("battery",),
    "ev": ("charge_point",),
    "utility": (),
}

Profiles = Mapping[str, NDArray[np.float32]]


def find_inconsistencies(
    specification: Specification, network: Network, profiles: Profiles, faults: Faults
) -> None:
    """Note every fault between the parts of a scenario."""
    _check_network(network, faults)
    _check_seats(specification.seats, network.parent.size, specification.year, faults)
    for i, seat in enumerate(specification.seats):
        _check_profiles_named(seat, f"seats[{i}]", profiles, faults)
    _check_profiles(specification, profiles, faults)
    _check_time(specification, profiles, faults)
    check_tariff(specification.tariff, faults)
    if specification.response is not None:
        check_response(specification.response, specification.slot_seconds, faults)


def _check_network(network: Network, faults: Faults) -> None:
    try:
        validate(network)
    except ValueError as error:
        faults.add("grid.parquet", "faulty", f"a radial network, parents first; {error}")


def _check_seats(seats: tuple[Seat, ...], n_buses: int, year: int, faults: Faults) -> None:
    kinds = [seat.kind for seat in seats]
    if kinds.count("utility") != 1 or kinds[-1] != "utility":
        faults.add("seats", kinds, "exactly one utility, the last seat")
    if len(seats) < 2:
        faults.add("seats", kinds, "at least one seat with a meter")
    first = {seat.name: i for i, seat in reversed([*enumerate(seats)])}
    for i, seat in enumerate(seats):
        where = f"seats[{i}]"
        if first[seat.name] != i:
            faults.add(f"{where}.name", seat.name, "a name that no other seat has")
        if seat.bus >= n_buses:
            faults.add(f"{where}.bus", seat.bus, f"a bus of the grid, 0 to {n_buses - 1}")
        _check_devices(seat, where, faults)
        check_membership(seat.membership, year, where, faults)
        if seat.kind == "utility" and seat.membership:
            faults.add(f"{where}.membership", "present", "none, as the utility is always there")


def _check_devices(seat: Seat, where: str, faults: Faults) -> None:
    for device in DEVICES:
        present = getattr(seat, device) is not None
        if present and device not in MAY_HAVE[seat.kind]:
            faults.add(f"{where}.{device}", "present", f"none, as {seat.name} is of the kind {seat.kind}")
        if not present and MUST_HAVE.get(seat.kind) == device:
            faults.add(f"{where}.{device}", "missing", f"one, as {seat.name} is of the kind {seat.kind}")


def _check_profiles_named(seat: Seat, where: str, profiles: Profiles, faults: Faults) -> None:
    for device in ("load", "pv", "heat_pump"):
        part = getattr(seat, device)
        if part is not None and part.profile not in profiles:
            known = ", ".join(sorted(profiles))
            faults.add(f"{where}.{device}.profile", part.profile, f"a column of profiles.parquet: {known}")


def _check_profiles(specification: Specification, profiles: Profiles, faults: Faults) -> None:
    generation = {seat.pv.profile for seat in specification.seats if seat.pv is not None}
    heat = {seat.heat_pump.profile for seat in specification.seats if seat.heat_pump is not None}
    for name, values in profiles.items():
        where = f"profiles.parquet column {name}"
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            faults.add(where, f"{values[bad[0]]} in row {bad[0]}", "finite numbers")
        elif name in generation | heat and (values < 0.0).any():
            faults.add(
                where, f"{values.min():g} in row {values.argmin()}", "at least 0, as generation and heat are"
            )


def _check_time(specification: Specification, profiles: Profiles, faults: Faults) -> None:
    for name in ("slot_seconds", "profile_seconds"):
        if SECONDS_PER_HOUR % getattr(specification, name) != 0:
            faults.add(name, getattr(specification, name), "seconds that divide an hour, as 300, 900 or 3600")
    try:
        ZoneInfo(specification.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.add("timezone", specification.timezone, "an IANA zone, as Europe/Berlin")
        return
    year, zone, interval_s = specification.year, specification.timezone, specification.profile_seconds
    rows, wanted = {values.size for values in profiles.values()}, year_seconds(year, zone) // interval_s
    if rows != {wanted} and SECONDS_PER_HOUR % interval_s == 0:
        expected = f"{wanted}, one for each {interval_s} s of {year} in {zone}"
        faults.add("profiles.parquet rows", sorted(rows), expected)
    _check_splits(specification, complete_weeks(year, zone), faults)


def _check_splits(specification: Specification, complete: tuple[int, ...], faults: Faults) -> None:
    splits = specification.splits
    for name, weeks in (("test", splits.test), ("validation", splits.validation)):
        for week in weeks:
            if week not in complete:
                expected = f"a complete week of {specification.year}, {complete[0]} to {complete[-1]}"
                faults.add(f"splits.{name}", week, expected)
        if len(set(weeks)) != len(weeks) or not weeks:
            faults.add(f"splits.{name}", list(weeks), "at least one week, each named once")
    both = sorted(set(splits.test) & set(splits.validation))
    if both:
        faults.add("splits", both, "weeks that are in one split only")
    if not set(complete) - set(splits.test) - set(splits.validation):
        faults.add("splits", "all weeks held out", "weeks left for training")
