"""Tables of the bookings floor."""

from nuanxin.bookings.models.booking import Booking, Waiting
from nuanxin.bookings.models.offer import Offer, Pool, Session, Share

__all__ = ["Booking", "Offer", "Pool", "Session", "Share", "Waiting"]
