"""Addresses of offers and bookings, part of the worker's door."""

from django.urls import path

from nuanxin.web.worker.bookings import draws, mine, offers

urlpatterns = [
    path("offers/", offers.offers, name="offers"),
    path("offers/<str:number>/", offers.offer, name="offer"),
    path("offers/<str:number>/book/", offers.book_it, name="offer_book"),
    path("offers/<str:number>/ticket/", draws.ticket, name="draw_ticket"),
    path("bookings/", mine.bookings, name="bookings"),
    path("bookings/<str:number>/", mine.booking, name="booking"),
    path("bookings/<str:number>/confirm/", mine.confirm, name="booking_confirm"),
    path("bookings/<str:number>/cancel/", mine.cancel, name="booking_cancel"),
    path("waiting/<uuid:pk>/leave/", mine.leave, name="waiting_leave"),
]
