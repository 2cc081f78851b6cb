"""People: from an application to a membership and the card that shows it.

Owns workers (the person), applications and how they are routed and reviewed, consents, memberships with every act upon
them, cards and their codes, releases of phones, requests for transfer. Does not own what a membership entitles to.
May import access and everything below.
"""
