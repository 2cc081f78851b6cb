"""Reads of the organizations floor."""
