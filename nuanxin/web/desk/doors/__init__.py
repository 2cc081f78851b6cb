"""Doors: which there are, what comes through each, their links and keys; and entering people at the counter."""
