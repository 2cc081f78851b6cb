"""Reads of the benefits floor."""
