"""Addresses of offers and bookings, below /desk/bookings/."""

from django.urls import path

from nuanxin.web.desk.bookings import member, offer, offers, people, places, pools, previews, sessions

urlpatterns = [
    path("", offers.offers, name="offers"),
    path("offers.xlsx", offers.offers_excel, name="offers_excel"),
    path("new/", offers.new, name="new"),
    path("preview/", previews.preview, name="preview"),
    path("booking/<str:booking>/cancel/", people.cancel, name="booking_cancel"),
    path("booking/<str:booking>/came/", people.came, name="came"),
    path("<str:number>/", offer.offer, name="offer"),
    path("<str:number>/edit/", offers.edit, name="edit"),
    path("<str:number>/reached/", previews.reached, name="reached"),
    path("<str:number>/places/", places.places, name="places"),
    path("<str:number>/places/check/", places.check, name="places_check"),
    path("<str:number>/act/<str:verb>/", offer.act, name="act"),
    path("<str:number>/pools/<uuid:pk>/", pools.resize, name="resize"),
    path("<str:number>/shares/<uuid:pk>/release/", pools.release, name="release"),
    path("<str:number>/sessions/<uuid:pk>/cancel/", pools.cancel, name="session_cancel"),
    path("<str:number>/sessions/<uuid:pk>/move/", pools.move, name="session_move"),
    path("<str:number>/sessions/<str:verb>/", sessions.act, name="sessions"),
    path("<str:number>/bookings/", people.bookings, name="bookings"),
    path("<str:number>/bookings.xlsx", people.bookings_excel, name="bookings_excel"),
    path("<str:number>/waiting/", people.waiting, name="waiting"),
    path("<str:number>/waiting.xlsx", people.waiting_excel, name="waiting_excel"),
    path("<str:number>/member/", member.member, name="member"),
    path("<str:number>/group/", people.group, name="group"),
]
