"""The MCP server: assistants ask about a project in its own terms, and draft rules for people to publish.

`registry` names the tools, `desk` is what they work with, `server` is the only module that knows the protocol.
"""
