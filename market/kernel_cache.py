"""Where compiled kernels are kept: a folder for each state of the core's sources, a file for each signature of a kernel.

Numba's own cache keeps an index beside a kernel's files, which it reads, changes and writes back: of two processes that save
two signatures at once, one may come to own the other's code, which a later start then runs on the wrong types (numba
#4807). Here a file's name says all that the code depends on, and it is put in place whole: whoever saves it saves the same,
nothing is shared that could be torn, and no lock can hang on a network file system.
"""

import hashlib
import os
import pickle
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numba as nb
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.core.sigutils import normalize_signature


def _digest_of_sources(package: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


_PACKAGE = Path(__file__).parent
_PREFIX = "kernels-"
_FOLDER = _PREFIX + _digest_of_sources(_PACKAGE)
KEPT_DAYS = 3.0
"""A folder that no process has begun to use for so long is removed when another is made."""


@cache
def cache_folders() -> tuple[Path, ...]:
    """Folders to look in for this state of the core's sources; the first that can be written is written to.

    ``NUMBA_CACHE_DIR`` alone, where it is set; else beside the sources, then the user's cache: an installation that only
    root may write is read, and what it lacks is the user's own.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    parents = (Path(chosen),) if chosen else (_PACKAGE / "__pycache__", *_user_cache())
    return tuple(parent / _FOLDER for parent in parents)


@cache
def writable_folder() -> Path | None:
    """The folder that this process writes to, made and marked as used; None where none can be written."""
    for folder in cache_folders():
        try:
            is_new = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            os.utime(folder)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            if is_new:
                remove_unused(folder.parent, KEPT_DAYS)
            return folder
    return None


def remove_unused(parent: Path, days: float) -> None:
    """Remove the kernels of other states of the sources that nobody has begun to use for so many days."""
    for folder in parent.glob(_PREFIX + "*"):
        try:
            unused_s = time.time() - folder.stat().st_mtime
        except OSError:  # removed by somebody else meanwhile
            continue
        if unused_s > days * 86_400.0:
            shutil.rmtree(folder, ignore_errors=True)


class KernelCache:
    """What numba's dispatcher asks of a cache, for one kernel."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function: Any = function
        # Now, not when it is compiled: what was imported is compiled, whatever becomes of its file meanwhile.
        self._source_digest = _digest_of_file(Path(self._function.__code__.co_filename))

    @property
    def cache_path(self) -> str:
        """The folder that is written to."""
        return str(writable_folder())

    def load_overload(self, signature: Any, target_context: Any) -> CompileResult | None:
        """The code for a signature, or None where nobody has saved it."""
        target_context.refresh()
        if not self._is_cachable():
            return None
        writable_folder()  # marks it as used
        name = self._file_name(signature, target_context.codegen())
        for folder in cache_folders():
            # A file that isn't there, or was cut short when a machine went down.
            try:
                reduced = pickle.loads((folder / name).read_bytes())
            except (OSError, EOFError, pickle.UnpicklingError):
                continue
            compiled = CompileResult._rebuild(target_context, *reduced)
            if tuple(compiled.signature.args) == normalize_signature(signature)[0]:
                return compiled
        return None

    def save_overload(self, signature: Any, compiled: CompileResult) -> None:
        """Keep the code for a signature; where that can't be done, the next process compiles it again."""
        folder = writable_folder()
        if folder is None or not self._is_cachable() or compiled.library.has_dynamic_globals:
            return
        path = folder / self._file_name(signature, compiled.library.codegen)
        aside = path.with_name(f"{path.name}.{uuid4().hex}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(dumps(compiled._reduce()))
            os.replace(aside, path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            warnings.warn(f"compiled kernels are not kept: {error}", RuntimeWarning, stacklevel=2)

    def flush(self) -> None:
        """Forget this kernel's code in every signature."""
        for folder in cache_folders():
            for path in folder.glob(f"{self._name()}.*"):
                path.unlink(missing_ok=True)

    def _is_cachable(self) -> bool:
        """A closure's cells, and what is typed at a prompt, have no file that stands for them."""
        return self._function.__closure__ is None and self._source_digest is not None

    def _with_callees(self) -> "list[KernelCache]":
        """This kernel and, one after the other, those that it names and they name: their code becomes part of it."""
        found = [self]
        for kernel in found:  # it grows
            for name in kernel._function.__code__.co_names:
                callee = getattr(kernel._function.__globals__.get(name), "_cache", None)
                if isinstance(callee, KernelCache) and callee not in found:
                    found.append(callee)
        return found

    def _name(self) -> str:
        code = self._function.__code__
        return f"{self._function.__module__}.{code.co_qualname}-{code.co_firstlineno}".replace("<locals>", "")

    def _file_name(self, signature: Any, codegen: Any) -> str:
        """A name that differs where the code may differ."""
        depends_on = (
            nb.__version__,
            sys.version_info,
            nb.config.BOUNDSCHECK,
            codegen.magic_tuple(),
            [(kernel._source_digest, list(_constants(kernel._function))) for kernel in self._with_callees()],
            signature,
        )
        return f"{self._name()}.{hashlib.sha256(repr(depends_on).encode()).hexdigest()[:32]}"


def _constants(function: Any) -> Iterator[tuple[str, object]]:
    """Numbers that a kernel names: they are part of its code, and may come from another file."""
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, bool | int | float | tuple):
            yield name, value


def _digest_of_file(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _user_cache() -> Iterator[Path]:
    chosen = os.environ.get("XDG_CACHE_HOME")
    try:
        yield (Path(chosen) if chosen else Path.home() / ".cache") / "gridbid"
    except RuntimeError:  # a user without a home
        return
