"""How the process asks the operating system for memory: so that a long life does not make it ever larger.

glibc gives each thread a heap of its own, up to eight for each core, and hands back only what is free at the end of
one. Publishing rules, which takes tens of megabytes for a second, then leaves a hole in the heap of whichever thread
did it: 150 MB were seen that held nothing. With two heaps the next one finds the hole. Threads that run Python hardly
ever ask for memory at the same moment, so that it costs no speed.

What is large is asked of the system by itself and goes back to it at once. Left alone, glibc does so only until
something large was freed, and then puts pieces of up to 32 MB into the heaps, where what is small settles between them:
merging the files of a day left 500 MB behind that held nothing.

Arrow, with which the files for analyses are written, has an allocator of its own that keeps a large part of what the
largest copy took; from glibc's it goes back to the system.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

HEAPS: Final = 2
LARGE: Final = 256 * 1024
"""Bytes from which on a piece is asked of the system by itself."""

_VARIABLE: Final = "MALLOC_ARENA_MAX"
_LARGE_VARIABLE: Final = "MALLOC_MMAP_THRESHOLD_"
_ARROW: Final = ("ARROW_DEFAULT_MEMORY_POOL", "system")
_ARENA_MAX: Final = -8  # M_ARENA_MAX in <malloc.h>
_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD


def share_heaps() -> None:
    """Let the threads of this process and of those it starts share a few heaps, and keep what is large out of them,
    unless the environment says otherwise.

    Call it before there are threads, and before Arrow is imported. Changes no heaps where the C library is not glibc.
    """
    os.environ.setdefault(*_ARROW)
    for variable, option, value in ((_VARIABLE, _ARENA_MAX, HEAPS), (_LARGE_VARIABLE, _MMAP_THRESHOLD, LARGE)):
        if variable in os.environ:
            continue
        # For processes that begin anew; one that is forked from here has what is set below.
        os.environ[variable] = str(value)
        try:
            ctypes.CDLL(None).mallopt(option, value)
        except (OSError, AttributeError):
            return
