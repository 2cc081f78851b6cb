"""Reads of the formation floor."""
