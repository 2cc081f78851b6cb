"""Addresses of forming unions, below /desk/formation/."""

from django.urls import path

from nuanxin.web.desk.formation import invitations, permits, sources

urlpatterns = [
    path("", permits.permits, name="permits"),
    path("permits/<uuid:pk>/", permits.permit, name="permit"),
    path("permits/<uuid:pk>/again/", permits.again, name="again"),
    path("permits/excel/", permits.excel, name="permits_excel"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<str:number>/", invitations.invitation, name="invitation"),
    path("invitations/<str:number>/people-office/", invitations.people_office, name="people_office"),
    path("systems/", sources.sources, name="sources"),
    path("systems/new/", sources.new_source, name="new_source"),
]
