"""Rules of addresses: what a number in one may be, and that what builds one is compiled when one is first built."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import IntegerConverter, Map, Rule

from api.schemas.fields import LARGEST_WHOLE


class RowNumber(IntegerConverter):
    """A number in an address; one that no database row can have is no address of ours."""

    def __init__(self, map: Map) -> None:  # noqa: A002  (werkzeug's own name)
        super().__init__(map, max=LARGEST_WHOLE)


class SeldomBuilt(Rule):
    """A rule that requests are matched against, as any other; most of ours are never built into an address.

    Werkzeug compiles two functions for each rule when it is added, a tenth of a second for all of them at every start.
    Where a version of it does so in another place, nothing is lost but that time.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: Callable[..., tuple[str, str]] | None = None
        compile_now = super()._compile_builder

        def build(rule: Rule, **values: str) -> tuple[str, str]:
            nonlocal compiled
            if compiled is None:
                compiled = compile_now(append_unknown)
            return compiled(rule, **values)

        return build
