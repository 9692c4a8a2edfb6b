"""How fast it is, as ratios within one run: against the limit (hand-written code, the raw engine) and named peers."""
