"""Services: what a union does for people, who may have it, what it promised for the year, and what it really did.

Owns services with their audience and budgets, yearly targets, and deliveries: one append-only row per person and time
served, with its cost, from which everything is counted and nothing is typed in. Does not own what is booked, handed out
or redeemed: packages above announce it, and the wiring writes the deliveries. May import members and everything below;
packages of the same floor are blind to each other.
"""
