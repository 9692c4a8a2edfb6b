"""What people of the console typed of a user, taken out when that user is erased: ids, addresses and names in words.

Only what cannot be mistaken is looked for. An id that is a plain word, or a small number, stands in the texts of others
for something else; those who typed it there have to look for it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.storage import (
    base,
    care_tables,
    evidence_tables,
    import_tables,
    map_tables,
    roadmap_tables,
    states,
    talk_tables,
)
from engine.storage.identity import Id

ERASED: Final = "(erased)"
"""What stands in a text afterwards."""
_TYPED: Final[Mapping[type[base.Base], tuple[str, ...]]] = {
    talk_tables.Comment: ("text",),
    talk_tables.SharedLink: ("query", "note"),
    care_tables.AccountNote: ("text",),
    evidence_tables.EvidenceItem: ("text", "quotes", "task", "page", "link"),
    import_tables.ImportRun: ("name", "problems"),
    map_tables.MapCell: ("text",),
    map_tables.MapLook: ("note",),
    map_tables.MapSnapshot: ("note", "document"),
    roadmap_tables.OpportunityDecision: ("why",),
    roadmap_tables.RoadmapTheme: ("title",),
    roadmap_tables.RoadmapItem: ("title", "story", "override_why"),
    roadmap_tables.RoadmapChange: ("fields",),
}
TYPED: Final = tuple(base.table(model).c[name] for model, names in _TYPED.items() for name in names)
"""The columns that hold what people typed, as texts or as texts within JSON. Rules are not among them: they are theirs
to change, and each version says what was in force."""
_TRAITS: Final = ("email", "name", "username", "phone")
"""Traits that tell who somebody is, by the names that Segment keeps for them."""
_SHORTEST: Final = 4
_SHORTEST_NUMBER: Final = 6
_AT_ONCE: Final = 50


def words_for(connection: Connection, ids: Iterable[Id], people: Sequence[int]) -> list[str]:
    """By what people may be named in a text, before anything of them is removed."""
    found = {value for _, _, value in ids}
    for state in states.load(connection, people).values():
        traits = orjson.loads(state.state).get("traits", {})
        found |= {told for name in _TRAITS if isinstance(told := traits.get(name), str)}
    return sorted(filter(_is_plain, found), key=len, reverse=True)


def strike(connection: Connection, project_id: int, words: Sequence[str]) -> int:
    """Take words out of all that was typed in a project; how many texts have changed."""
    return sum(_strike(connection, project_id, column, part) for column in TYPED for part in _parts(words))


def _strike(connection: Connection, project_id: int, column: sa.Column[str], words: Sequence[str]) -> int:
    table = column.table
    assert isinstance(table, sa.Table)  # noqa: S101  (the columns are those of tables)
    # In JSON a quotation mark stands behind a backslash.
    spelled = sorted({each for word in words for each in (word, orjson.dumps(word).decode()[1:-1])}, key=len)
    lower = sa.func.lower(column)
    named = sa.or_(*(lower.contains(each.lower(), autoescape=True) for each in spelled))
    pattern = re.compile(rf"(?<![\w@.-])(?:{'|'.join(map(re.escape, spelled[::-1]))})(?!\w|[@-]|\.\w)", re.IGNORECASE)
    key = list(table.primary_key.columns)
    statement = sa.select(*key, column.label("typed")).where(table.c.project_id == project_id, named)
    changed = 0
    for row in connection.execute(statement.with_for_update()).all():
        text, number = pattern.subn(ERASED, row.typed)
        if not number:
            continue
        # What comes in place of a short word is longer than it.
        values: dict[str, object] = {column.name: text[: getattr(column.type, "length", None)]}
        if "revision" in table.c and table.c.revision not in key:
            # Whoever is writing on the text as it was is told, and does not bring the words back.
            values["revision"] = table.c.revision + 1
        own = [part == row._mapping[part.name] for part in key]
        connection.execute(sa.update(table).where(*own).values(values))
        changed += 1
    return changed


def _parts(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many words as a statement takes without being slow; a person may have hundreds of ids."""
    return (words[start : start + _AT_ONCE] for start in range(0, len(words), _AT_ONCE))


def _is_plain(word: str) -> bool:
    """True for what can hardly be anything else than who is meant."""
    if word.isdecimal():
        return len(word) >= _SHORTEST_NUMBER
    return len(word) >= _SHORTEST and not word.isalpha()
