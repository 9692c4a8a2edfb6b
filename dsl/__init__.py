"""The Waypost language: text to checked, compiled rules. Pure: no clock, no storage, no web."""
