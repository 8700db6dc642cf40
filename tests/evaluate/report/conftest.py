"""What a run may leave beside its traces, and a reader of the page that is made of it all."""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.report import write_pages, write_report

PARENT = (-1, 0, 1, 2, 3, 1, 5, 6, 7, 1, 9)  # a transformer, and three cables behind it
LINES = {
    "bought from the supplier": (1.0, 29.0),
    "sold to the supplier": (-1.0, 7.86),
    "bought in the community": (1.0, 16.0),
    "network fee on what was bought in the community": (1.0, 5.0),
}
"""Lines of a bill: sign, and ct/kWh."""
STRESSES = {
    "as_is": ("As it is", "Nothing goes wrong.", 1.0, 1.0),
    "price_shock": ("Price shock", "Wholesale prices triple for two days.", 1.2, 1.1),
    "forecast_loss": ("Forecasts lost", "Every forecast is that of the day before.", 1.05, 1.3),
}
"""Title, meaning, and by what costs of the rule and of the learned policy are multiplied."""
CLAIMS = (
    ("rule", "j_eur", 15.0, 11.2, False, "that is less than the 15 % promised"),
    ("nothing", "j_eur", 15.0, 18.6, True, "the whole interval lies above what is promised"),
)
MANIFEST = {
    "format": 1,
    "scenario": {"name": "rural", "source": "rural", "digest": "9f2c" * 16},
    "files": [{"part": "series", "path": "rural/series.parquet", "sha256": "ab12" * 16}],
    "draws": "ef56" * 16,
    "split": "test",
    "seed": 7,
    "controllers": [{"name": "learned", "role": "policy", "sources": ["runs/demo/bundle"], "parameters": {}}],
    "commit": "0123abcd",
    "created": "2026-02-03T04:05:06+00:00",
}


def add_extras(summary: dict[str, Any]) -> None:
    """Claims, manifest and costs by week."""
    shares = np.array([0.5, 0.2, 0.3])
    summary["j_eur_by_week"] = {
        name: (figures["j_eur"] * shares).tolist() for name, figures in summary["controllers"].items()
    }
    summary["claims"] = [
        {
            "controller": "learned",
            "against": against,
            "figure": figure,
            "promised_percent": promised,
            "reduction": {"estimate": found, "low": found - 2, "high": found + 2},
            "holds": holds,
            "reason": reason,
        }
        for against, figure, promised, found, holds, reason in CLAIMS
    ]
    why = "Against rule: that is less than the 15 % promised"
    summary["verdicts"] = [{"controller": "learned", "holds": False, "against": ["rule"], "reason": why}]
    summary["standings"] = {"learned": {"iqm": {"estimate": 0.63, "low": 0.5, "high": 0.74}}}
    summary["comparisons"] = {"learned": {"rule": {"improvement": {"estimate": 0.94}}}}
    summary["manifest"] = MANIFEST


def bill_rows(table: pa.Table, week: int) -> Iterator[dict[str, Any]]:
    """Lines that come to the bills of a table of members; the last balances them."""
    for row in table.to_pylist():
        rest_eur = row["bill_eur"]
        for line, (sign, price_ct) in LINES.items():
            energy_kwh = 40.0 + len(line)
            amount_eur = sign * energy_kwh * price_ct / 100
            rest_eur -= amount_eur
            yield _line(row, week, line, energy_kwh, price_ct, amount_eur)
        yield _line(row, week, "demand response", 0.0, None, rest_eur)


def _line(
    row: dict[str, Any], week: int, line: str, kwh: float, ct: float | None, eur: float
) -> dict[str, Any]:
    key = {"controller": row["controller"], "week": week, "member": row["member"], "line": line}
    return key | {"energy_kwh": kwh, "price_ct": ct, "amount_eur": eur}


def write_feeder(run: Path, week: int, controllers: tuple[str, ...] = ("rule", "learned")) -> None:
    """The feeder, and voltages and loadings that follow from each controller's transformer load."""
    bus = np.arange(len(PARENT))
    names = [f"prosumer_{n},ev_{n}" if n > 1 else "" for n in bus]
    network = {"bus": bus, "parent": PARENT, "rating_kva": [None, 100.0] + [60.0] * 9, "members": names}
    pq.write_table(pa.table(network), run / "traces" / "network.parquet")
    tables = []
    for controller in controllers:
        trace = pq.read_table(run / "traces" / f"{controller}.parquet", filters=[("week", "=", week)])
        kw = trace["feeder_kw"].to_numpy()
        depth = np.array([0, 1, 2, 3, 4, 2, 3, 4, 5, 2, 3])
        loading = np.abs(kw)[:, None] / 100 / np.maximum(1, depth) ** 1.5
        loading[:, 0] = np.nan
        tables.append(
            pa.table(
                {
                    "controller": [controller] * (kw.size * bus.size),
                    "week": np.full(kw.size * bus.size, week),
                    "slot": np.repeat(np.arange(kw.size), bus.size),
                    "bus": np.tile(bus, kw.size),
                    "voltage_pu": (1.02 - kw[:, None] * depth / 20000).ravel(),
                    "loading": pa.array(loading.ravel(), from_pandas=True),
                }
            )
        )
    pq.write_table(pa.concat_tables(tables), run / "traces" / "flows.parquet")


def write_trials(run: Path) -> None:
    """Robustness and exploitability."""
    costs = {"rule": (800.0, 300.0, 487.25), "learned": (700.0, 280.0, 430.05)}
    stresses = [
        {
            "name": name,
            "title": title,
            "meaning": meaning,
            "j_eur": {
                controller: [week * (on_rule if controller == "rule" else on_learned) for week in weeks]
                for controller, weeks in costs.items()
            },
            "bill_eur": {controller: sum(weeks) for controller, weeks in costs.items()},
            "unmet_ev_kwh": {"rule": 0.0, "learned": 2.5},
        }
        for name, (title, meaning, on_rule, on_learned) in STRESSES.items()
    ]
    (run / "robustness.json").write_text(json.dumps({"weeks": [7, 20, 33], "stresses": stresses}))
    rows = [
        {
            "member": f"prosumer_{member}",
            "kind": "prosumer",
            "responder": responder,
            "attack": attack,
            "gain_eur": gain,
            "gain_ct_per_kwh": gain / 10,
            "gain_percent_of_bill": gain * 2,
        }
        for member, gains in enumerate(((4.5, 1.0), (-2.0, -0.5)))
        for responder, attack, gain in zip(("zip", "shade 0.5 x 1"), ("policy", "bids"), gains, strict=True)
    ]
    itself = {"responder": "policy itself", "attack": "policy itself"} | dict.fromkeys(
        ("gain_eur", "gain_ct_per_kwh", "gain_percent_of_bill"), 0.0
    )
    found = {
        "policy": "learned",
        "weeks": [7, 20, 33],
        "rows": rows,
        "best": [rows[0], rows[2] | itself],
        "max_ct_per_kwh": 0.45,
        "mean_ct_per_kwh": 0.225,
        "attacks": {"bids": {"max_ct_per_kwh": 0.1, "mean_ct_per_kwh": 0.05}},
    }
    (run / "exploitability.json").write_text(json.dumps(found))


class Page(HTMLParser):
    """A page as its visible text, its tags' attributes and its ids."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._texts: list[str] = []
        self._in_style = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self._texts.append(data)

    @property
    def text(self) -> str:
        """Visible text with single spaces; narrow spaces between digits and at units are gone."""
        joined = " ".join(self._texts).replace("\u202f", "").replace("\u00a0", " ")
        return re.sub(r"\s+([.,:;])", r"\1", " ".join(joined.split()))

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


@pytest.fixture(scope="session")
def sample(run_parts: SimpleNamespace) -> SimpleNamespace:
    """What the tests of a run's folder and of its report share."""

    def write_bills(run: Path) -> None:
        """Bills of all weeks, in the first."""
        table = pq.read_table(run / "traces" / "members.parquet")
        rows = list(bill_rows(table, run_parts.weeks[0]))
        pq.write_table(pa.Table.from_pylist(rows), run / "traces" / "bills.parquet")

    def write_run(run: Path) -> Path:
        """A whole run with every optional part."""
        run.mkdir(parents=True)
        run_parts.write_summary(run, add_extras)
        run_parts.write_traces(run)
        run_parts.write_fills(run)
        write_bills(run)
        write_feeder(run, worst_week())
        write_trials(run)
        return run

    def worst_week() -> int:
        """The week in which the rule loads the transformer most."""
        return max(run_parts.weeks, key=lambda week: np.abs(run_parts.trace(week, 0.0, 0)["feeder_kw"]).max())

    def page(run: Path) -> Page:
        """The report of a run."""
        return Page(write_report(run))

    def bare_page(run: Path, change: Callable[[dict[str, Any]], Any] | None = None) -> Page:
        """The report of a run that left only its summary."""
        run_parts.write_summary(run, change)
        return page(run)

    return SimpleNamespace(
        **vars(run_parts),
        worst_week=worst_week(),
        claims=CLAIMS,
        manifest=MANIFEST,
        add_extras=add_extras,
        write_bills=write_bills,
        write_feeder=write_feeder,
        write_trials=write_trials,
        write_run=write_run,
        read=Page,
        page=page,
        bare_page=bare_page,
    )


@pytest.fixture(scope="session")
def whole_run(sample: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that has everything, with its report and its tables."""
    run: Path = sample.write_run(tmp_path_factory.mktemp("runs") / "demo")
    write_pages([run])
    return run


@pytest.fixture(scope="session")
def whole(sample: SimpleNamespace, whole_run: Path) -> Page:
    """The report of a run that has everything."""
    page: Page = sample.read(whole_run / "report.html")
    return page
