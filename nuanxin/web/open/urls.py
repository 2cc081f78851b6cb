"""Addresses of the open door."""

from django.urls import path

from nuanxin.web.kit import offline
from nuanxin.web.open import calendars, draws, invitations
from nuanxin.web.open.health import healthz, readyz
from nuanxin.web.open.receipts import email, receipts
from nuanxin.web.open.states import states
from nuanxin.web.open.tour import tour

app_name = "open"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("states/", states, name="states"),
    path("tour", tour, name="tour"),
    path("receipts/", receipts, name="receipts"),
    path("receipts/<str:key>/", receipts, name="receipts_secret"),
    path("email/<str:token>/", email, name="email"),
    path("i/<str:token>/", invitations.invitation, name="invitation"),
    path("invited/", invitations.by_code, name="invited"),
    path("invited/answer/", invitations.typed, name="invitation_typed"),
    path("draws/", draws.draws, name="draws"),
    path("draws/recheck_draw.py", draws.draw_script, name="draw_script"),
    path("draws/<str:number>/", draws.draw, name="draw"),
    path("draws/<str:number>/public.json", draws.draw_file, name="draw_file"),
    path("calendar/<str:token>.ics", calendars.calendar, name="calendar"),
    path("calendar/unions/<str:code>.ics", calendars.union_calendar, name="union_calendar"),
    path("calendar/areas/<str:code>.ics", calendars.area_calendar, name="area_calendar"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.offline_page, name="offline"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
]
