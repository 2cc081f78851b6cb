"""Numbers that carry their meaning.

Owns tallies: deltas appended in the transaction of the act, folded in the background into days and totals for every
union and region above, and read as folded + deltas, so always exact. Only doors import it. May import everything below.
"""
