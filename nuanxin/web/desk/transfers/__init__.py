"""Transfers at the desks of both unions, and expulsions that unions below have reported."""
