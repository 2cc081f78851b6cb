"""Offers that members may book, and what they have booked."""
