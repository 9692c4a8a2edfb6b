"""The console: pages drawn on the server for people who work with a project.

A page is a module of `api.console.pages` with one `Page`: its address, its name in the navigation, who may see it, and
a function from the `Desk` to what its template shows. `registry` lists the modules; nothing else has to know a page.
What a page shows is in its address, so that it can be shared. Pages ask the engine, never the HTTP interface.
"""
