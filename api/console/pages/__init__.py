"""The pages of a project, each a module with a `PAGE`."""
