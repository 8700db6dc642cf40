"""Every table of figures in the pages, by name: what computes it anew, or which command or test its figures come from.

A table joins by an entry in `tables`. A page whose tables are written by code from a table of the code is in `WRITTEN_BY_CODE`,
a table that holds definitions and no results in `DEFINITIONS`; a test walks the pages and finds what is in none of them.
"""

import re
import runpy
import unicodedata
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cache, partial
from io import StringIO
from pathlib import Path

from gridbid.evaluate.files import write_text
from gridbid.evaluate.reproduce import (
    attacks,
    baseline_gaming,
    benchmark,
    planners,
    promises,
    sharing,
    truthfulness,
)
from gridbid.evaluate.reproduce.compare import differences
from gridbid.evaluate.reproduce.pages import ROOT, Place, find_passage, read_page, with_passage
from gridbid.evaluate.reproduce.rows import Section, markdown
from gridbid.evaluate.reproduce.tables import SECTIONS
from gridbid.evaluate.suite.results import TaskResult
from gridbid.market.errors import InputError

VALIDATION = "docs/validation.md"
BENCHMARKS = "docs/benchmarks.md"
RESPONSE = "docs/demand-response.md"

BY_HAND = "measured once, by hand"
"""Instead of a command, where none measures it again."""

WRITTEN_BY_CODE = {
    "docs/api.md": "python docs/api_reference.py",
    "docs/fields.md": "python -m gridbid.envs.documentation",
    "docs/gas.md": "python docs/gas_page.py",
    "docs/key-figures.md": "python -m gridbid.evaluate.kpis.documentation",
    "docs/scenario-format.md": "python -m gridbid.envs.documentation",
    "docs/trace-columns.md": "python -m gridbid.envs.traces.documentation",
}
"""Pages made of the code, or of figures kept beside it, and the command that writes them; tests compare them."""

DEFINITIONS = (
    Place("README.md", "Folders"),
    Place("docs/add-a-policy.md", "As a kernel"),
    Place("docs/add-a-policy.md", "For the utility's seat"),
    Place("docs/chain.md", "Contracts"),
    Place("docs/closing-auction.md", "The closing auction"),
    Place("docs/data.md", "What is recognised"),
    Place("docs/data.md", "What is done with odd data"),
    Place(RESPONSE, "The baseline"),
    Place(RESPONSE, "In the engine"),
    Place("docs/environments.md", "Many communities: `vector_env`"),
    Place("docs/governance.md", "Who governs"),
    Place("docs/market-rules.md", "Units and signs"),
    Place("docs/market-rules.md", "Where the executions stand apart"),
    Place("docs/nodes.md", "Nodes and networks"),
    Place("docs/planners.md", "Planners and bounds"),
    Place("docs/planners.md", "The program"),
    Place("docs/rendering.md", "Rendering"),
    Place("docs/report.md", "Tables to read yourself"),
    Place("docs/robustness.md", "Robustness"),
    Place("docs/security.md", "Who might attack"),
    Place("docs/security.md", "What has to hold, and what shows it"),
    Place("docs/security.md", "What slither finds, and why it stays"),
    Place("docs/slot.md", "One slot, step by step"),
    Place("docs/slot.md", "The forecast"),
    Place("docs/slot.md", "From an action to an order"),
    Place("docs/slot.md", "What a round reports"),
    Place("docs/slot.md", "Delivery: the local rule"),
    Place("docs/traders.md", "Traders"),
    Place("docs/traders.md", "Traders", 1),
    Place("docs/traders.md", "The raw face"),
    Place(VALIDATION, "What is tested against what"),
)
"""Tables with digits in them that say what something is, not what was found."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A table with figures. One whose ``compute`` is None is measured, or needs more than this program."""

    name: str
    place: Place
    command: str
    """What its figures come from."""
    compute: Callable[[], str] | None = None
    """The table anew, as Markdown."""
    relative: float = 0.0
    """How far a number may be off, relative to it; 0: to the letter."""
    takes: str = ""
    """How long it takes on two cores, about."""
    measured: tuple[str, ...] = ()
    """Heads of columns of measured time, which are not compared."""
    printed: bool = False
    """Whether it is what a program printed, in a ```text block, and not a table."""


@cache
def tables() -> tuple[Entry, ...]:
    """All entries, in the order of the pages."""
    entries = (
        *_mechanisms(),
        *_validation(),
        *_response(),
        *_sharing(),
        *_planners(),
        *_attacks(),
        *_promises(),
        *_benchmark(),
        *_measured(),
        *_tested(),
        *_printed(),
    )
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise InputError(
            f"tables: the names {sorted({n for n in names if names.count(n) > 1})} are used twice"
        )
    return entries


def find_entries(name: str) -> tuple[Entry, ...]:
    """The entry of a name, or all whose name begins with it and a hyphen. InputError lists what there is."""
    found = tuple(entry for entry in tables() if entry.name == name or entry.name.startswith(f"{name}-"))
    if not found:
        raise InputError(f"table: {name!r}; expected one of {', '.join(entry.name for entry in tables())}")
    return found


def compare_entry(entry: Entry, root: Path = ROOT) -> tuple[str, list[str]]:
    """The table anew, and what differs from the page below ``root``. InputError for one that isn't computed, or without pages."""
    if entry.compute is None:
        raise InputError(f"{entry.name}: not computed; its figures come from {entry.command}")
    shown = find_passage(entry.place, read_page(entry.place.page, root), printed=entry.printed).text
    ours = entry.compute()
    return ours, differences(ours, shown, entry.relative, entry.measured)


def write_entry(entry: Entry, table: str, root: Path = ROOT) -> None:
    """Put a table in its place in the page below ``root``."""
    page = read_page(entry.place.page, root)
    write_text(root / entry.place.page, with_passage(entry.place, page, table, printed=entry.printed))


def slug(title: str) -> str:
    """A title as a name: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title.replace("'", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _computed(
    name: str, place: Place, compute: Callable[[], str], takes: str, *, relative: float = 0.0
) -> Entry:
    return Entry(
        name=name,
        place=place,
        command=f"gridbid reproduce {name}",
        compute=compute,
        relative=relative,
        takes=takes,
    )


def _validation() -> list[Entry]:
    def rows_of(section: Section) -> str:
        return markdown(section.rows())

    return [
        _computed(
            f"validation-{slug(section.title)}",
            Place(VALIDATION, section.title),
            partial(rows_of, section),
            "seconds",
        )
        for section in SECTIONS
    ]


def _mechanisms() -> list[Entry]:
    place = Place("docs/mechanisms.md", "What holds, and what the tests show")
    return [_computed("mechanisms", place, truthfulness.mechanisms_table, "10 s")]


def _response() -> list[Entry]:
    heading = "What gaming is worth"

    def bests() -> str:
        return baseline_gaming.bests_table(baseline_gaming.best_responses(_gains()))

    return [
        _computed(
            "gaming-average",
            Place(RESPONSE, heading),
            lambda: baseline_gaming.gains_table(_gains()),
            "a minute",
        ),
        _computed("gaming-best", Place(RESPONSE, heading, 1), bests, "a minute"),
        _computed(
            "gaming-accuracy",
            Place(RESPONSE, heading, 2),
            lambda: baseline_gaming.accuracy_table(baseline_gaming.baseline_accuracy()),
            "20 s",
        ),
    ]


@cache
def _gains() -> list[baseline_gaming.Gain]:
    return baseline_gaming.baseline_gaming()


def _sharing() -> list[Entry]:
    place = Place("docs/envelopes.md", "Three ways to share")
    return [_computed("envelopes", place, sharing.sharing_table, "5 s", relative=0.01)]


def _planners() -> list[Entry]:
    reach = Place("docs/planners.md", "What they reach")
    entry = _computed("planners", reach, planners.planners_table, "2 minutes", relative=0.01)
    costs = Place("docs/planners.md", "What a plan costs")
    return [
        replace(entry, measured=(planners.SECONDS,)),
        Entry(name="speed-plan", place=costs, command=BY_HAND),
    ]


def _attacks() -> list[Entry]:
    page = "docs/robustness.md"
    exploitability = Place(page, "Exploitability", 1)
    robustness = Place(page, "Robustness", 1)
    return [
        _computed("exploitability", exploitability, attacks.exploitability_table, "a minute", relative=0.01),
        _computed("robustness", robustness, attacks.robustness_table, "20 s", relative=0.01),
    ]


def _promises() -> list[Entry]:
    place = Place("docs/evaluation.md", "The promise: 15 % less cost, 10 % less carbon")
    return [_computed("promises", place, promises.promises_table, "4 minutes", relative=0.02)]


def _benchmark() -> list[Entry]:
    def anew(task: str, table: Callable[[TaskResult], str]) -> str:
        return table(benchmark.played_anew(task))

    def leaderboard() -> str:
        results = {task: benchmark.played_anew(task) for task in kept}
        return benchmark.leaderboard_table(results, benchmark.submitted_rows())

    kept = benchmark.kept_results()
    by_task = [
        _computed(
            f"benchmark-{name}-{kind}",
            Place(benchmark.PAGE, benchmark.heading(result.task), index),
            partial(anew, name, table),
            f"{sum(result.seconds.values()):.0f} s",
            relative=benchmark.TOLERANCE,
        )
        for name, result in kept.items()
        for index, (kind, table) in enumerate(benchmark.KINDS.items())
    ]
    seconds = sum(sum(result.seconds.values()) for result in kept.values())
    return [
        _computed("benchmark-tasks", benchmark.TASKS, benchmark.tasks_table, "seconds"),
        *by_task,
        _computed(
            "benchmark-leaderboard",
            benchmark.LEADERBOARD,
            leaderboard,
            f"{seconds:.0f} s",
            relative=benchmark.TOLERANCE,
        ),
        Entry(name="benchmark-seconds", place=benchmark.SECONDS, command="gridbid bench suite --size full"),
    ]


def _measured() -> list[Entry]:
    """Tables of measured speed: they depend on the machine, and so are named and not compared."""
    core, profile, faces = "gridbid bench core", "gridbid bench profile", "gridbid bench envs"
    agents = "gridbid bench agents"
    parallel = "docs/parallel-environment.md"
    listed = (
        ("speed-book", Place(BENCHMARKS, "Order book"), core),
        ("speed-power-flow", Place(BENCHMARKS, "Power flow"), core),
        ("speed-start", Place(BENCHMARKS, "Start"), core),
        ("speed-environments", Place(BENCHMARKS, "Environments"), faces),
        ("speed-step", Place(BENCHMARKS, "Whole step"), core),
        ("speed-threads", Place(BENCHMARKS, "Two threads"), core),
        ("speed-memory", Place(BENCHMARKS, "Memory"), core),
        ("speed-profile", Place(BENCHMARKS, "Where the time goes"), profile),
        ("speed-agents", Place(BENCHMARKS, "Agents"), agents),
        ("speed-dictionaries", Place(parallel, "Speed"), faces),
        ("speed-dictionaries-step", Place(parallel, "Speed", 1), faces),
    )
    return [Entry(name=name, place=place, command=command) for name, place, command in listed]


def _tested() -> list[Entry]:
    """Tables whose figures long tests or other programs gave."""
    flows = (
        "pytest -m 'slow or not slow' tests/market/test_power_flow.py tests/envs/test_simbench_power_flow.py"
    )
    mutants = "pytest -m 'slow or not slow' tests/market/test_mutants.py"
    fuzzer = "pytest -m 'slow or not slow' tests/chain/test_fuzz.py"
    listed = (
        ("power-flow", Place("docs/power-flow.md", "What it was compared with"), flows),
        ("power-flow-summary", Place(VALIDATION, "Power flow"), flows),
        ("mutants", Place(VALIDATION, "Mutants"), mutants),
        ("random-logs", Place(VALIDATION, "Random logs on the contracts"), fuzzer),
    )
    return [Entry(name=name, place=place, command=command) for name, place, command in listed]


def _printed() -> list[Entry]:
    """What examples print; the demo trains for a time, so that its figures are those of one run."""
    listed = (
        ("readme-engineer", Place("README.md", "For an energy engineer"), "engineer.py"),
        ("readme-operator", Place("README.md", "For the operator of a community"), "community_operator.py"),
        ("add-a-policy", Place("docs/add-a-policy.md", "An example"), "cheapest_hours.py"),
    )
    examples = [
        replace(_computed(name, place, partial(_output_of, script), "seconds"), printed=True)
        for name, place, script in listed
    ]
    demo = Entry(
        name="readme-demo", place=Place("README.md", "Two commands"), command="gridbid demo", printed=True
    )
    return [*examples, demo]


def _output_of(script: str) -> str:
    """What an example of docs/examples prints."""
    with redirect_stdout(StringIO()) as printed:
        runpy.run_path(str(ROOT / "docs" / "examples" / script), run_name="__main__")
    return printed.getvalue().rstrip("\n")
