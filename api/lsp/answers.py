"""What the language says, in the words of the Language Server Protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from lsprotocol import types as lsp

from api.lsp.positions import Positions
from api.lsp.rules import Checked, uri_of
from dsl.complete import Completion, Sort
from dsl.diagnostics import Diagnostic, Severity
from dsl.navigate import Edit, Hover, Occurrence

Places = Callable[[str], Positions]
"""The places of a text, as this editor counts them."""

_KINDS: Final[Mapping[Sort, lsp.CompletionItemKind]] = {
    Sort.KEYWORD: lsp.CompletionItemKind.Keyword,
    Sort.OPERATOR: lsp.CompletionItemKind.Operator,
    Sort.ATTRIBUTE: lsp.CompletionItemKind.Variable,
    Sort.PROPERTY: lsp.CompletionItemKind.Property,
    Sort.EVENT: lsp.CompletionItemKind.Event,
    Sort.JOURNEY: lsp.CompletionItemKind.Module,
    Sort.STAGE: lsp.CompletionItemKind.Folder,
    Sort.STEP: lsp.CompletionItemKind.Reference,
    Sort.SEGMENT: lsp.CompletionItemKind.Class,
    Sort.GUIDE: lsp.CompletionItemKind.Function,
    Sort.SURVEY: lsp.CompletionItemKind.Function,
    Sort.QUESTION: lsp.CompletionItemKind.Field,
    Sort.CHOICE: lsp.CompletionItemKind.EnumMember,
    Sort.VALUE: lsp.CompletionItemKind.Value,
    Sort.WIDGET: lsp.CompletionItemKind.Interface,
    Sort.QUESTION_TYPE: lsp.CompletionItemKind.Interface,
    Sort.FEELING: lsp.CompletionItemKind.EnumMember,
    Sort.TYPE: lsp.CompletionItemKind.TypeParameter,
    Sort.UNIT: lsp.CompletionItemKind.Unit,
    Sort.FILE: lsp.CompletionItemKind.File,
}
_SEVERITIES: Final[Mapping[Severity, lsp.DiagnosticSeverity]] = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
}


def completion_items(found: Sequence[Completion], places: Positions) -> lsp.CompletionList:
    """The best completions. Never complete: what fits changes with every word, not with every letter only."""
    items = [
        lsp.CompletionItem(
            label=each.label,
            kind=_KINDS[each.kind],
            detail=each.detail or each.kind.value,
            sort_text=f"{each.rank:04}",
            filter_text=each.insert,
            text_edit=lsp.TextEdit(places.range(each.start, each.end), each.insert),
        )
        for each in found
    ]
    return lsp.CompletionList(is_incomplete=True, items=items)


def diagnostics_by_file(checked: Checked, places_in: Places) -> dict[str, list[lsp.Diagnostic]]:
    """The messages of a project, by the name of the file; also the files without any."""
    found: dict[str, list[lsp.Diagnostic]] = {name: [] for name in checked.files}
    places: dict[str, Positions] = {}
    for each in checked.project.diagnostics:
        name = each.span.file
        if name in found:
            places.setdefault(name, places_in(checked.files[name]))
            found[name].append(as_diagnostic(each, places[name]))
    return found


def as_diagnostic(found: Diagnostic, places: Positions) -> lsp.Diagnostic:
    """One message with its help."""
    return lsp.Diagnostic(
        range=places.of(found.span),
        message=found.message if found.help is None else f"{found.message}\n{found.help}",
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source="waypost",
    )


def fixes(checked: Checked, name: str, within: lsp.Range, places_in: Places) -> Iterator[lsp.CodeAction]:
    """An action for each message in a stretch of a file that says exactly what to write."""
    places = places_in(checked.files[name])
    first, last = places.offset(within.start), places.offset(within.end)
    for each in checked.project.diagnostics:
        is_here = each.span.file == name and each.span.start <= last and first <= each.span.end
        if not is_here or each.fix is None:
            continue
        title = f"Write {each.fix.strip()}" if each.fix.strip() else "Leave this out"
        yield lsp.CodeAction(
            title=title,
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[as_diagnostic(each, places)],
            is_preferred=True,
            edit=lsp.WorkspaceEdit(changes={uri_of(name): [lsp.TextEdit(places.of(each.span), each.fix)]}),
        )


def markdown(found: Hover, places: Positions) -> lsp.Hover:
    """A hover: its title, and below it what there is to say, indented lines as a list in a list."""
    lines = [f"**{found.title}**", *map(_line, found.lines)]
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:]))
    return lsp.Hover(content, places.of(found.span))


def _line(line: str) -> str:
    indent = len(line) - len(line.lstrip())
    # Two blanks at the end of a line of Markdown begin a new one.
    return f"{' ' * indent}- {line.strip()}" if indent else f"{line}  "


def location(found: Occurrence, files: Mapping[str, str], places_in: Places) -> lsp.Location:
    """Where a name stands."""
    return lsp.Location(uri_of(found.span.file), places_in(files[found.span.file]).of(found.span))


def workspace_edit(edits: Iterable[Edit], files: Mapping[str, str], places_in: Places) -> lsp.WorkspaceEdit:
    """Edits in several files."""
    changes: dict[str, list[lsp.TextEdit]] = {}
    places: dict[str, Positions] = {}
    for each in edits:
        name = each.span.file
        places.setdefault(name, places_in(files[name]))
        changes.setdefault(uri_of(name), []).append(lsp.TextEdit(places[name].of(each.span), each.text))
    return lsp.WorkspaceEdit(changes=changes)
