"""What a page needs to load Waypost: the tag, its policy, the lines of bundled applications. The one place for them."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson

import widgets

_BUILT: Final = Path(widgets.__file__).parent / "dist"


def snippet_tag(source: str, key: str, *, integrity: str | None = None) -> str:
    """The tag, ready to paste. integrity: the hash that browsers check the file by."""
    attributes = [f'src="{escape(source)}"']
    if integrity is not None:
        attributes += [f'integrity="{integrity}"', 'crossorigin="anonymous"']
    return f'<script async {" ".join(attributes)} data-key="{escape(key)}"></script>'


@cache
def pinned() -> tuple[str, str]:
    """The name of the file of this version, and the hash that browsers check it by."""
    manifest = orjson.loads((_BUILT / "manifest.json").read_bytes())
    name = str(manifest["parts"]["waypost"])
    return name, str(manifest["files"][name])


def snippet_policy(base: str) -> str:
    """What a page's content policy has to allow. base: where Waypost is reached."""
    parts = urlsplit(base)
    origin = f"{parts.scheme}://{parts.netloc}"
    return f"script-src 'self' {origin}; connect-src 'self' {origin}; style-src 'self'"


def react_lines(base: str, key: str) -> str:
    """The lines of an application with React."""
    return f"""import {{ WaypostProvider }} from "@waypost/react";

const options = {{ key: "{key}", host: "{base}" }};

export function App({{ user }}) {{
  return (
    <WaypostProvider options={{options}} user={{user && {{ id: user.id, traits: {{ plan: user.plan }} }}}}>
      <Routes />
    </WaypostProvider>
  );
}}
"""


def bundled_lines(base: str, key: str) -> str:
    """The lines of an application with a bundler, whatever it is drawn with."""
    return f"""import waypost from "@waypost/js";

waypost.init({{ key: "{key}", host: "{base}" }});
waypost.identify("u_42", {{ plan: "trial" }});
"""


def server_lines(base: str) -> str:
    """A call from a server, with a secret key in the environment."""
    message = '{"userId": "u_42", "event": "Signed Up"}'
    return f"""curl {base}/v1/track -u "$WAYPOST_SECRET_KEY:" \\
  -H "Content-Type: application/json" -d '{message}'
"""
