"""Support tickets and app reviews that are fetched from where they are, by schedule, and become evidence."""
