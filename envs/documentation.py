"""Tables of docs/ that are made of the code: ``python -m gridbid.envs.documentation [--check] [docs]``.

`fields.md` is written whole, from `gridbid.envs.fields`; in `scenario-format.md` what stands between two marks is
replaced, by the keys of `gridbid.envs.specification`; `scenario.schema.json` is the same for editors. With --check nothing is written, and the exit status is 1 when a
page is not up to date.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from gridbid.envs import specification
from gridbid.envs.fields import (
    ACTIONS,
    INFOS,
    KINDS,
    METERED,
    OBSERVATIONS,
    action_space,
    observation_space,
    schema_hash,
)
from gridbid.envs.fields import Field as TableField
from gridbid.envs.format import (
    forecast_specification,
    membership,
    named_series,
    response_programme,
    tariff_specification,
)
from gridbid.envs.format.json_schema import schema_text
from gridbid.envs.format.schema import annotations, is_required
from gridbid.envs.format.schema_words import attribute_docstrings, default_words, describe, unit_of
from gridbid.market.errors import InputError

FIELDS_PAGE, SCENARIO_PAGE, SCHEMA = "fields.md", "scenario-format.md", "scenario.schema.json"
BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
COMMAND = "python -m gridbid.envs.documentation"
INTRODUCTION = f"""\
This page is made from [`envs/fields.py`](../envs/fields.py) by `{COMMAND}`; a test checks that it is up to date.

- An observation holds value / scale, clipped to the range, as float32.
- An action is a point of the unit box (-1 to 1 in every entry): -1 stands for the low end of the range, 1 for its high end.
  Entries outside the box are clipped to it.
- Power and energy of a seat are relative to `site_kw`, the largest of its ratings, at least 1 kW.
- Slot t is the one that trades.
- A field of a device that the seat lacks is 0, and its action does nothing. So are all own fields of a member who is absent.
- What is known in the rounds for t is listed in [`slot.md`](slot.md#what-is-known-when); a test changes everything else, and
  compares observations bit by bit.
- At every slot 24 hours of retail prices are published. A day-ahead auction publishes a whole day at about noon of the day
  before: so from midnight to noon the last hours seen here come sooner than they would, and in the afternoon it would be
  known further ahead. It is an idealisation that gives every slot the same horizon.
- Fields that all kinds have are the same for all agents of a community. The global state (`BatchEnv.state()`) has them once, in
  the order of the table, and then each agent's other fields, agent by agent: by kind (prosumer, battery, ev, utility), then by
  seat. `gridbid.envs.signals.global_state.state_index` says where each lies."""
FIELD_HEAD = ("name", "kinds", "numbers", "unit", "scale", "range", "meaning")
INFO_HEAD = ("name", "unit", "meaning")
INFO_INTRODUCTION = """\
`BatchEnv.info` tells each agent of the last step: by kind, float64 (communities, agents, infos), the same arrays all along.

- The first eight are costs, the parts of J: their sum is minus the reward, where no part of it is the community's.
- Costs, readings and what the safety layer did belong to the slot that the step delivered (an episode's last step delivers
  two: their sum), what was traded to the round that it played. A step that delivers nothing has zeros there.
- The utility's are the means over the community; its `rejected` says why its event was refused, bits of `Refusal`."""
KEY_HEAD = ("key", "type", "unit", "default", "meaning")
SECTIONS = (
    ("Top level", specification.Specification),
    ("`grid`", specification.GridSpec),
    ("`market`", specification.MarketSpec),
    ("`tariff`", tariff_specification.TariffSpec),
    ("`tariff.energy`, flat", tariff_specification.FlatPrice),
    ("`tariff.energy`, by time of use", tariff_specification.TimeOfUsePrice),
    ("`tariff.energy.windows[]`", tariff_specification.PriceWindow),
    ("`tariff.energy`, day-ahead", tariff_specification.DayAheadPrice),
    ("`tariff.network_fee`, flat", tariff_specification.FlatNetworkFee),
    ("`tariff.network_fee`, time-variable", tariff_specification.TimeVariableNetworkFee),
    ("`tariff.network_fee.windows[]`", tariff_specification.QuarterHours),
    ("`tariff.feed_in`, fixed", tariff_specification.FixedFeedIn),
    ("`tariff.feed_in`, by the wholesale price", tariff_specification.SpotFeedIn),
    ("`tariff.local_fee`, fixed", tariff_specification.FixedLocalFee),
    ("`tariff.local_fee`, a share", tariff_specification.ShareLocalFee),
    ("`response`", response_programme.ResponseSpec),
    ("`response.baseline`", response_programme.BaselineSpec),
    ("`penalties`", specification.PenaltySpec),
    ("`splits`", specification.Splits),
    ("`forecast`, persistence", forecast_specification.PersistenceForecast),
    ("`forecast`, perfect", forecast_specification.PerfectForecast),
    ("`forecast`, noisy", forecast_specification.NoisyForecast),
    ("`series`", named_series.SeriesSpec),
    ("`series.prices`", named_series.PriceSeries),
    ("`series.sessions`", named_series.SessionSeries),
    ("`seats[]`", specification.Seat),
    ("`seats[].load`", specification.Load),
    ("`seats[].pv`", specification.Pv),
    ("`seats[].battery`", specification.Battery),
    ("`seats[].charge_point`", specification.ChargePoint),
    ("`seats[].heat_pump`", specification.HeatPump),
    ("`seats[].membership[]`", membership.Period),
    ("`population`", specification.Population),
    ("`licences[]`", specification.Licence),
)


def fields_page() -> str:
    """The page of all observations, actions and infos."""
    sizes = [(kind, observation_space(kind).low.size, action_space(kind).low.size) for kind in KINDS]
    parts = (
        "# Observations and actions",
        INTRODUCTION,
        f"Schema hash: `{schema_hash()}`",
        _table(("kind", "numbers in an observation", "numbers in an action"), sizes),
        "## Observations",
        _table(FIELD_HEAD, map(_field_row, OBSERVATIONS)),
        "## Actions",
        _table(FIELD_HEAD, map(_field_row, ACTIONS)),
        "## Infos",
        INFO_INTRODUCTION,
        _table(INFO_HEAD, ((f"`{info.name}`", info.unit, info.meaning) for info in INFOS)),
    )
    return "\n\n".join(parts) + "\n"


def scenario_keys() -> str:
    """The keys of scenario.yaml, section by section."""
    parts = []
    for title, kind in SECTIONS:
        parts += [f"### {title}", _table(KEY_HEAD, _key_rows(kind))]
    return "\n\n".join(parts)


def with_keys(page: str) -> str:
    """The page with what stands between its marks replaced. InputError when it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"{SCENARIO_PAGE}: the marks {BEGIN} and {END} are not both there, in this order")
    return f"{before}{BEGIN}\n\n{scenario_keys()}\n\n{END}{after}"


def pages(folder: Path) -> dict[Path, str]:
    """What the pages in docs/ should hold, by path. InputError when ``folder`` isn't docs/."""
    scenario_page = folder / SCENARIO_PAGE
    if not scenario_page.is_file():
        raise InputError(f"folder: {folder} holds no {SCENARIO_PAGE}; expected the project's docs/")
    keys = with_keys(scenario_page.read_text(encoding="utf-8"))
    return {folder / FIELDS_PAGE: fields_page(), scenario_page: keys, folder / SCHEMA: schema_text()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Write the tables of docs/ that are made of the code."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; status 1 when a page is not up to date"
    )
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs"))
    chosen = parser.parse_args(arguments)
    stale = [path for path, text in pages(chosen.folder).items() if _read(path) != text]
    if chosen.check:
        for path in stale:
            print(f"{path} is not up to date; run {COMMAND}", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        _write(path, pages(chosen.folder)[path])
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _field_row(field: TableField) -> list[str]:
    kinds = {KINDS: "all", METERED: "metered"}.get(field.kinds, ", ".join(field.kinds))
    reach = f"{field.low:g} to {field.high:g}"
    return [f"`{field.name}`", kinds, str(field.size), field.unit, f"{field.scale:g}", reach, field.meaning]


def _key_rows(kind: type) -> Iterator[list[str]]:
    hints, meanings = annotations(kind), attribute_docstrings(kind)
    for field in fields(kind):
        default = "required" if is_required(field, kind) else default_words(field)
        row = [f"`{field.name}`", describe(hints[field.name]), unit_of(field.name), default]
        yield [*row, meanings[field.name]]


if __name__ == "__main__":
    sys.exit(main())
