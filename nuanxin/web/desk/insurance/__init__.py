"""Gifted insurance at the desk: plans, batches, what came back, claims."""
