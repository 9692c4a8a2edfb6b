"""Histories that were recorded elsewhere, as messages in Segment's form."""
