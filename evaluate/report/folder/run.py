"""A run's folder: its summary, and the tables beside it where they are there."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from gridbid.evaluate.report.controllers import RULE
from gridbid.evaluate.report.folder.columns import (
    BILL_COLUMNS,
    FILL_COLUMNS,
    FLOW_COLUMNS,
    GAIN_COLUMNS,
    MEMBER_COLUMNS,
    NETWORK_COLUMNS,
    TRACE_COLUMNS,
    Columns,
    read_columns,
)
from gridbid.evaluate.report.folder.exploits import Exploits, read_exploits
from gridbid.evaluate.report.folder.read_summary import read_summary
from gridbid.evaluate.report.folder.stresses import Stresses, read_stresses
from gridbid.evaluate.report.folder.summary import Summary


@dataclass(frozen=True)
class Run:
    """What a run left; a table that isn't there is None, one that is malformed raises ReportError when it is asked for."""

    folder: Path
    summary: Summary

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The run in a folder; ReportError if it has no sound summary."""
        return cls(folder, read_summary(folder / "summary.json"))

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    def trace(self, controller: str) -> Columns | None:
        """A controller's weeks slot by slot."""
        return read_columns(self.folder / "traces" / f"{controller}.parquet", TRACE_COLUMNS)

    @cached_property
    def traces(self) -> tuple[Columns, Columns] | None:
        """Traces of the rule and of the featured controller, if both are there."""
        if self.summary.featured is None:
            return None
        rule, featured = self.trace(RULE), self.trace(self.summary.featured)
        return None if rule is None or featured is None else (rule, featured)

    @cached_property
    def members(self) -> Columns | None:
        """Parts of J by controller and member."""
        return read_columns(self.folder / "traces" / "members.parquet", MEMBER_COLUMNS)

    @cached_property
    def gains(self) -> Columns | None:
        """What each member gains by the community, by controller."""
        return read_columns(self.folder / "traces" / "gains.parquet", GAIN_COLUMNS)

    @cached_property
    def bills(self) -> Columns | None:
        """Lines of the bills by controller, week and member."""
        return read_columns(
            self.folder / "traces" / "bills.parquet", BILL_COLUMNS, ("energy_kwh", "price_ct")
        )

    @cached_property
    def network(self) -> Columns | None:
        """The feeder's buses, and who is connected to them."""
        return read_columns(self.folder / "traces" / "network.parquet", NETWORK_COLUMNS, ("rating_kva",))

    @cached_property
    def flows(self) -> Columns | None:
        """Voltages and loadings of one week, by controller, slot and bus."""
        return read_columns(self.folder / "traces" / "flows.parquet", FLOW_COLUMNS, ("voltage_pu", "loading"))

    @cached_property
    def fills(self) -> Columns | None:
        """Trades on the chain's market."""
        return read_columns(self.folder / "chain" / "fills.parquet", FILL_COLUMNS)

    @cached_property
    def stresses(self) -> Stresses | None:
        """How the controllers stood up to what may go wrong; None if it wasn't tried."""
        return read_stresses(self.folder / "robustness.json")

    @cached_property
    def exploits(self) -> Exploits | None:
        """What a member could gain by leaving the policy; None if it wasn't tried."""
        return read_exploits(self.folder / "exploitability.json")
