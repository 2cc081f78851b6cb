"""Nuanxin: from the code on a wall to a union card, for people who work on the road."""

__version__ = "0.1.0"
