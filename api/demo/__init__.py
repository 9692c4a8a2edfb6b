"""The demo: Postbird's pages beside what Waypost knows, a simulated history, and the story played as a check."""
