"""Draws at the desk: promised, frozen, valued by two people, revealed, drawn; who did what, and what is next."""
