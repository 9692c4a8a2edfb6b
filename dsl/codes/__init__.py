"""Every message that the parser and the checker can give, each declared once.

`CODES` is the list; the reference page `docs/reference/errors.md` is made from it. One module an area; a message is
made with `names.UNKNOWN_EVENT.at(span, "…", help="…")`.
"""

from dsl.codes import content, files, guides, names, syntax, values, warnings
from dsl.codes.registry import CODES, Code

__all__ = ["CODES", "Code", "content", "files", "guides", "names", "syntax", "values", "warnings"]
