"""The files within what a person points at: a file, one packed with gzip, a zip, or a folder of them.

What a file is, is seen from how it begins, not from its name. Everything is unpacked on the fly.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

BROKEN: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError)
"""What reading a file raises that is cut off, damaged, or locked with a password."""

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"


class _Heard(io.RawIOBase):
    """A file that tells how many bytes of it were read."""

    def __init__(self, file: io.BufferedIOBase, heard: Callable[[int], None]) -> None:
        super().__init__()
        self._file = file
        self._heard = heard

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        # What there is before a file breaks off is read: `read` would wait for more, and raise.
        data = self._file.read1(len(view))
        view[: len(data)] = data
        self._heard(len(data))
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def measured(file: IO[bytes], heard: Callable[[int], None]) -> IO[bytes]:
    """A file that tells how many bytes of it were read; what `heard` raises, reading it raises."""
    return cast("IO[bytes]", io.BufferedReader(_Heard(cast("io.BufferedIOBase", file), heard)))


def files_of(path: Path) -> list[Path]:
    """The files that a path stands for, in the order of their names; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    inside = sorted(each for each in path.rglob("*") if each.is_file())
    return [each for each in inside if not any(part.startswith(".") for part in each.relative_to(path).parts)]


def unpacked(path: Path, heard: Callable[[int], None]) -> Iterator[tuple[str, IO[bytes]]]:
    """The files in one file, each with its name (empty for the file itself), unpacked as they are read.

    heard: told of every piece that was read, in packed bytes. Raises one of BROKEN.
    """
    with path.open("rb") as file:
        raw = io.BufferedReader(_Heard(file, heard))
        if not raw.peek(len(_ZIP)).startswith(_ZIP):
            yield "", _plain(raw)
            return
        with zipfile.ZipFile(raw) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith("/") or any(part.startswith((".", "__MACOSX")) for part in name.split("/")):
                    continue
                with archive.open(name) as member:
                    yield name, _plain(io.BufferedReader(cast("io.RawIOBase", member)))


def _plain(file: io.BufferedReader[Any]) -> IO[bytes]:
    """A file without its gzip, if it has one."""
    if file.peek(len(_GZIP)).startswith(_GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    return file
