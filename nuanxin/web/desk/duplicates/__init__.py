"""Records that may be one person: the list, two side by side, the decision, the search through the registry."""
