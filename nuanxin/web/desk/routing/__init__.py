"""Trials of routing: cases, drafts of rules, and the health of the rules."""
