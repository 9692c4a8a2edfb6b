"""Our own values as plain data and back, and the files in which they are kept from one start to the next.

A value of one of a codec's classes becomes a list of the class's number and its members. Nothing but these classes and
plain data is ever made of a stored file; one that is broken, or that somebody else may have written, is as good as
none. Nothing fails where a folder cannot be written.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

Plain: TypeAlias = Any
"""Texts, numbers, bytes, None, and lists and tuples of them."""

_PLAIN: Final = frozenset({str, int, float, bool, bytes, type(None)})
_SET, _MAPPING = -1, -2
_DIGEST: Final = hashlib.blake2b().digest_size


class Codec:
    """Makes plain data of values, and values of plain data. kinds: frozen dataclasses with slots, and enums."""

    def __init__(self, kinds: Iterable[type[Any]]) -> None:
        kinds = sorted(kinds, key=lambda kind: (kind.__module__, kind.__qualname__))
        self._numbers: dict[type[Any], int] = {kind: number for number, kind in enumerate(kinds)}
        self._members: dict[int, tuple[str, ...]] = {
            number: tuple(each.name for each in fields(kind)) for number, kind in enumerate(kinds) if is_dataclass(kind)
        }
        makers: dict[int, Callable[[list[Plain]], Any]] = {_SET: self._set, _MAPPING: self._mapping}
        self._makers = makers | {number: self._maker(kind) for number, kind in enumerate(kinds)}

    def plain(self, value: Any) -> Plain:
        """A value as plain data. Raises TypeError for one of another class."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is tuple:
            return tuple([self.plain(each) for each in value])
        number = self._numbers.get(kind)
        if number is not None:
            names = self._members.get(number)
            if names is None:
                return [number, value.value]
            return [number, *[self.plain(getattr(value, name)) for name in names]]
        if kind is frozenset:
            return [_SET, *[self.plain(each) for each in value]]
        if isinstance(value, Mapping):
            return [_MAPPING, *[(self.plain(key), self.plain(each)) for key, each in value.items()]]
        raise TypeError(f"{kind.__qualname__} is not kept")

    def made(self, plain: Plain) -> Any:
        """The value of plain data; raises anything for what `plain` never gave."""
        if type(plain) is list:
            return self._makers[plain[0]](plain)
        return tuple([self.made(each) for each in plain]) if type(plain) is tuple else plain

    def _maker(self, kind: type[Any]) -> Callable[[list[Plain]], Any]:
        if issubclass(kind, Enum):
            return lambda parts: kind(parts[1])
        # A frozen value is written as its own class writes it, member by member.
        writers = tuple(getattr(kind, each.name).__set__ for each in fields(kind))
        makers_of_parts, new = self.made, object.__new__

        def make(parts: list[Plain]) -> Any:
            value = new(kind)
            for write, part in zip(writers, parts[1:], strict=True):
                write(value, makers_of_parts(part) if type(part) is list or type(part) is tuple else part)
            return value

        return make

    def _set(self, parts: list[Plain]) -> frozenset[Any]:
        return frozenset([self.made(each) for each in parts[1:]])

    def _mapping(self, parts: list[Plain]) -> dict[Any, Any]:
        return {self.made(key): self.made(value) for key, value in parts[1:]}


def packed(plain: Plain) -> bytes:
    """Plain data as bytes."""
    return pickle.dumps(plain, pickle.HIGHEST_PROTOCOL)


def unpacked(content: bytes) -> Plain:
    """The plain data of bytes; raises anything for other bytes, and makes nothing but plain data."""
    return _Unpacker(io.BytesIO(content)).load()


class _Unpacker(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


def read_file(file: Path) -> bytes | None:
    """What was written to a file, if it is whole and nobody else could have written it."""
    try:
        with file.open("rb") as stored:
            facts = os.fstat(stored.fileno())
            if hasattr(os, "getuid") and (facts.st_uid != os.getuid() or facts.st_mode & 0o022):
                return None
            digest, content = stored.read(_DIGEST), stored.read()
    except OSError:
        return None
    return content if hashlib.blake2b(content).digest() == digest else None


def write_file(file: Path, content: bytes, *, most: int) -> None:
    """Write a file, and remove the oldest of those with its ending beyond `most`. Does nothing where it cannot."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written aside and moved, so that another process never sees half of it.
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as aside:
            aside.write(hashlib.blake2b(content).digest())
            aside.write(content)
        Path(aside.name).replace(file)
        stored = sorted(file.parent.glob(f"*{file.suffix}"), key=lambda each: each.stat().st_mtime_ns)
        for old in stored[:-most]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def fingerprint(sources: Iterable[Path]) -> str:
    """Changes with Python and with any of the files."""
    facts = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in sorted(sources)]
    return hashlib.sha256(repr((sys.version, facts)).encode()).hexdigest()


def kinds_of(*modules: ModuleType) -> tuple[type[Any], ...]:
    """The dataclasses and enums of modules."""
    return tuple(kind for each in modules for kind in vars(each).values() if _is_ours(kind, each.__name__))


def _is_ours(kind: object, module: str) -> bool:
    return isinstance(kind, type) and kind.__module__ == module and (is_dataclass(kind) or issubclass(kind, Enum))
