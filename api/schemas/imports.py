"""The shapes of imports that are given over in parts."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from engine.import_runs import LARGEST, LONGEST_NAME, MOST_COLUMNS, PART_SIZE, RunState
from engine.imports.csv_rows import CellType, Target
from engine.imports.preview import Preview

_MAPPING: Final = {"description": "Of a CSV, what columns are.", "example": ["plan=trait", "value=property.number:sum"]}


class ImportWantedSchema(StrictSchema):
    """A file that is to come."""

    format = ma.fields.String(required=True, metadata={"description": "Such as `csv`, `segment`.", "example": "csv"})
    name = ma.fields.String(required=True, metadata={"description": "Of the file.", "example": "events.csv.gz"})
    size = ma.fields.Integer(
        required=True,
        strict=True,
        validate=ma.validate.Range(max=2**53),
        metadata={"description": f"Bytes of the file as it is sent, up to {LARGEST}."},
    )
    zone = ma.fields.String(load_default="UTC", metadata={"description": "The time zone of times that bring none."})
    mapping = ma.fields.List(
        ma.fields.String(),
        load_default=list,
        validate=ma.validate.Length(max=MOST_COLUMNS),
        metadata=_MAPPING,
    )
    rehearsal = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Take nothing in; only say what would come of it."},
    )


class ImportRunSchema(AnswerSchema):
    """A file that is to be taken in, is being taken in, or was."""

    id = ma.fields.Integer(required=True)
    format = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    zone = ma.fields.String(required=True)
    mapping = ma.fields.List(ma.fields.String(), required=True)
    rehearsal = ma.fields.Boolean(required=True, attribute="is_rehearsal")
    state = ma.fields.Enum(RunState, by_value=True, required=True)
    size = ma.fields.Integer(required=True)
    came = ma.fields.Integer(required=True, metadata={"description": "Bytes that came."})
    read = ma.fields.Integer(required=True, metadata={"description": "Bytes that were read."})
    rows = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True, metadata={"description": "Rows that were taken, or would be."})
    skipped = ma.fields.Integer(required=True, metadata={"description": "Rows with something wrong."})
    accepted = ma.fields.Integer(required=True, metadata={"description": "Messages that are new."})
    duplicates = ma.fields.Integer(required=True, metadata={"description": "Messages that were known."})
    error = ma.fields.String(required=True, allow_none=True)
    created = InstantField(required=True)
    started = InstantField(required=True, allow_none=True)
    finished = InstantField(required=True, allow_none=True)


class ImportRunsSchema(AnswerSchema):
    """Imports, the latest first."""

    data = ma.fields.List(ma.fields.Nested(ImportRunSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class ImportsQuerySchema(StrictSchema):
    """Which imports to list."""

    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=200))


class PartQuerySchema(StrictSchema):
    """Which part it is."""

    number = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(min=0, max=LARGEST // PART_SIZE),
        metadata={"description": f"From 0; each but the last has {PART_SIZE} bytes. One that came before is ignored."},
    )


class SkippedSchema(AnswerSchema):
    """A row that was not taken."""

    file = ma.fields.String(required=True, metadata={"description": "Within an archive; blank for the file itself."})
    line = ma.fields.Integer(required=True)
    problem = ma.fields.String(required=True)


class SkippedListSchema(AnswerSchema):
    """Rows that were not taken, the first ten thousand of them, for 30 days."""

    data = ma.fields.List(ma.fields.Nested(SkippedSchema), required=True)


class PreviewQuerySchema(StrictSchema):
    """What is said of a table already."""

    mapping = ma.fields.List(
        ma.fields.String(), load_default=list, validate=ma.validate.Length(max=MOST_COLUMNS), metadata=_MAPPING
    )
    zone = ma.fields.String(load_default="UTC", metadata={"description": "The time zone of times that bring none."})
    whole = ma.fields.Boolean(
        load_default=False, metadata={"description": "The body is the whole file, not its first bytes."}
    )


class PreviewColumnSchema(AnswerSchema):
    """A column, with what it is or seems to be."""

    name = ma.fields.String(required=True)
    target = ma.fields.Enum(Target, by_value=True, required=True)
    type = ma.fields.Enum(CellType, by_value=True, required=True, metadata={"description": "Of a property or trait."})
    called = ma.fields.String(required=True, metadata={"description": "As a property or trait."})
    mapping = ma.fields.String(required=True, metadata={"description": "As an import is told it."})
    is_guess = ma.fields.Boolean(required=True, metadata={"description": "Nobody said it; look at it."})
    examples = ma.fields.List(ma.fields.String(), required=True)


class PreviewRowSchema(AnswerSchema):
    """One of the first rows."""

    line = ma.fields.Integer(required=True)
    cells = ma.fields.List(ma.fields.String(), required=True)
    problem = ma.fields.String(required=True, allow_none=True, metadata={"description": "Why it cannot be taken."})


class PreviewSchema(AnswerSchema):
    """What a table looks like; nothing of it was taken in."""

    columns = ma.fields.List(ma.fields.Nested(PreviewColumnSchema), required=True)
    rows = ma.fields.List(ma.fields.Nested(PreviewRowSchema), required=True)
    problems = ma.fields.Method(
        "_problems", required=True, metadata={"type": "array", "items": {"$ref": "#/components/schemas/Skipped"}}
    )
    problem = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Of the table as a whole, such as a missing time."}
    )
    read = ma.fields.Integer(required=True, metadata={"description": "Rows that were looked at."})
    wrong = ma.fields.Integer(required=True, metadata={"description": "Of those, rows that cannot be taken."})
    is_whole = ma.fields.Boolean(required=True, metadata={"description": "There are no more rows."})

    def _problems(self, found: Preview) -> list[dict[str, object]]:
        return [{"file": "", "line": line, "problem": text} for line, text in found.problems]


class KeptMappingSchema(AnswerSchema):
    """What the columns of a table are, kept to use again."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    mapping = ma.fields.List(ma.fields.String(), required=True, metadata=_MAPPING)
    zone = ma.fields.String(required=True)
    changed = InstantField(required=True)


class KeptMappingsSchema(AnswerSchema):
    """Kept columns, by name."""

    data = ma.fields.List(ma.fields.Nested(KeptMappingSchema), required=True)


class MappingWantedSchema(StrictSchema):
    """Columns to keep."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=LONGEST_NAME))
    mapping = ma.fields.List(
        ma.fields.String(), required=True, validate=ma.validate.Length(min=1, max=MOST_COLUMNS), metadata=_MAPPING
    )
    zone = ma.fields.String(load_default="UTC")
