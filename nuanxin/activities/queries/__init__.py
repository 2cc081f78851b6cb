"""Reads of the activities floor."""
