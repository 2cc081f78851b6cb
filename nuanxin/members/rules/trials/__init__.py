"""Trials of routing, pure: cases replayed against a draft, and what is wrong with the rules of an area."""
