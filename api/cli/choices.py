"""What an option may be, from the registry that knows it; loaded when a value is read or help is shown, not before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, cast, overload

import click


class Listing(click.Command):
    """A command whose help ends with what its arguments may be."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name the choices of each argument that has some."""
        for each in self.params:
            if isinstance(each, click.Argument) and isinstance(each.type, click.Choice):
                formatter.write_paragraph()
                formatter.write_text(f"{each.make_metavar(ctx)} is {', '.join(each.type.choices)}.")
        super().format_epilog(ctx, formatter)


def known(
    place: str, *, first: Sequence[str] = (), last: Sequence[str] = (), dashed: bool = False
) -> click.Choice[str]:
    """One of the names at a place such as `engine.replay.settings:ReplayMode`: an enum, or names as keys or in order.

    first, last: names that only the command line has. dashed: `out of order` is written with dashes.
    """
    choice = click.Choice[str](())
    choice.choices = cast("tuple[str, ...]", _Later(place, first, last, dashed=dashed))
    return choice


class _Later(Sequence[str]):
    """Names that are looked up when somebody looks at them."""

    def __init__(self, place: str, first: Sequence[str], last: Sequence[str], *, dashed: bool) -> None:
        self._place, self._first, self._last, self._dashed = place, first, last, dashed

    @cached_property
    def _names(self) -> tuple[str, ...]:
        module, _, name = self._place.partition(":")
        found: Iterable[object] = getattr(import_module(module), name)
        names = (str(each) for each in found)
        if self._dashed:
            names = (each.replace(" ", "-") for each in names)
        return (*self._first, *names, *self._last)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._names[index]
