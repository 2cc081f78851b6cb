"""Collective joining ceremonies at the desk."""
