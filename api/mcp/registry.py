"""All tools, in the order in which they are listed. A new one is a function with `@tool`, and its name here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.mcp.catalog import list_events, list_guides, list_journeys, list_personas, read_rules
from api.mcp.figures import explain_decision, funnel, opportunities, paths, step_records
from api.mcp.tool import Tool
from api.mcp.writing import backtest_guide, check_rules, describe_guide, format_rules, read_language, save_draft

TOOLS: Final[Mapping[str, Tool]] = {
    each.name: each
    for each in (
        list_journeys,
        list_personas,
        list_guides,
        list_events,
        read_language,
        read_rules,
        check_rules,
        format_rules,
        describe_guide,
        backtest_guide,
        save_draft,
        explain_decision,
        funnel,
        paths,
        step_records,
        opportunities,
    )
}
