"""How the command speaks: one console, stages with plain words, progress bars."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console(highlight=False)


class Stages:
    """Numbers a run's stages, says why each is there, and times it."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, title: str, why: str) -> Iterator[None]:
        """One stage; its seconds are kept under ``name``."""
        console.print(f"\n[bold cyan]{len(self.seconds) + 1}/{self.count}[/] [bold]{title}[/]")
        console.print(f"    [dim]{why}[/]")
        begin = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begin, 1)


def weeks_told(weeks: Sequence[int]) -> str:
    """Weeks as a sentence begins with them."""
    return f"{'Week' if len(weeks) == 1 else 'Weeks'} {', '.join(map(str, weeks))}"


def progress_bar() -> Progress:
    """A progress bar with counts and elapsed time; it leaves no trace on a pipe."""
    return Progress(
        TextColumn("    {task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


@contextmanager
def controller_progress() -> Iterator[Callable[[str, float], None]]:
    """A bar for each controller of an evaluation, with the time left; gives what to call with its name and share done."""
    columns = (
        TextColumn("    {task.description}"),
        BarColumn(bar_width=32),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, share: float) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=100)
            progress.update(tasks[name], completed=round(100 * share))

        yield show
