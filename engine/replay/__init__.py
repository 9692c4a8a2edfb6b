"""Session replay: what pages record of moments of friction, checked, kept, and shown again."""
