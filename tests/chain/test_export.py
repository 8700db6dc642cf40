"""What is exported adds up to what the ledger itself says, however often the export is taken up again."""

import random
from collections import Counter

import pyarrow.parquet as pq
import pytest

from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.records.export import export_history
from gridbid.market.types import Side, Terms

TERMS = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)
MEMBERS = (1, 2, 3, 4)
FIRST = 1_000_000
SLOTS = range(FIRST, FIRST + 12, 2)
"""Every other one: the next one's gate closes when a slot ends."""


def new_ledger():
    ledger = EmbeddedLedger(MarketParameters(900, ring_size=16, deadline_seconds=600), now=FIRST * 900 - 900)
    for _ in MEMBERS:
        ledger.deposit(ledger.register(), 100 * 10**9)
    ledger.deposit_supplier(100 * 10**9)
    return ledger


def trade_slot(ledger, slot, draw):
    """Random orders, a reading for each member, and settlements of all but the last one."""
    limits = dict.fromkeys(MEMBERS, 20_000)
    ledger.publish(slot, TERMS, limits, limits)
    for _ in range(20):
        side = draw.choice([Side.BUY, Side.SELL])
        ledger.place(slot, draw.choice(MEMBERS), side, draw.randrange(60), draw.randrange(1, 900))
    ledger.advance_to((slot + 1) * 900)
    for member in MEMBERS[:-1]:
        ledger.submit_reading(slot, member, draw.randrange(-3_000, 3_000))
        ledger.settle(slot, member)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A ledger after six slots, and its export, taken up again after each slot."""
    ledger, draw = new_ledger(), random.Random(5)
    folder = tmp_path_factory.mktemp("export") / "events"
    contracts = CommunityContracts(ledger.node, ledger.deployment)
    for slot in SLOTS:
        trade_slot(ledger, slot, draw)
        export_history(contracts, folder)
    return ledger, contracts, folder


def rows_of(folder, file):
    return pq.read_table(folder / file).to_pylist()


def test_transactions_sum_to_the_positions(exported):
    ledger, _, folder = exported
    bought, sold, paid, received = Counter(), Counter(), Counter(), Counter()
    rows = rows_of(folder, "transactions.parquet")
    assert len(rows) > 20
    for row in rows:
        bought[row["slot"], row["consumer"]] += row["energy_wh"]
        sold[row["slot"], row["producer"]] += row["energy_wh"]
        paid[row["slot"], row["consumer"]] += row["amount_neur"]
        received[row["slot"], row["producer"]] += row["amount_neur"]
        assert row["amount_neur"] == row["energy_wh"] * row["price_neur_per_wh"]
        assert row["fee_neur"] == row["energy_wh"] * TERMS.fee
        assert int(row["delivery_start"].timestamp()) == row["slot"] * 900
        assert row["delivery_start"].tzname() == "UTC"
        assert row["settled"] == (MEMBERS[-1] not in (row["producer"], row["consumer"]))
        assert (row["renewable_ppm"], row["grid_state"]) == (0, "normal")
    for slot in SLOTS:
        for member in MEMBERS:
            position = ledger.position(slot, member)
            assert bought[slot, member] == position.bought_wh
            assert sold[slot, member] == position.sold_wh
            assert paid[slot, member] == position.paid_neur
            assert received[slot, member] == position.received_neur


def test_money_in_and_settled_is_the_balance(exported):
    ledger, _, folder = exported
    balance = Counter()
    for row in rows_of(folder, "energy_trading/deposited.parquet"):
        balance[row["participant"]] += row["amount_neur"]
    for row in rows_of(folder, "energy_trading/settled.parquet"):
        balance[row["participant"]] += row["change_neur"]
    assert balance == {member: ledger.balance(member) for member in MEMBERS}


def test_one_export_is_what_many_made(exported, tmp_path):
    _, contracts, folder = exported
    export_history(contracts, tmp_path / "at once")
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.parquet"))
    assert files == sorted(
        path.relative_to(tmp_path / "at once") for path in (tmp_path / "at once").rglob("*.parquet")
    )
    for file in files:
        assert pq.read_table(folder / file).equals(pq.read_table(tmp_path / "at once" / file))
    assert (folder / "export.json").read_text() == (tmp_path / "at once" / "export.json").read_text()


def test_an_export_that_was_interrupted_counts_nothing_twice(exported, tmp_path):
    _, contracts, folder = exported
    half = contracts.deployment.block_number + 60
    export_history(contracts, tmp_path, half)
    progress = (tmp_path / "export.json").read_text()
    export_history(contracts, tmp_path)
    (tmp_path / "export.json").write_text(progress)  # as if it had been killed before the last step
    export_history(contracts, tmp_path)
    for file in folder.rglob("*.parquet"):
        assert pq.read_table(file).equals(pq.read_table(tmp_path / file.relative_to(folder)))


def test_nothing_new_changes_nothing(exported):
    _, contracts, folder = exported
    summary = export_history(contracts, folder)
    assert summary.new_events == {}
    assert summary.first_block == summary.last_block + 1


def test_columns_are_typed_and_say_their_units(exported):
    _, _, folder = exported
    traded = pq.read_schema(folder / "energy_trading" / "traded.parquet")
    assert [(field.name, str(field.type)) for field in traded] == [
        ("slot", "int64"),
        ("maker_side", "string"),
        ("maker_tick", "int16"),
        ("maker_sequence", "int64"),
        ("maker", "int64"),
        ("taker", "int64"),
        ("quantity_wh", "int64"),
        ("block_number", "int64"),
        ("block_time", "timestamp[ms, tz=UTC]"),
        ("transaction_hash", "string"),
        ("log_index", "int32"),
    ]
    opened = pq.read_schema(folder / "energy_trading" / "slot_opened.parquet")
    assert "price_cap_neur_per_wh" in opened.names
    assert str(opened.field("grid_state").type) == "string"


def test_a_folder_belongs_to_one_deployment(exported):
    _, _, folder = exported
    other = EmbeddedLedger(MarketParameters(900, ring_size=4), now=1)
    with pytest.raises(StopError, match=r"OtherExport: .* another deployment"):
        export_history(CommunityContracts(_elsewhere(other), other.deployment), folder)


def _elsewhere(ledger):
    """The ledger's node, saying that it is another chain."""
    ledger.node.chain_id += 1
    return ledger.node
