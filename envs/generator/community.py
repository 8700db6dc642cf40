"""Communities of any size, drawn from a seed: homes as in a built-in scenario, on feeders of standard cable."""

from dataclasses import fields, replace
from pathlib import Path

from gridbid.envs.generator.feeders import BASE_KVA, MOST_MEMBERS, SOURCE_PU, lay_feeders
from gridbid.envs.generator.members import draw_members
from gridbid.envs.scenario import BUILT_IN, LICENCE, Scenario, load_scenario, save_scenario
from gridbid.envs.specification import GridSpec, Licence, Population, Seat, Specification
from gridbid.market.errors import InputError

SOURCE = "town"
FEEDER_MEMBERS = 80
"""Members of a feeder, about, unless the number of feeders is given."""
LEAST, MOST = 10, 10_000


def make_population(
    members: int,
    seed: int = 0,
    *,
    feeders: int | None = None,
    pv_share: float = 0.35,
    battery_share: float = 0.2,
    charge_point_share: float = 0.15,
    heat_pump_share: float = 0.25,
    load_spread: float = 0.3,
    source: str = SOURCE,
) -> Population:
    """What a community is drawn from; shares are of homes, but for charge points, which are members themselves."""
    return Population(
        members=members,
        seed=seed,
        feeders=feeders or max(1, round(members / FEEDER_MEMBERS)),
        pv_share=pv_share,
        battery_share=battery_share,
        charge_point_share=charge_point_share,
        heat_pump_share=heat_pump_share,
        load_spread=load_spread,
        source=source,
    )


def write_community(folder: Path, population: Population) -> Path:
    """Write the scenario of a population to ``folder``; the same population gives the same files.

    InputError names all that is wrong: members not in 10 to 10 000, a share not in 0 to 1, feeders empty or too long.
    """
    _check(population)
    source = load_scenario(population.source)
    counts = _deal(population.members, population.feeders)
    network, buses = lay_feeders(counts)
    drawn = draw_members(population, source, counts)
    seats = (
        *_named([replace(s, bus=int(bus)) for s, bus in zip(drawn, buses, strict=True)]),
        source.seats[-1],
    )
    used = {part.profile for s in seats for part in (s.load, s.pv, s.heat_pump) if part is not None}
    specification = _specification(folder.name, population, source, seats)
    profiles = {name: source.profiles[name] for name in sorted(used)}
    return save_scenario(folder, specification, network, profiles, _licence_text(population))


def _check(population: Population) -> None:
    faults = [
        f"{name}: {share}; expected 0 to 1"
        for name in ("pv_share", "battery_share", "charge_point_share", "heat_pump_share")
        if not 0.0 <= (share := getattr(population, name)) <= 1.0
    ]
    if not population.load_spread >= 0.0:
        faults.append(f"load_spread: {population.load_spread}; expected at least 0")
    if not LEAST <= population.members <= MOST:
        faults.append(f"members: {population.members}; expected {LEAST} to {MOST}")
    least = -(-population.members // MOST_MEMBERS)
    if not least <= population.feeders <= population.members:
        faults.append(
            f"feeders: {population.feeders} for {population.members} members; expected {least} to "
            f"{population.members}, so that a feeder has 1 to {MOST_MEMBERS}"
        )
    if faults:
        raise InputError("; ".join(faults))


def _deal(members: int, feeders: int) -> list[int]:
    """Members of each feeder, as even as can be."""
    return [members // feeders + (n < members % feeders) for n in range(feeders)]


def _named(seats: list[Seat]) -> tuple[Seat, ...]:
    """Seats by kind, with the names kind_0, kind_1, ... in order."""
    named = []
    for kind in ("prosumer", "battery", "ev"):
        members = [seat for seat in seats if seat.kind == kind]
        named += [replace(seat, name=f"{kind}_{n}") for n, seat in enumerate(members)]
    return tuple(named)


def _specification(
    name: str, population: Population, source: Scenario, seats: tuple[Seat, ...]
) -> Specification:
    entries = {field.name: getattr(source, field.name) for field in fields(Specification)}
    plural = "s" if population.feeders > 1 else ""
    entries |= {
        "name": name,
        "version": "1",
        "title": f"A generated community of {population.members} members on {population.feeders} feeder{plural}",
        "grid": GridSpec(BASE_KVA, SOURCE_PU, source.grid.load_tan_phi),
        "seats": seats,
        "population": population,
        "licences": (
            *(replace(licence, covers="profiles.parquet") for licence in source.licences),
            Licence("grid.parquet, seats", "as the project", f"drawn from seed {population.seed}"),
        ),
    }
    return Specification(**entries)


def _licence_text(population: Population) -> str:
    source = BUILT_IN / population.source / LICENCE
    terms = source.read_text(encoding="utf-8") if source.is_file() else ""
    return f"{terms}\nThis community was drawn from seed {population.seed}: only the profiles are the source's.\n"
