"""The book's benchmark compares like with like: every yardstick trades as our book does, fill for fill."""

import logging
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gridbid.evaluate.benchmarks import book as benchmark
from gridbid.evaluate.benchmarks import ladder
from gridbid.evaluate.benchmarks.book import (
    OurBook,
    measure_beside_ladder,
    measure_beside_peer,
    require_same_trades,
)
from gridbid.evaluate.benchmarks.ladder import Ladder
from gridbid.evaluate.benchmarks.order_flow import CANCEL_SHARE, Flow, Trades, random_flow
from gridbid.evaluate.benchmarks.peer_books import STANDARD_LIBRARY, PeerBook, books_of
from gridbid.evaluate.benchmarks.yardsticks import Unavailable, importable, installed
from gridbid.market.naive.book import NaiveBook
from gridbid.market.types import N_TICKS

needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None, reason="the ladder is compiled when it is used"
)


def naive_trades(flow: Flow, max_fills: int) -> Trades:
    """The flow through the plain twin; an order's number is found by its id's sequence in its queue."""
    rows: list[tuple[int, int, int, int]] = []
    for n, (order, owner, side, tick, wh, rest) in enumerate(flow.events.tolist()):
        if n % flow.per_book == 0:
            book, numbers = NaiveBook(0, N_TICKS, max_fills), {}
        if wh == 0:
            for name in [name for name, number in numbers.items() if number == order]:
                book.cancel(name)
            continue
        fills, _, name = book.place(owner, side, tick, wh, bool(rest))
        if name:
            numbers[name] = order
        rows += [(order, numbers[fill.maker_order], fill.tick, fill.quantity_wh) for fill in fills]
    return Trades(*np.array(rows, np.int32).reshape(-1, 4).T)


@needs_compiler
@pytest.mark.parametrize("per_book", [1, 10, 100, 1_000])
@pytest.mark.parametrize(
    ("n_owners", "resting_share", "max_fills"), [(3, 0.8, 1), (20, 0.9, 2), (400, 1.0, 64)]
)
def test_ladder_and_book_trade_as_the_plain_twin(
    per_book: int, n_owners: int, resting_share: float, max_fills: int
) -> None:
    flow = random_flow(per_book, 3_000, n_owners, resting_share, seed=per_book)
    ours, yardstick = OurBook(flow, max_fills), Ladder(flow, max_fills)
    assert ours.play() == yardstick.play() == 3_000
    expected = naive_trades(flow, max_fills)
    require_same_trades("the book", ours.trades(), expected)
    require_same_trades("the ladder", yardstick.trades(), expected)
    assert (len(expected.taker) > 300) == (per_book > 1)


@needs_compiler
def test_a_flow_may_be_played_again() -> None:
    flow = random_flow(100, 2_000, 20)
    for player in (OurBook(flow), Ladder(flow)):
        player.play()
        first = Trades(*(column.copy() for column in player.trades()))
        player.play()
        require_same_trades("the second play", player.trades(), first)


@pytest.mark.parametrize("per_book", [10, 100, 1_000, 10_000])
def test_flow_cancels_a_tenth_and_crosses_often(per_book: int) -> None:
    flow = random_flow(per_book, 100_000, n_owners=max(per_book, 20))
    ours = OurBook(flow)
    ours.play()
    placed = flow.events[:, 4] > 0
    assert (~placed).mean() == pytest.approx(CANCEL_SHARE, abs=0.012)
    crossing = np.count_nonzero(np.diff(ours.trades().taker)) + 1
    assert 0.35 < crossing / np.count_nonzero(placed) < 0.55
    assert flow.events[:, 3].min() >= 0
    assert flow.events[:, 3].max() < N_TICKS
    assert (flow.events[:, 0] == np.arange(100_000) % per_book)[placed].all()


@pytest.mark.parametrize("per_book", [10, 100, 1_000])
def test_heap_and_dict_trade_as_our_book(per_book: int) -> None:
    flow = random_flow(per_book, 4_000)
    ours = OurBook(flow)
    ours.play()
    theirs = STANDARD_LIBRARY.player()(books_of(flow, 3_000))
    require_same_trades("heap and dict", ours.trades(3_000), Trades(*np.array(theirs).T))


def test_other_trades_are_no_comparison() -> None:
    flow = random_flow(100, 1_000)
    ours = OurBook(flow)
    ours.play()
    trades = ours.trades()
    with pytest.raises(RuntimeError, match="a book trades otherwise"):
        require_same_trades("a book", trades, trades._replace(quantity_wh=trades.quantity_wh + 1))
    with pytest.raises(RuntimeError, match="a book trades otherwise"):
        require_same_trades("a book", trades, Trades(*(column[:-1] for column in trades)))


@needs_compiler
def test_measures_say_what_was_beside_what() -> None:
    measures = [measure_beside_ladder(100), *measure_beside_peer(STANDARD_LIBRARY, reach=None)]
    assert [measure.name for measure in measures] == [
        "order book, 100 events a book (beside a C ladder)",
        "order book, 10 events a book (beside heapq and dict, standard library)",
        "order book, 100 events a book (beside heapq and dict, standard library)",
        "order book, 1000 events a book (beside heapq and dict, standard library)",
    ]
    assert [measure.reach for measure in measures] == [0.95, None, None, None]
    for measure in measures:
        assert measure.unit == "ns/event"
        assert measure.ratio == measure.yardstick / measure.ours


def test_without_a_compiler_the_ladder_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ladder._compiled.cache_clear()
    with pytest.raises(Unavailable, match="there is no cc"):
        Ladder(random_flow(10, 100))
    ladder._compiled.cache_clear()


@needs_compiler
def test_what_cannot_be_had_is_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    missing = PeerBook("a book", (str(tmp_path / "no_such_book.whl"),), 100, STANDARD_LIBRARY.load)
    monkeypatch.setattr(benchmark, "PEER_BOOKS", [missing])
    with caplog.at_level(logging.WARNING):
        measures = benchmark.book_measures()
    assert "no_such_book.whl can't be installed" in caplog.text
    assert [measure for measure in measures if "a book," in measure.name] == []
    assert len(measures) == 4 + 3


def write_wheel(folder: Path) -> Path:
    """A wheel of one module, as small as pip accepts."""
    wheel = folder / "tiny_book-1.0-py3-none-any.whl"
    info = "tiny_book-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_book.py", "ANSWER = 42\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-book\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def test_a_package_is_installed_once_into_a_folder_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    wheel = write_wheel(tmp_path)
    folder = installed((str(wheel),))
    wheel.unlink()
    assert installed((str(wheel),)) == folder
    assert folder.is_relative_to(tmp_path / "cache")
    with importable(folder):
        import tiny_book

        assert tiny_book.ANSWER == 42
    assert str(folder) not in sys.path
