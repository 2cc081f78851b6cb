"""What a membership entitles to: gifted insurance, coupons, welcome packs.

Owns insurers and their plans, batches of gifted insurance from the frozen list to policies and claims, and the rights
that coupons and welcome packs give. Does not own what is served (catalog) nor who gets what is scarce (bookings). May
import bookings, catalog, members and everything below; packages of the same floor are blind to each other.
"""
