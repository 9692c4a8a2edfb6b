"""A progress bar for long work: on a terminal only, beside what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str, total: int | None, *, is_quiet: bool, every: int = 100) -> Iterator[Callable[[int], None]]:
    """Told how many are done. every: drawing costs more than most work does, so once in so many is often enough."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=is_quiet or not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done) if done % every == 0 else None
