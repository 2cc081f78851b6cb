"""Unions, enterprises, code lists and dated rules at the desk."""
