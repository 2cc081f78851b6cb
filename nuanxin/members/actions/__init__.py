"""Writing about people: one verb a function, one family a module."""
