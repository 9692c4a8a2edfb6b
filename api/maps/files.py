"""A map in each form that it can be had in: the one list of forms, for addresses, pages and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from flask import Response

from api import tables
from api.maps import mermaid, pdf, png, svg
from api.maps.layout import pages, poster
from api.maps.rows import COLUMNS, COMPARED_COLUMNS, compared_rows, map_rows
from engine.mapping.comparing import MapComparison
from engine.mapping.model import JourneyMap

Drawn: TypeAlias = JourneyMap | MapComparison


@dataclass(frozen=True, slots=True)
class Form:
    """One form. media: its type. extension: of its file. write: makes it; paper: of what is printed."""

    media: str
    extension: str
    write: Callable[[Drawn, str], bytes]


def _csv(drawn: Drawn, _: str) -> bytes:
    if isinstance(drawn, MapComparison):
        return tables.as_csv(compared_rows(drawn), list(COMPARED_COLUMNS)).encode()
    return tables.as_csv(map_rows(drawn), list(COLUMNS)).encode()


def _parquet(drawn: Drawn, _: str) -> bytes:
    if isinstance(drawn, MapComparison):
        return tables.as_parquet(compared_rows(drawn), list(COMPARED_COLUMNS))
    return tables.as_parquet(map_rows(drawn), list(COLUMNS))


def _mermaid(drawn: Drawn, _: str) -> bytes:
    return mermaid.as_mermaid(drawn if isinstance(drawn, JourneyMap) else drawn.map).encode()


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "svg": Form(svg.MEDIA_TYPE, "svg", lambda drawn, _: svg.as_svg(poster(drawn)).encode()),
        "png": Form(png.MEDIA_TYPE, "png", lambda drawn, _: png.as_png(poster(drawn))),
        "pdf": Form(pdf.MEDIA_TYPE, "pdf", lambda drawn, paper: pdf.as_pdf(pages(drawn, pdf.room_on(paper)), paper)),
        "csv": Form(tables.CSV, "csv", _csv),
        "parquet": Form(tables.PARQUET, "parquet", _parquet),
        "mermaid": Form(mermaid.MEDIA_TYPE, "mmd", _mermaid),
    }
)
"""Every form but JSON, by its name. Mermaid has one map only: what it is compared with is left out."""

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""What a browser lets a picture do that somebody opens by itself: nothing."""


def as_answer(found: Drawn, form: str, paper: str, *, name: str) -> Response:
    """A map as a file to keep. name: of the file, without `map-` and its ending."""
    kind = FORMS[form]
    answer = Response(kind.write(found, paper), content_type=kind.media)
    answer.headers["Content-Disposition"] = f'attachment; filename="map-{name}.{kind.extension}"'
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
