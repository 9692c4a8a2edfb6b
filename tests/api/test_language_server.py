"""`waypost lsp` as an editor meets it: a real client, a real process, standard input and output."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

if importlib.util.find_spec("pygls") is None and os.environ.get("CI") != "true":
    pytest.skip('the language server needs pygls: pip install "waypost[lsp]"', allow_module_level=True)

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from api.lsp.positions import Positions
from api.lsp.rules import OpenRules

ROOT = Path(__file__).parents[2]
WHOLE = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
PATIENCE = 30
"""Seconds; a machine may be busy."""

Answer = TypeVar("Answer")


class Editor:
    """An editor with one folder open. Places are written in the text itself: the end of the first `words`."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.texts: dict[str, str] = {}
        self.messages: dict[str, list[lsp.Diagnostic]] = {}
        self.version = 1
        self.arrived = asyncio.Event()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def receive(self, params: lsp.PublishDiagnosticsParams) -> None:
        self.messages[params.uri] = list(params.diagnostics)
        self.arrived.set()

    def open(self, text: str, name: str = "onboarding.way") -> None:
        self.texts[name] = text
        item = lsp.TextDocumentItem(self.uri(name), "waypost", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, text: str, name: str = "onboarding.way") -> None:
        self.texts[name] = text
        self.version += 1
        document = lsp.VersionedTextDocumentIdentifier(self.version, self.uri(name))
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    async def messages_of(self, wanted: list[str], name: str = "onboarding.way") -> list[lsp.Diagnostic]:
        """Wait until exactly these codes are shown for a file."""
        async with asyncio.timeout(PATIENCE):
            while [each.code for each in self.messages.get(self.uri(name), [lsp.Diagnostic(NOWHERE, "")])] != wanted:
                self.arrived.clear()
                await self.arrived.wait()
        return self.messages[self.uri(name)]

    def at(self, words: str, name: str = "onboarding.way") -> dict[str, Any]:
        text = self.texts[name]
        position = Positions(text).position(text.index(words) + len(words))
        return {"text_document": lsp.TextDocumentIdentifier(self.uri(name)), "position": position}

    async def ask(self, answer: Awaitable[Answer]) -> Answer:
        return await asyncio.wait_for(answer, PATIENCE)


NOWHERE = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))


@asynccontextmanager
async def editing(folder: Path, general: lsp.GeneralClientCapabilities | None) -> AsyncIterator[Editor]:
    client = LanguageClient("editor", "1")
    editor = Editor(client, folder)

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def receive(params: lsp.PublishDiagnosticsParams) -> None:
        editor.receive(params)

    await client.start_io(sys.executable, "-m", "api.cli.main", "lsp", cwd=ROOT)
    folders = [lsp.WorkspaceFolder(folder.as_uri(), "rules")]
    about = lsp.InitializeParams(capabilities=lsp.ClientCapabilities(general=general), workspace_folders=folders)
    try:
        await editor.ask(client.initialize_async(about))
        client.initialized(lsp.InitializedParams())
        yield editor
    finally:
        await editor.ask(client.shutdown_async(None))
        client.exit(None)
        await asyncio.wait_for(client.stop(), PATIENCE)


def tell(
    folder: Path, story: Callable[[Editor], Awaitable[None]], general: lsp.GeneralClientCapabilities | None = None
) -> None:
    async def run() -> None:
        async with editing(folder, general) as editor:
            await story(editor)

    asyncio.run(run())


def applied(text: str, edits: list[lsp.TextEdit]) -> str:
    places = Positions(text)
    for edit in sorted(edits, key=lambda each: places.offset(each.range.start), reverse=True):
        text = text[: places.offset(edit.range.start)] + edit.new_text + text[places.offset(edit.range.end) :]
    return text


def test_messages_come_and_go_while_one_types(tmp_path: Path) -> None:
    async def story(editor: Editor) -> None:
        editor.open(WHOLE)
        await editor.messages_of([])
        editor.change(WHOLE.replace('unless did "Domain Verified"', 'unless did "Domain Verifed"'))
        (message,) = await editor.messages_of(["WP003"])
        assert message.message == 'unknown event `Domain Verifed`\ndid you mean "Domain Verified"?'
        assert message.severity is lsp.DiagnosticSeverity.Error
        assert (message.range.start.line, message.range.start.character) == (44, 13)
        editor.change(WHOLE)
        await editor.messages_of([])

    tell(tmp_path, story)


def test_a_message_that_says_what_to_write_can_be_applied(tmp_path: Path) -> None:
    async def story(editor: Editor) -> None:
        wrong = WHOLE.replace('unless did "Domain Verified"', 'unless did "Domain Verifed"')
        editor.open(wrong)
        (message,) = await editor.messages_of(["WP003"])
        asked = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(editor.uri("onboarding.way")), message.range, lsp.CodeActionContext([message])
        )
        (action,) = await editor.ask(editor.client.text_document_code_action_async(asked)) or ()
        assert isinstance(action, lsp.CodeAction)
        assert action.title == 'Write "Domain Verified"'
        assert action.edit is not None
        assert action.edit.changes is not None
        assert applied(wrong, list(action.edit.changes[editor.uri("onboarding.way")])) == WHOLE

    tell(tmp_path, story)


def test_completion_knows_the_names_of_other_files_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "catalog.way").write_text(WHOLE, encoding="utf-8")

    async def story(editor: Editor) -> None:
        editor.open('guide another "Another" {\n  on "DNS', "guides.way")
        params = lsp.CompletionParams(**editor.at('on "DNS', "guides.way"))
        found = await editor.ask(editor.client.text_document_completion_async(params))
        assert isinstance(found, lsp.CompletionList)
        assert [each.label for each in found.items] == ["DNS Check Failed"]
        edit = found.items[0].text_edit
        assert isinstance(edit, lsp.TextEdit)
        assert applied(editor.texts["guides.way"], [edit]).endswith('on "DNS Check Failed"')

    tell(tmp_path, story)


def test_a_guide_is_explained_in_plain_english(tmp_path: Path) -> None:
    async def story(editor: Editor) -> None:
        editor.open(WHOLE)
        found = await editor.ask(editor.client.text_document_hover_async(lsp.HoverParams(**editor.at("guide verify_"))))
        assert found is not None
        assert isinstance(found.contents, lsp.MarkupContent)
        assert "Shown to self-serve trial users at Verify the domain" in found.contents.value

    tell(tmp_path, story)


def test_a_name_leads_to_its_declaration_and_to_its_uses(tmp_path: Path) -> None:
    (tmp_path / "catalog.way").write_text(WHOLE, encoding="utf-8")
    own = 'segment verified where did "Domain Verified" and in self_serve\n'

    async def story(editor: Editor) -> None:
        editor.open(own, "segments.way")
        asked = editor.at("and in self", "segments.way")
        declared = await editor.ask(editor.client.text_document_definition_async(lsp.DefinitionParams(**asked)))
        assert isinstance(declared, lsp.Location)
        assert declared.uri == editor.uri("catalog.way")
        assert declared.range.start.line == WHOLE[: WHOLE.index("persona self_serve")].count("\n")
        params = lsp.ReferenceParams(context=lsp.ReferenceContext(include_declaration=True), **asked)
        used = await editor.ask(editor.client.text_document_references_async(params)) or ()
        assert {each.uri for each in used} == {editor.uri("catalog.way"), editor.uri("segments.way")}

    tell(tmp_path, story)


def test_a_name_is_changed_in_every_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "catalog.way").write_text(WHOLE, encoding="utf-8")
    own = "segment verified where in self_serve\n"

    async def story(editor: Editor) -> None:
        editor.open(own, "segments.way")
        params = lsp.RenameParams(new_name="trial users", **editor.at("in self", "segments.way"))
        edit = await editor.ask(editor.client.text_document_rename_async(params))
        assert edit is not None
        assert edit.changes is not None
        changed = {uri: list(edits) for uri, edits in edit.changes.items()}
        assert applied(own, changed[editor.uri("segments.way")]) == "segment verified where in `trial users`\n"
        assert "for `trial users`" in applied(WHOLE, changed[editor.uri("catalog.way")])

    tell(tmp_path, story)


def test_a_built_in_name_cannot_be_changed_and_the_editor_is_told_why(tmp_path: Path) -> None:
    async def story(editor: Editor) -> None:
        editor.open('segment visitors where page.path matches "/x/*"\n')
        with pytest.raises(JsonRpcException, match="is built in: its name is fixed"):
            await editor.ask(
                editor.client.text_document_prepare_rename_async(lsp.PrepareRenameParams(**editor.at("where page.")))
            )

    tell(tmp_path, story)


def test_a_file_is_put_in_form_unless_it_cannot_be_read(tmp_path: Path) -> None:
    async def story(editor: Editor) -> None:
        document = lsp.TextDocumentIdentifier(editor.uri("onboarding.way"))
        params = lsp.DocumentFormattingParams(document, lsp.FormattingOptions(2, insert_spaces=True))
        editor.open("attribute   seats :number\n")
        edits = await editor.ask(editor.client.text_document_formatting_async(params)) or ()
        assert applied(editor.texts["onboarding.way"], list(edits)) == "attribute seats: number\n"
        editor.change("attribute seats number\n")
        assert not await editor.ask(editor.client.text_document_formatting_async(params))

    tell(tmp_path, story)


def test_what_stands_in_the_editor_counts_and_not_what_was_saved(tmp_path: Path) -> None:
    (tmp_path / "catalog.way").write_text('event "Saved"\n', encoding="utf-8")

    async def story(editor: Editor) -> None:
        editor.open('segment some where did "Typed"\n', "segments.way")
        await editor.messages_of(["WP003"], "segments.way")
        editor.open('event "Typed"\n', "catalog.way")
        await editor.messages_of([], "segments.way")

    tell(tmp_path, story)


def test_a_file_by_itself_has_no_messages_once_it_is_closed(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (tmp_path / "alone.way").write_text("segment s where in nobody\n", encoding="utf-8")

    async def story(editor: Editor) -> None:
        editor.folder = tmp_path
        editor.open("segment s where in nobody\n", "alone.way")
        (message,) = await editor.messages_of(["WP109"], "alone.way")
        assert message.message.startswith("unknown segment or persona `nobody`")
        document = lsp.TextDocumentIdentifier(editor.uri("alone.way"))
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
        await editor.messages_of([], "alone.way")

    tell(rules, story)


UTF_8, UTF_16, UTF_32 = lsp.PositionEncodingKind.Utf8, lsp.PositionEncodingKind.Utf16, lsp.PositionEncodingKind.Utf32


@pytest.mark.parametrize(
    ("text", "offset", "encoding", "line", "character"),
    [
        ("attribute x: text", 10, UTF_16, 0, 10),
        ("one\ntwo", 4, UTF_16, 1, 0),
        ("one\r\ntwo", 5, UTF_16, 1, 0),
        ('event "🙂 x"', 9, UTF_16, 0, 10),
        ('event "🙂 x"', 9, UTF_8, 0, 12),
        ('event "🙂 x"', 9, UTF_32, 0, 9),
        ('event "é x"', 9, UTF_8, 0, 10),
        ("one\u2028two", 5, UTF_16, 0, 5),
        ("one\n", 4, UTF_16, 1, 0),
    ],
)
def test_places_are_counted_in_the_units_agreed_upon_and_lines_end_where_the_protocol_says(
    text: str, offset: int, encoding: lsp.PositionEncodingKind, line: int, character: int
) -> None:
    places = Positions(text, encoding)
    assert places.position(offset) == lsp.Position(line, character)
    assert places.offset(lsp.Position(line, character)) == offset


def test_an_editor_that_counts_bytes_is_answered_in_bytes(tmp_path: Path) -> None:
    async def story(editor: Editor) -> None:
        editor.open('event "Größe"\nsegment s where did "Größe" and did "Grösse"\n')
        (message,) = await editor.messages_of(["WP003"])
        assert (message.range.start.character, message.range.end.character) == (38, 47)

    tell(tmp_path, story, lsp.GeneralClientCapabilities(position_encodings=[UTF_8, UTF_16]))


def test_a_file_outside_of_every_folder_is_a_project_by_itself(tmp_path: Path) -> None:
    inside, outside = tmp_path / "rules" / "a.way", tmp_path / "b.way"
    rules = OpenRules([tmp_path / "rules"])
    assert rules.root_of(inside.as_posix()) == (tmp_path / "rules").as_posix()
    assert rules.root_of(outside.as_posix()) == outside.as_posix()


def test_without_the_extra_one_is_told_what_to_install() -> None:
    program = (
        "import sys; sys.modules['pygls'] = sys.modules['lsprotocol'] = None; sys.argv = ['waypost', 'lsp'];"
        "from api.cli.main import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 2
    assert 'pip install "waypost[lsp]"' in ran.stderr
