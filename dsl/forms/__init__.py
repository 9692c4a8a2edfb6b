"""A guide as a form: rows with fields instead of text, and back by editing only what changed."""

from dsl.forms.reading import NoSuchGuide, Row, Unreadable, bare, guide_in, read_form
from dsl.forms.splicing import applied
from dsl.forms.writing import Faulty, FieldFault, Writing

__all__ = [
    "Faulty",
    "FieldFault",
    "NoSuchGuide",
    "Row",
    "Unreadable",
    "Writing",
    "applied",
    "bare",
    "guide_in",
    "read_form",
]
