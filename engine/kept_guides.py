"""Compiled guides of rules that were kept on disk: each is compiled when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from dsl.facts import Facts

if TYPE_CHECKING:
    from dsl.compiler import Decides
    from engine.ruleset import CompiledGuide


class OnDemand(Mapping[str, "CompiledGuide"]):
    """Guides by name, in the order of rank."""

    def __init__(self, names: Sequence[str], compile_guide: Callable[[str], CompiledGuide]) -> None:
        self._names = dict.fromkeys(names)
        self._compile = compile_guide
        self.made: dict[str, CompiledGuide] = {}
        """Those that were asked for."""

    def __getitem__(self, name: str) -> CompiledGuide:
        known = self.made.get(name)
        if known is None:
            if name not in self._names:
                raise KeyError(name)
            # Two threads may both compile it; all use what was first.
            known = self.made.setdefault(name, self._compile(name))
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


class Ranked(Sequence["CompiledGuide"]):
    """The same guides by rank."""

    def __init__(self, names: Sequence[str], guides: Mapping[str, CompiledGuide]) -> None:
        self._names = names
        self._guides = guides

    @overload
    def __getitem__(self, rank: int) -> CompiledGuide: ...
    @overload
    def __getitem__(self, rank: slice) -> Sequence[CompiledGuide]: ...
    def __getitem__(self, rank: int | slice) -> CompiledGuide | Sequence[CompiledGuide]:
        if isinstance(rank, slice):
            return [self._guides[name] for name in self._names[rank]]
        return self._guides[self._names[rank]]

    def __len__(self) -> int:
        return len(self._names)


class Deferred:
    """A condition of a guide that may not be compiled yet. find: gives it."""

    def __init__(self, find: Callable[[], Decides]) -> None:
        self._find = find

    @cached_property
    def holds(self) -> Callable[[Facts], bool]:
        """See `CompiledCondition.holds`."""
        return self._find().holds

    @cached_property
    def fails(self) -> Callable[[Facts], bool]:
        """See `CompiledCondition.fails`."""
        return self._find().fails
