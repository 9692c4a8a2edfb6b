"""What Waypost draws: one folder per widget with its facts, schema, renderer, example and test."""
