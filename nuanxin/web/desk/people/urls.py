"""Addresses of members, below /desk/people/."""

from django.urls import path

from nuanxin.web.desk.people import acts, member, members

urlpatterns = [
    path("", members.members, name="members"),
    path("excel", members.members_excel, name="members_excel"),
    path("<str:number>/", member.member, name="member"),
    path("<str:number>/files/<uuid:pk>", member.file, name="file"),
    path("<str:number>/reveal/<str:what>/", acts.reveal_value, name="reveal"),
    path("<str:number>/card/print/", acts.print_paper, name="print_card"),
    path("<str:number>/<str:verb>/", acts.act, name="act"),
]
