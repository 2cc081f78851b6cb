"""Writes of the activities floor."""
