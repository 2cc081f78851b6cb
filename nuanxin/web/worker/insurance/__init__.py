"""Gifted insurance on the phone: certificate, and claims with every step."""
