"""Rosters: whole lists of people handed in by a union or an employer, read and judged row by row."""
