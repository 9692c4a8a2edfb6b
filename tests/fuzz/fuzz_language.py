"""The language under a coverage-guided fuzzer: reading, checking, formatting and compiling never raise.

By hand, as long as one likes (some 400 texts a second; an hour is a start, a night is better):

    .venv/bin/pip install atheris
    ulimit -v 8000000
    .venv/bin/python -m tests.fuzz.fuzz_language -max_total_time=3600 -max_len=512 -rss_limit_mb=2048 FOLDER

FOLDER keeps the inputs that reached new code. A failure is written to `crash-…`: run the module with that file as its
only argument to see it again, and put the text that it stands for into `tests/corpus/errors`. In the everyday run
`tests/dsl/test_never_fails.py` runs 3,000 inputs where atheris is installed, and the same function without it.
"""

from __future__ import annotations

import sys


def main() -> None:
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["dsl"]):
        from tests.fuzz.targets import look_over_bytes

    atheris.Setup(sys.argv, look_over_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
