"""The targeting of other tools, as rules: what can be said exactly is said, and all else is told."""
