"""A guide as a form: rows with fields instead of text, and back by editing only what changed."""

from dsl.forms.menu import choices, menu
from dsl.forms.reading import NoSuchGuide, Row, Unreadable, bare, guide_in, read_form, told
from dsl.forms.splicing import applied
from dsl.forms.starting import Start, begun, offered, starts
from dsl.forms.writing import Faulty, FieldFault, Writing

__all__ = [
    "Faulty",
    "FieldFault",
    "NoSuchGuide",
    "Row",
    "Start",
    "Unreadable",
    "Writing",
    "applied",
    "bare",
    "begun",
    "choices",
    "guide_in",
    "menu",
    "offered",
    "read_form",
    "starts",
    "told",
]
