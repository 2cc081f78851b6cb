"""Writes of the formation floor."""
