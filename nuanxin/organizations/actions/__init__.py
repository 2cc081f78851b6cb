"""Writes of the organizations floor."""
