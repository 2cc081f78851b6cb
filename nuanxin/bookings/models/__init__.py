"""Tables of the bookings floor."""

from nuanxin.bookings.models.booking import Booking, Waiting
from nuanxin.bookings.models.draws import Draw, DrawPage, Entry
from nuanxin.bookings.models.offer import Offer, Pool, Session, Share

__all__ = ["Booking", "Draw", "DrawPage", "Entry", "Offer", "Pool", "Session", "Share", "Waiting"]
