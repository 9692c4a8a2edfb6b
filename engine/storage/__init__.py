"""Where the log and what is folded from it are kept; the only place that knows tables."""
