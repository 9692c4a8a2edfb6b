"""The shapes that we promise on the wire."""
