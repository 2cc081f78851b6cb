"""Writes of the bookings floor."""
