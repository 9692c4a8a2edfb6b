"""A look at a whole installation: what is wrong, what will be, and what to do about it."""
