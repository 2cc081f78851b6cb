"""Reads of the bookings floor."""
