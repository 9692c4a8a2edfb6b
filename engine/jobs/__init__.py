"""Work that nobody waits for: copied, cleaned up, looked after, now and then, by one process at a time."""
