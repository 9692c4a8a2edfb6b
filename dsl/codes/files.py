"""WP126 to WP129: files that cannot be read. They come from the disk, so no text shows them."""

from __future__ import annotations

from typing import Final

from dsl.codes.registry import Code, error

FILE_MISSING: Final[Code] = error(
    "WP126",
    "a file or folder that is not there",
    "The path names nothing that can be read.",
    example="",
    mend="",
)

NO_RULES: Final[Code] = error(
    "WP127",
    "a folder without rules",
    "Rules stand in files whose names end in `.way`; hidden folders are left out.",
    example="",
    mend="",
)

NOT_UTF8: Final[Code] = error(
    "WP128",
    "a file that is not UTF-8",
    "Rule files are text in UTF-8. Editors offer it when saving; spreadsheets and old editors do not.",
    example="",
    mend="",
)
