"""The tag that a page loads Waypost by: the one place that writes it."""

from __future__ import annotations

from html import escape


def snippet_tag(source: str, key: str, *, integrity: str | None = None) -> str:
    """The tag, ready to paste. integrity: the hash that browsers check the file by."""
    attributes = [f'src="{escape(source)}"']
    if integrity is not None:
        attributes += [f'integrity="{integrity}"', 'crossorigin="anonymous"']
    return f'<script async {" ".join(attributes)} data-key="{escape(key)}"></script>'
