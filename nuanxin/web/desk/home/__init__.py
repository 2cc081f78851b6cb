"""The first page of the desk: what waits for me."""
