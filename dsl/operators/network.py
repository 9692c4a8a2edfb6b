"""Where does the request come from?"""

from __future__ import annotations

from collections.abc import Callable

from dsl.operators.registry import Shape, Wants, operator
from dsl.values import Kind


@operator(
    "in network",
    Shape.VALUE,
    frozenset({Kind.TEXT}),
    wants=Wants.NETWORK,
    example='device.ip in network "10.0.0.0/8"',
    inline="a(value)",
    spoken="is in the network",
)
def is_in_network(value: str, is_member: Callable[[str], bool]) -> bool:
    """True when the text is an address in the network."""
    # The network is passed as a function; see `dsl.patterns`.
    return is_member(value)
