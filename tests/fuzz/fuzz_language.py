"""The language under a coverage-guided fuzzer: reading, checking, formatting and compiling never raise.

By hand, as long as one likes (a minute is 600 or more texts a second of small ones; a night is better):

    .venv/bin/pip install atheris
    ulimit -v 8000000
    .venv/bin/python -m tests.fuzz.fuzz_language -max_total_time=3600 -max_len=4096 -rss_limit_mb=2048 corpus/

`corpus/` is a folder of your own, where inputs that reached new code are kept. A crash is written to `crash-…`; run the
module with that file as its only argument to see it again, and put the text that it stands for into `tests/corpus`.
In the everyday run `tests/dsl/test_never_fails.py` runs the same function; atheris is not among its needs, since it has
wheels for few versions of Python.
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
