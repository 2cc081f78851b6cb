"""Offers at the desk: making them, dividing their places, who booked, who waits."""
