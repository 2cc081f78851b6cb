"""Reads for trials of routing: applications of a period, cases typed or pasted, and the rules of an area."""
