"""`python -m examples.ecom LOG`: walk the five steps on the shop's log and write the page of the docs that tells it."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from examples.ecom.walk import PAGE, walk


def main(arguments: list[str]) -> int:
    """Write the page; 2 where the log is not named."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: python -m examples.ecom ecom.csv.gz   (docs/tutorials/ecom.md: where it is from)\n")
        return 2
    with TemporaryDirectory() as folder:
        PAGE.write_text(walk(Path(arguments[0]), Path(folder)))
    sys.stdout.write(f"wrote {PAGE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
