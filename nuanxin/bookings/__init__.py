"""Everything scarce: offers, their shares and pools, bookings, waiting lists, check-in, draws.

Owns who gets a place and why, first come, by priority or by lot: capacity that is never passed, limits per person,
holds and offered places that expire, no-shows. Does not own what is offered (activities, benefits) nor what was served
(catalog): it knows of a check-up or a coupon by a code only. May import members and everything below; packages of the
same floor are blind to each other.
"""
