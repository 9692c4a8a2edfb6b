"""HTTP and the command line: parse, call the engine, present."""
