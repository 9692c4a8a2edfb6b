"""The MCP server over standard input and output: the only module that speaks the protocol.

Decides what an answer and a refusal look like to an assistant. One question is answered at a time: the database and
the machine belong to the server that takes events.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, TypeVar

import anyio
import anyio.to_thread
import orjson
from mcp import MCPError
from mcp import types as protocol
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from api.mcp import resources, texts
from api.mcp.desk import Desk
from api.mcp.errors import NoSuchFile, RulesFaulty, UnknownTool
from api.mcp.json_schemas import json_schema
from api.mcp.registry import TOOLS
from api.mcp.tool import Tool
from api.schemas.problems import DiagnosticSchema
from api.version import VERSION
from engine.errors import WaypostError

NAME: Final = "waypost"
Answer = TypeVar("Answer")
_log = logging.getLogger("waypost.mcp")
Context = ServerRequestContext[Any]


def serve(desk: Desk) -> None:
    """Answer until the client closes the input."""
    anyio.run(_serve, desk)


async def _serve(desk: Desk) -> None:
    server = build(desk)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def build(desk: Desk) -> Server[Any]:
    """The server of a desk."""
    one_at_a_time = anyio.CapacityLimiter(1)

    async def aside(work: Callable[[], Answer]) -> Answer:
        # In a thread, so that pings and cancellations are heard meanwhile.
        try:
            return await anyio.to_thread.run_sync(work, limiter=one_at_a_time)
        except WaypostError as refused:
            raise MCPError(protocol.INVALID_REQUEST, str(refused)) from None

    async def list_tools(_: Context, __: protocol.PaginatedRequestParams | None) -> protocol.ListToolsResult:
        return await aside(lambda: protocol.ListToolsResult(tools=[described(each) for each in offered(desk)]))

    async def call_tool(_: Context, asked: protocol.CallToolRequestParams) -> protocol.CallToolResult:
        return await aside(partial(called, desk, asked.name, asked.arguments or {}))

    async def list_resources(_: Context, __: protocol.PaginatedRequestParams | None) -> protocol.ListResourcesResult:
        return await aside(partial(_resources, desk))

    async def list_templates(
        _: Context, __: protocol.PaginatedRequestParams | None
    ) -> protocol.ListResourceTemplatesResult:
        found = [
            protocol.ResourceTemplate(uri_template=address, name=name, description=about, mime_type=resources.WAY)
            for address, name, about in resources.TEMPLATES
        ]
        return protocol.ListResourceTemplatesResult(resource_templates=found)

    async def read_resource(_: Context, asked: protocol.ReadResourceRequestParams) -> protocol.ReadResourceResult:
        return await aside(partial(_resource, desk, str(asked.uri)))

    async def list_prompts(_: Context, __: protocol.PaginatedRequestParams | None) -> protocol.ListPromptsResult:
        return protocol.ListPromptsResult(prompts=[_prompt()])

    async def get_prompt(_: Context, asked: protocol.GetPromptRequestParams) -> protocol.GetPromptResult:
        return _prompted(asked.name, asked.arguments or {})

    return Server(
        NAME,
        version=VERSION,
        title="Waypost",
        instructions=texts.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def offered(desk: Desk) -> list[Tool]:
    """The tools that the person may use."""
    scopes = desk.who().scopes
    return [each for each in TOOLS.values() if each.scope in scopes]


@cache
def described(tool: Tool) -> protocol.Tool:
    """A tool as it is listed."""
    return protocol.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=json_schema(tool.asks),
        output_schema=json_schema(tool.answers),
        annotations=protocol.ToolAnnotations(
            title=tool.title, read_only_hint=not tool.writes, destructive_hint=False, open_world_hint=False
        ),
    )


def called(desk: Desk, name: str, arguments: dict[str, Any]) -> protocol.CallToolResult:
    """What a tool answers; a refusal is an answer too, which the model reads and acts on."""
    try:
        tool = TOOLS.get(name)
        if tool is None:
            raise UnknownTool(name, [each.name for each in offered(desk)])
        # Through JSON, so that an answer is what the other doors send, and nothing else.
        answer = orjson.loads(text := orjson.dumps(tool.call(desk, arguments)).decode())
    except WaypostError as refused:
        return _refusal(refused)
    except Exception:
        _log.exception("the tool `%s` failed", name)
        return _told({"code": "internal_error", "message": texts.INTERNAL}, texts.INTERNAL, is_error=True)
    said = [texts.DATA_NOTE, text] if tool.has_words_of_users else [text]
    return _told(answer, *said)


def _refusal(refused: WaypostError) -> protocol.CallToolResult:
    document: dict[str, Any] = {"code": refused.code, "message": str(refused)}
    said = [str(refused)]
    if isinstance(refused, RulesFaulty):
        document["diagnostics"] = DiagnosticSchema(many=True).dump(refused.diagnostics)
        said.append(refused.rendered)
    return _told(document, *said, is_error=True)


def _told(document: dict[str, Any], *said: str, is_error: bool = False) -> protocol.CallToolResult:
    content: list[protocol.ContentBlock] = [protocol.TextContent(text=each) for each in said]
    return protocol.CallToolResult(content=content, structured_content=document, is_error=is_error)


def _resources(desk: Desk) -> protocol.ListResourcesResult:
    found = [
        protocol.Resource(uri=each.uri, name=each.name, description=each.about, mime_type=each.media)
        for each in resources.listed(desk)
    ]
    return protocol.ListResourcesResult(resources=found)


def _resource(desk: Desk, uri: str) -> protocol.ReadResourceResult:
    try:
        text, media = resources.read(desk, uri)
    except NoSuchFile as missing:
        raise MCPError(protocol.INVALID_PARAMS, str(missing), {"uri": uri}) from None
    return protocol.ReadResourceResult(contents=[protocol.TextResourceContents(uri=uri, text=text, mime_type=media)])


def _prompt() -> protocol.Prompt:
    arguments = [
        protocol.PromptArgument(name=name, description=about, required=is_required)
        for name, about, is_required in texts.PROMPT_ARGUMENTS
    ]
    return protocol.Prompt(
        name=texts.PROMPT, title="Write a rule for …", description=texts.PROMPT_ABOUT, arguments=arguments
    )


def _prompted(name: str, arguments: dict[str, str]) -> protocol.GetPromptResult:
    if name != texts.PROMPT:
        raise MCPError(protocol.INVALID_PARAMS, f"there is no prompt `{name[:80]}`; there is: `{texts.PROMPT}`")
    wish = arguments.get("wish", "").strip()
    if not wish:
        raise MCPError(protocol.INVALID_PARAMS, "say in `wish` what the rule should do")
    text = texts.prompt_text(wish, arguments.get("place"))
    message = protocol.PromptMessage(role="user", content=protocol.TextContent(text=text))
    return protocol.GetPromptResult(description=texts.PROMPT_ABOUT, messages=[message])
