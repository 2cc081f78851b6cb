"""The doors: one for each audience, blind to each other; what they share is in `kit`."""
