"""Compiled kernels: never yesterday's, never another's, whoever compiles at the same time and wherever they are kept."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gridbid.market
from gridbid.market.kernel import kernel
from gridbid.market.kernel_cache import KEPT_DAYS, remove_unused

CALLER = """
from gridbid.market.kernel import kernel
from gridbid.market.rules import unit_lock

@kernel
def lock():
    return unit_lock(0, 10, 5, 0)

print(lock())
print(lock.stats.cache_hits.total(), lock.stats.cache_path)
"""

WORKER = """
import sys, time
import many_kernels

start_s, is_odd = float(sys.argv[1]), int(sys.argv[2]) % 2
for n, kernel in enumerate(many_kernels.KERNELS):
    time.sleep(max(0.0, start_s + 0.15 * n - time.time()))
    for value in (3, 2.5) if is_odd else (2.5, 3):
        doubled = kernel(value)
        assert (type(doubled), doubled) == (type(value), 2 * value), (n, value, doubled)
print(sum(kernel.stats.cache_misses.total() for kernel in many_kernels.KERNELS))
"""


def start(script, folder, *arguments, **environment):
    """A process that runs a script, with ``folder`` first on its path."""
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(script), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def told_by(process):
    """What a process printed, once it has ended well."""
    told, complaint = process.communicate()
    assert process.returncode == 0, complaint
    return told


# --- several processes on one empty cache


def test_processes_that_start_at_once_on_an_empty_cache_never_swap_code(tmp_path):
    """Two signatures of each kernel, saved in both orders at the same moment; afterwards nothing is left to compile."""
    kernels = [f"@kernel\ndef kernel_{n}(x):\n    return x + x\n" for n in range(8)]
    names = ", ".join(f"kernel_{n}" for n in range(len(kernels)))
    source = "\n".join(
        ["from gridbid.market.kernel import kernel", *kernels, f"KERNELS = [{names}]"],
    )
    (tmp_path / "many_kernels.py").write_text(source, encoding="utf-8")
    worker = tmp_path / "worker.py"
    worker.write_text(WORKER, encoding="utf-8")
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    start_s = time.time() + 1.5
    processes = [start(worker, tmp_path, start_s, number, **cache) for number in range(4)]
    compiled = [int(told_by(process)) for process in processes]
    assert max(compiled) > 0
    assert int(told_by(start(worker, tmp_path, 0.0, 0, **cache))) == 0


@pytest.mark.slow
def test_engines_that_start_at_once_on_an_empty_cache_agree(tmp_path):
    script = tmp_path / "engine.py"
    script.write_text(
        "import numpy as np\n"
        "from gridbid.market.engine import Engine\n"
        "from gridbid.market.naive.communities import random_community\n"
        "engine = Engine(random_community(np.random.default_rng(0)), 2)\n"
        "engine.reset(200, 4)\n"
        "share = np.full((2, 8), 0.5)\n"
        "for _ in range(4):\n"
        "    engine.step(share, share, share, np.full((2, 8, 4), 0.3))\n"
        "print(engine.state.totals.cash_neur.tolist())\n",
        encoding="utf-8",
    )
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    processes = [start(script, tmp_path, **cache) for _ in range(3)]
    assert len({told_by(process) for process in [*processes, start(script, tmp_path, **cache)]}) == 1


# --- where kernels are kept


@pytest.fixture
def copy(tmp_path):
    """A copy of the package that its processes find first."""
    package = tmp_path / "gridbid" / "market"
    source = Path(gridbid.market.__file__).parent
    shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__", "naive", "grid"))
    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    # Without the editable install's own finder, which would come first.
    (tmp_path / "run.py").write_text(
        "import runpy, sys\n"
        "sys.meta_path = [finder for finder in sys.meta_path if 'editable' not in str(finder)]\n"
        f"runpy.run_path({str(tmp_path / 'caller.py')!r})\n",
        encoding="utf-8",
    )
    return package


def run_copy(copy, **environment):
    """Result of the caller's kernel, how many signatures came from the cache, and where it lies."""
    environment = {"NUMBA_CACHE_DIR": "", **environment}
    value, found, folder = told_by(start(copy.parents[1] / "run.py", copy.parents[1], **environment)).split()
    return int(value), int(found), Path(folder)


def test_a_changed_callee_is_never_served_from_the_cache(copy):
    first = run_copy(copy)
    assert first == (15, 0, first[2]) and first[2].parent == copy / "__pycache__"
    assert run_copy(copy) == (15, 1, first[2])
    rules = copy / "rules.py"
    changed = rules.read_text(encoding="utf-8").replace("price + fee)", "price + 2 * fee)")
    rules.write_text(changed, encoding="utf-8")
    assert run_copy(copy)[:2] == (20, 0)
    assert len(list((copy / "__pycache__").glob("kernels-*"))) == 2


OUTSIDE_CALLER = """
from outside_middle import middle
from gridbid.market.kernel import kernel

@kernel
def outer(x):
    return middle(x) + 1

print(outer(10), outer.stats.cache_hits.total())
"""


def test_a_changed_callee_outside_of_the_core_is_never_served_from_the_cache(tmp_path):
    """Nor a callee's callee, each in a file of its own."""
    head = "from gridbid.market.kernel import kernel\n"
    middle = f"{head}from outside_inner import inner\n\n@kernel\ndef middle(x):\n    return inner(x)\n"
    inner = f"{head}\n@kernel\ndef inner(x):\n    return x + x\n"
    (tmp_path / "outer.py").write_text(OUTSIDE_CALLER, encoding="utf-8")
    (tmp_path / "outside_middle.py").write_text(middle, encoding="utf-8")
    (tmp_path / "outside_inner.py").write_text(inner, encoding="utf-8")
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    assert told_by(start(tmp_path / "outer.py", tmp_path, **cache)).split() == ["21", "0"]
    assert told_by(start(tmp_path / "outer.py", tmp_path, **cache)).split() == ["21", "1"]
    (tmp_path / "outside_inner.py").write_text(inner.replace("x + x", "3 * x"), encoding="utf-8")
    assert told_by(start(tmp_path / "outer.py", tmp_path, **cache)).split() == ["31", "0"]


def test_an_installation_that_cannot_be_written_uses_the_users_cache(copy, tmp_path):
    (copy / "__pycache__").write_text("no folder can be made here", encoding="utf-8")
    home = {"XDG_CACHE_HOME": str(tmp_path / "home")}
    value, found, folder = run_copy(copy, **home)
    assert (value, found, folder.parent) == (15, 0, tmp_path / "home" / "gridbid")
    assert run_copy(copy, **home) == (15, 1, folder)


def test_where_nothing_can_be_kept_kernels_still_run(copy, tmp_path):
    (tmp_path / "file").touch()
    nowhere = {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "folder")}
    assert [run_copy(copy, **nowhere)[:2] for _ in range(2)] == [(15, 0), (15, 0)]


def a_limit_more(x):
    return x + LIMIT


LIMIT = 10


def files_of(dispatcher):
    """Files in which a kernel of this module is kept."""
    name = dispatcher.py_func.__code__.co_qualname
    return list(Path(dispatcher.stats.cache_path).glob(f"*.{name}-*"))


def test_each_signature_has_a_file_of_its_own_whoever_comes_first():
    """So there is no index that two processes could write over each other."""
    kept = {}
    for values in ((3, 2.5), (2.5, 3)):
        again = kernel(a_limit_more)
        again._cache.flush()
        for value in values:
            before = set(files_of(again))
            again(value)
            (new,) = set(files_of(again)) - before
            assert kept.setdefault(type(value), new) == new
    assert kept[int] != kept[float]


def test_a_file_cut_short_is_compiled_again():
    assert kernel(a_limit_more)(1) == 11
    kept = files_of(kernel(a_limit_more))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:100])
    for misses in (1, 0):
        again = kernel(a_limit_more)
        assert (again(1), again.stats.cache_misses.total()) == (11, misses)


def test_a_constant_that_a_kernel_names_is_part_of_its_code(monkeypatch):
    """It may come from a file that the sources' digest doesn't cover."""
    assert kernel(a_limit_more)(1) == 11
    monkeypatch.setitem(globals(), "LIMIT", 30)
    assert kernel(a_limit_more)(1) == 31


def test_flushing_forgets_a_kernel():
    again = kernel(a_limit_more)
    assert again(1) == 11 and files_of(again)
    again._cache.flush()
    assert not files_of(again)
    again.recompile()
    assert again(1) == 11 and again.stats.cache_misses.total() >= 1 and files_of(again)


def test_closures_are_not_kept():
    """Two closures of one line differ in what they enclose, which no file tells."""

    def adds(number):
        @kernel
        def add(x):
            return x + number

        return add

    assert (adds(1)(5), adds(2)(5)) == (6, 7)


def test_only_folders_that_nobody_uses_are_removed(tmp_path):
    day_s = 86_400.0
    ages_days = {
        "kernels-new": 0.0,
        "kernels-used": KEPT_DAYS - 0.1,
        "kernels-old": KEPT_DAYS + 0.1,
        "other": 99.0,
    }
    for name, days in ages_days.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "book.place").touch()
        then = time.time() - days * day_s
        os.utime(tmp_path / name, (then, then))
    remove_unused(tmp_path, KEPT_DAYS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kernels-new", "kernels-used", "other"]


def test_a_folder_counts_as_used_when_kernels_are_taken_from_it(copy):
    *_, folder = run_copy(copy)
    os.utime(folder, (0.0, 0.0))
    assert run_copy(copy) == (15, 1, folder)
    assert folder.stat().st_mtime > time.time() - 3_600.0


def test_what_was_imported_is_kept_under_its_own_sources(copy):
    """Not under those that have taken their place by the time it is compiled."""
    edit = f"""
import os
from pathlib import Path

rules = Path({str(copy / "rules.py")!r})
if "EDIT" in os.environ:
    source = rules.read_text(encoding="utf-8").replace("price + fee)", "price + 2 * fee)")
    rules.write_text(source, encoding="utf-8")

print(lock())"""
    caller = copy.parents[1] / "caller.py"
    caller.write_text(CALLER.replace("\nprint(lock())", edit, 1), encoding="utf-8")
    assert run_copy(copy, EDIT="1")[0] == 15
    assert run_copy(copy)[:2] == (20, 0)
