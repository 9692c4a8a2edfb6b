"""Meaning over time: events, state, decisions, records. Knows no web."""
