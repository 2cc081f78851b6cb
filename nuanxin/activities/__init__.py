"""What members are invited to: the check-up bus, recuperation, events and talks.

Owns routes, sites, days and windows of the bus, packages of check-ups, arrivals that devices without network tell of,
sealed results, recuperation, and events. Does not own who gets a place (bookings) nor what was delivered (catalog). May
import bookings, catalog, members and everything below; packages of the same floor are blind to each other.
"""
