"""The reference page of the tools, made from their registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from api.mcp import resources, texts
from api.mcp.json_schemas import json_schema
from api.mcp.registry import TOOLS
from api.mcp.tool import Tool

_INTRODUCTION: Final = """# Tools for assistants

What `waypost mcp` offers by the Model Context Protocol. Made by `waypost mcp --reference` from the registry of the
tools; a test keeps it up to date. How to connect an assistant: [the how-to](../how-to/assistants.md).

Every tool but `save_draft` only reads, and that one keeps a draft: nothing here publishes, pauses, erases or sends.
What a tool needs is a scope of [who may do what](authorisation.md#scopes): with `--as` the person's role decides, and
tools that it does not allow are not listed. Arguments and answers have a JSON Schema (2020-12); the answers are those
of the HTTP interface. A refusal is an answer with `isError`, a `code` and a sentence; for rules with errors it has
`diagnostics` too.
"""
"""What the page begins with."""


def reference_page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for each in TOOLS.values():
        yield from _tool(each)
    yield "## Resources"
    yield ""
    yield "| address | what it is |"
    yield "|---|---|"
    yield f"| `{resources.LANGUAGE}` | the [reference of the language](language.md) |"
    for address, _, about in resources.TEMPLATES:
        yield f"| `{address}` | {about[0].lower()}{about[1:]} |"
    yield ""
    yield "## Prompts"
    yield ""
    yield f"`{texts.PROMPT}`: {texts.PROMPT_ABOUT}"
    yield ""
    yield "| argument | what it is |"
    yield "|---|---|"
    for name, about, is_required in texts.PROMPT_ARGUMENTS:
        yield f"| `{name}`{' (required)' if is_required else ''} | {about} |"


def _tool(tool: Tool) -> Iterator[str]:
    yield f"## {tool.name}"
    yield ""
    yield f"{tool.title}. Needs `{tool.scope}`." + (" Keeps a draft." if tool.writes else "")
    yield ""
    yield tool.description
    yield ""
    schema = json_schema(tool.asks)
    members: dict[str, Any] = schema.get("properties", {})
    if members:
        yield "| argument | type | what it is |"
        yield "|---|---|---|"
        required = schema.get("required", [])
        for name, told in members.items():
            yield f"| `{name}`{' (required)' if name in required else ''} | {_type(told)} | {_about(told)} |"
        yield ""
    answers = json_schema(tool.answers)
    yield f"Answers {', '.join(f'`{name}`' for name in answers['properties'])}."
    yield ""


def _type(told: dict[str, Any]) -> str:
    if "enum" in told:
        return " · ".join(f"`{each}`" for each in told["enum"] if each is not None)
    if "$ref" in told or "anyOf" in told or "allOf" in told:
        return "one of a list"
    kinds = told.get("type", [])
    return ", ".join(each for each in ([kinds] if isinstance(kinds, str) else kinds) if each != "null")


def _about(told: dict[str, Any]) -> str:
    said = str(told.get("description", "")).replace("|", "\\|")
    default = told.get("default")
    return f"{said} [{default}]".strip() if default not in (None, False, "", []) else said
