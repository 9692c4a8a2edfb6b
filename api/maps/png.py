"""A picture as PNG, made from its SVG without a browser."""

from __future__ import annotations

from typing import Final

from api.maps.lettering import FAMILY, FILES, has_all
from api.maps.scene import Scene, Text
from api.maps.svg import as_svg

MEDIA_TYPE: Final = "image/png"
SHARP: Final = 2.0
"""Pixels of the PNG for one of the picture, so that small letters can be read."""
MOST_PIXELS: Final = 60_000_000
"""Above this the picture is made less sharp: four bytes each are held in memory."""


def as_png(scene: Scene) -> bytes:
    """The picture as PNG."""
    import resvg_py  # noqa: PLC0415  (only where it is made)

    zoom = min(SHARP, (MOST_PIXELS / (scene.width * scene.height)) ** 0.5)
    # Looking through a machine's typefaces takes long, and makes pictures differ: only where ours lacks a letter.
    is_ours = all(has_all(shape.text) for shape in scene.shapes if isinstance(shape, Text))
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=as_svg(scene),
            background="#ffffff",
            zoom=zoom,
            skip_system_fonts=is_ours,
            font_files=[str(file) for file in FILES.values()],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )
