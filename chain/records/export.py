"""Write what the contracts told as Parquet files, one a kind of event, and the trades as energy transactions.

A folder holds `<contract>/<event>.parquet`, `transactions.parquet` and `export.json`, which says how far it has come.
Exporting into it again adds what is new. A file is replaced as a whole, and `export.json` is written last: whatever
interrupts an export, the next one starts from the last block that all files hold.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from gridbid.chain.client import ContractEvent
from gridbid.chain.clients.closing_auction import AuctionTraded, ClosingAuction
from gridbid.chain.clients.energy_trading import Settled, SlotOpened, Traded
from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.compilation.client_types import snake_case
from gridbid.chain.errors import StopError
from gridbid.chain.records.columns import schema_of, table_of
from gridbid.chain.records.history import History, Told
from gridbid.chain.records.transactions import table_of_transactions, transactions_of

BLOCKS_A_SAVE = 50_000
PROGRESS_FILE = "export.json"
TRANSACTIONS_FILE = "transactions.parquet"


@dataclass(frozen=True)
class Progress:
    """Whose events a folder holds, and from which block on they are still to come."""

    chain_id: int
    contracts: dict[str, str]
    next_block: int


@dataclass(frozen=True)
class ExportSummary:
    """What an export did."""

    first_block: int
    last_block: int
    new_events: dict[str, int]
    """By file, relative to the folder."""
    transactions: int
    """How many energy transactions there are now, older ones included."""


def export_history(
    contracts: CommunityContracts, folder: Path, last_block: int | None = None
) -> ExportSummary:
    """Bring a folder up to a block, the chain's last one by default. Raises StopError for another deployment's folder."""
    history = History(contracts.node, contracts.clients)
    progress = _progress(contracts, folder)
    first_block = progress.next_block
    last_block = history.last_block() if last_block is None else last_block
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    for begin in range(first_block, last_block + 1, BLOCKS_A_SAVE):
        end = min(begin + BLOCKS_A_SAVE - 1, last_block)
        counts += _append(folder, history.read(begin, end), begin)
        _save(folder, replace(progress, next_block=end + 1))
    transactions = _transactions(folder, contracts)
    _write(folder / TRANSACTIONS_FILE, transactions)
    return ExportSummary(first_block, last_block, dict(sorted(counts.items())), transactions.num_rows)


def event_file(contract: str, event: type[ContractEvent]) -> str:
    """File of a kind of event, relative to the folder."""
    return f"{snake_case(contract)}/{snake_case(event.NAME)}.parquet"


def _progress(contracts: CommunityContracts, folder: Path) -> Progress:
    """How far a folder has come; a new one starts where the contracts do."""
    own = Progress(
        contracts.node.chain_id,
        {name: record.address for name, record in contracts.deployment.contracts.items()},
        contracts.deployment.first_block,
    )
    file = folder / PROGRESS_FILE
    if not file.exists():
        return own
    try:
        found = Progress(**json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise StopError("BadExport", f"{file} does not say how far the export has come: {error}") from error
    if replace(found, next_block=own.next_block) != own:
        raise StopError(
            "OtherExport", f"{folder} holds the events of another deployment; name another folder"
        )
    return found


def _append(folder: Path, told: Iterable[Told], first_block: int) -> Counter[str]:
    """Add events from a block on to their files; return how many each file got."""
    kinds: dict[tuple[str, type[ContractEvent]], list[Told]] = {}
    for entry in told:
        kinds.setdefault((entry.contract, type(entry.event)), []).append(entry)
    counts: Counter[str] = Counter()
    for (contract, event), entries in kinds.items():
        name = event_file(contract, event)
        older = _read(folder, contract, event)
        # An interrupted export may have left events that its progress does not count.
        older = older.filter(pa.compute.less(older["block_number"], first_block))
        _write(folder / name, pa.concat_tables([older, table_of(event, entries)]))
        counts[name] = len(entries)
    return counts


def _transactions(folder: Path, contracts: CommunityContracts) -> pa.Table:
    trading, auction = contracts.trading.CONTRACT, ClosingAuction.CONTRACT
    transactions = transactions_of(
        _read(folder, trading, Traded),
        _read(folder, auction, AuctionTraded),
        _read(folder, trading, SlotOpened),
        _read(folder, trading, Settled),
        slot_seconds=contracts.slot_seconds,
        tick_size=contracts.tick_size,
    )
    return table_of_transactions(transactions)


def _read(folder: Path, contract: str, event: type[ContractEvent]) -> pa.Table:
    file = folder / event_file(contract, event)
    return pq.read_table(file) if file.exists() else schema_of(event).empty_table()


def _save(folder: Path, progress: Progress) -> None:
    part = folder / f"{PROGRESS_FILE}.part"
    part.write_text(json.dumps(asdict(progress), indent=1) + "\n")
    os.replace(part, folder / PROGRESS_FILE)


def _write(file: Path, table: pa.Table) -> None:
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".part")
    pq.write_table(table, part)
    os.replace(part, file)
