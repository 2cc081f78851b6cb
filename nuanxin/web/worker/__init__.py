"""The worker's door: the phone pages on which one joins, follows an application, and shows the card.

Owns words and pages only; every rule and every write is below. May import web.kit and the floors under web.
"""
