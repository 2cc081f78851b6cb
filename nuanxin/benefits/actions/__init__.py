"""Writes of the benefits floor."""
