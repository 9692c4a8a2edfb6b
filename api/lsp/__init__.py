"""The language server: what editors ask about rules, over the Language Server Protocol. Needs the extra `[lsp]`."""
