"""The language server itself: which question of an editor is answered by which function of the language.

Decides when rules are checked again, nothing else. The editor's texts are read and checked beside the conversation, so
that completion answers while a large project is being checked.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from api.lsp.answers import (
    completion_items,
    diagnostics_by_file,
    fixes,
    location,
    markdown,
    workspace_edit,
)
from api.lsp.positions import Positions
from api.lsp.rules import Checked, OpenRules, name_of, uri_of
from api.version import VERSION
from dsl.complete import complete
from dsl.formatter import format_program
from dsl.navigate import Refused, can_rename, declaration_of, hover, name_at, rename, uses
from dsl.parser import parse
from dsl.project import Before, load
from dsl.sources import SUFFIX

PAUSE: Final = 0.15
"""Seconds without a keystroke after which rules are checked."""
_TRIGGERS: Final = (" ", ".", '"', "`", "{")


@dataclass(slots=True)
class _State:
    """What is open, what was checked, and which messages the editor shows."""

    zone: str
    rules: OpenRules = field(default_factory=OpenRules)
    checked: dict[str, Checked] = field(default_factory=dict)
    before: dict[str, tuple[Before, threading.Lock]] = field(default_factory=dict)
    """By project, what is remembered of the last check; one check of a project at a time."""
    asked: dict[str, int] = field(default_factory=dict)
    """By project, how often a check was asked for: only the latest is made."""
    shown: dict[str, set[str]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class RuleServer(LanguageServer):
    """A server for one editor."""

    def __init__(self, zone: str = "UTC") -> None:
        # The whole text each time: pygls splits lines where the protocol does not (U+2028), and would lose its place.
        super().__init__("waypost", VERSION, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.state = _State(zone)

    # Checking

    def changed(self, name: str, *, pause: float = PAUSE) -> None:
        """Check the project of a file, soon."""
        root = self.state.rules.root_of(name)
        number = self.state.asked[root] = self.state.asked.get(root, 0) + 1
        task = asyncio.get_running_loop().create_task(self._check_later(root, number, pause))
        self.state.tasks.add(task)
        task.add_done_callback(self.state.tasks.discard)

    async def _check_later(self, root: str, number: int, pause: float) -> None:
        await asyncio.sleep(pause)
        if self.state.asked.get(root) == number:
            await self._check(root)

    async def _check(self, root: str) -> Checked:
        number = self.state.asked.get(root, 0)
        checked = await asyncio.to_thread(self._load, root)
        if self.state.asked.get(root, 0) == number:
            self.state.checked[root] = checked
            self._publish(root, checked)
        return checked

    def _load(self, root: str) -> Checked:
        files = self.state.rules.files(root)
        before, lock = self.state.before.setdefault(root, (Before(), threading.Lock()))
        with lock:
            return Checked(load(files, zone=self.state.zone, before=before), files)

    def _publish(self, root: str, checked: Checked) -> None:
        found = diagnostics_by_file(checked, self.places)
        gone = self.state.shown.get(root, set()) - found.keys()
        for name, messages in [*found.items(), *((name, list[lsp.Diagnostic]()) for name in sorted(gone))]:
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri_of(name), messages))
        self.state.shown[root] = {name for name, messages in found.items() if messages}

    def forget(self, root: str) -> None:
        """A project that is not open any more has no messages."""
        self.state.asked[root] = self.state.asked.get(root, 0) + 1
        self.state.checked.pop(root, None)
        self.state.before.pop(root, None)
        for name in sorted(self.state.shown.pop(root, set())):
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri_of(name), []))

    def read_folders(self) -> None:
        """Take over the folders that are open in the editor."""
        folders = [Path(name_of(each.uri)) for each in self.workspace.folders.values()]
        if not folders and self.workspace.root_uri:
            folders = [Path(name_of(self.workspace.root_uri))]
        for root in set(self.state.checked) - {folder.as_posix() for folder in folders}:
            self.forget(root)
        self.state.rules.folders = folders
        for name in self.state.rules.texts:
            self.changed(name)

    async def current(self, name: str) -> Checked:
        """The project of a file as it is in the editor now."""
        root = self.state.rules.root_of(name)
        known = self.state.checked.get(root)
        if known is not None and all(known.files.get(each) == text for each, text in self._open_in(root)):
            return known
        return await self._check(root)

    async def recent(self, name: str) -> Checked:
        """The project of a file as it was checked last: soon enough for completion."""
        return self.state.checked.get(self.state.rules.root_of(name)) or await self.current(name)

    def _open_in(self, root: str) -> list[tuple[str, str]]:
        return [(name, text) for name, text in self.state.rules.texts.items() if self.state.rules.root_of(name) == root]

    def places(self, text: str) -> Positions:
        """The places of a text, as the editor counts them."""
        return Positions(text, self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16)

    def text_of(self, name: str) -> str:
        """The text of a file as it is in the editor, or as it was checked."""
        text = self.state.rules.texts.get(name)
        if text is not None:
            return text
        known = self.state.checked.get(self.state.rules.root_of(name))
        return known.files.get(name, "") if known is not None else ""


def server(zone: str = "UTC") -> RuleServer:
    """A server that answers; start it with `start_io()`. zone: the project's time zone."""
    made = RuleServer(zone)
    _follow_texts(made)
    _answer_questions(made)
    _answer_renaming(made)
    return made


def _follow_texts(made: RuleServer) -> None:
    rules = made.state.rules

    @made.feature(lsp.INITIALIZED)
    def initialized(ls: RuleServer, params: lsp.InitializedParams) -> None:  # noqa: ARG001
        ls.read_folders()
        watching = ls.client_capabilities.workspace and ls.client_capabilities.workspace.did_change_watched_files
        if watching and watching.dynamic_registration:
            watchers = [lsp.FileSystemWatcher(glob_pattern=f"**/*{SUFFIX}")]
            options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = lsp.Registration("rules", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            ls.client_register_capability(lsp.RegistrationParams([registration]))

    @made.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def moved(ls: RuleServer, params: lsp.DidChangeWorkspaceFoldersParams) -> None:  # noqa: ARG001
        ls.read_folders()

    @made.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: RuleServer, params: lsp.DidOpenTextDocumentParams) -> None:
        name = name_of(params.text_document.uri)
        rules.texts[name] = params.text_document.text
        ls.changed(name, pause=0)

    @made.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: RuleServer, params: lsp.DidChangeTextDocumentParams) -> None:
        name = name_of(params.text_document.uri)
        rules.texts[name] = ls.workspace.get_text_document(params.text_document.uri).source
        ls.changed(name)

    @made.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(ls: RuleServer, params: lsp.DidCloseTextDocumentParams) -> None:
        name = name_of(params.text_document.uri)
        rules.texts.pop(name, None)
        if rules.root_of(name) == name:
            ls.forget(name)
        else:
            ls.changed(name, pause=0)

    @made.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def saved(ls: RuleServer, params: lsp.DidChangeWatchedFilesParams) -> None:
        for each in params.changes:
            ls.changed(name_of(each.uri))


def _answer_questions(made: RuleServer) -> None:
    @made.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=list(_TRIGGERS)))
    async def completion(ls: RuleServer, params: lsp.CompletionParams) -> lsp.CompletionList:
        name = name_of(params.text_document.uri)
        checked = await ls.recent(name)
        places = ls.places(ls.text_of(name))
        return completion_items(complete(places.text, places.offset(params.position), checked.project), places)

    @made.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def explained(ls: RuleServer, params: lsp.HoverParams) -> lsp.Hover | None:
        name = name_of(params.text_document.uri)
        checked = await ls.current(name)
        places = ls.places(ls.text_of(name))
        found = hover(checked.project, name, places.offset(params.position))
        return None if found is None else markdown(found, places)

    @made.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def definition(ls: RuleServer, params: lsp.DefinitionParams) -> lsp.Location | None:
        name = name_of(params.text_document.uri)
        checked = await ls.current(name)
        found = name_at(checked.project, name, ls.places(ls.text_of(name)).offset(params.position))
        declared = declaration_of(checked.project, found.named) if found is not None else None
        return None if declared is None else location(declared, checked.files, ls.places)

    @made.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def references(ls: RuleServer, params: lsp.ReferenceParams) -> list[lsp.Location]:
        name = name_of(params.text_document.uri)
        checked = await ls.current(name)
        found = name_at(checked.project, name, ls.places(ls.text_of(name)).offset(params.position))
        if found is None:
            return []
        wanted = uses(checked.project, found.named)
        declarations_too = params.context.include_declaration
        return [location(each, checked.files, ls.places) for each in wanted if declarations_too or not each.declares]

    @made.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatting(ls: RuleServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        name = name_of(params.text_document.uri)
        text = ls.text_of(name)
        parsed = parse(text, file=name)
        if parsed.diagnostics:
            # What could not be read would be lost.
            return []
        formatted = format_program(parsed.program)
        return [] if formatted == text else [lsp.TextEdit(ls.places(text).whole(), formatted)]

    options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])

    @made.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, options)
    async def actions(ls: RuleServer, params: lsp.CodeActionParams) -> Sequence[lsp.CodeAction]:
        name = name_of(params.text_document.uri)
        checked = await ls.current(name)
        return list(fixes(checked, name, params.range, ls.places)) if name in checked.files else []


def _answer_renaming(made: RuleServer) -> None:
    @made.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepared(ls: RuleServer, params: lsp.PrepareRenameParams) -> lsp.Range:
        name = name_of(params.text_document.uri)
        checked = await ls.current(name)
        places = ls.places(ls.text_of(name))
        found = can_rename(checked.project, name, places.offset(params.position))
        if isinstance(found, Refused):
            raise JsonRpcInvalidParams(found.message)
        return places.of(found.span)

    @made.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    async def renamed(ls: RuleServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        name = name_of(params.text_document.uri)
        checked = await ls.current(name)
        position = ls.places(ls.text_of(name)).offset(params.position)
        edits = rename(checked.project, name, position, params.new_name)
        if isinstance(edits, Refused):
            raise JsonRpcInvalidParams(edits.message)
        return workspace_edit(edits, checked.files, ls.places)
