"""Rows of the benefits floor."""
