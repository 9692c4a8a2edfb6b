"""A project's events for other tools: which of them, and in which forms."""
