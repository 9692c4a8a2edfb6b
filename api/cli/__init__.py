"""The `waypost` command. Each command's module is imported only when it is called."""
