"""The living map of a journey: what is measured, declared and typed at each step, side by side."""
