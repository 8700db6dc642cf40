"""docs/gas.md fits chain/gas.json, names every figure, and its sums are sums."""

import subprocess
import sys
from pathlib import Path

import pytest

from gridbid.chain.gas_bench import snapshot
from gridbid.chain.gas_bench.costs import Community, GasPrice, daily_gas

ROOT = Path(__file__).parent.parent.parent


def test_the_page_is_up_to_date():
    command = [sys.executable, str(ROOT / "docs" / "gas_page.py"), "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_every_figure_is_on_the_page():
    text = (ROOT / "docs" / "gas.md").read_text()
    for key in snapshot.read():
        name = key.removeprefix("first_use_").removeprefix("deploy_")
        assert f"`{name}`" in text


def test_a_day_is_the_sum_of_its_actions():
    """Two homes, 96 slots, an order a slot: half rest, half are filled, none is cancelled."""
    gas = {"rest": 10, "one_fill": 30, "cancel": 1_000, "open_slot_per_seat": 1, "reading_each_of_50": 2}
    community = Community(homes=2, orders_a_slot=1.0, share_filled=0.5, share_cancelled=0.0)
    assert daily_gas({**gas, "settle_each_of_50": 3}, community) == 192 * (0.5 * 10 + 0.5 * 30 + 1 + 2 + 3)


def test_a_million_gas_at_one_gwei_is_a_thousandth_of_an_ether():
    assert GasPrice("x", 1.0, 3_000.0).eur(1_000_000) == pytest.approx(3.0)
