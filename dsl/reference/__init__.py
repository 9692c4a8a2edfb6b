"""The reference page of the language, made from the grammar and the registries."""
