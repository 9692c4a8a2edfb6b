"""A demo product with its rules and histories, and rules for a shop; all of it is run by the tests."""
