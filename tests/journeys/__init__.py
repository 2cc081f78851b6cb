"""Journeys: what people do from start to end, in a real browser against a running server."""
