"""Addresses of the notices, below /desk/notices/."""

from django.urls import path

from nuanxin.web.desk.notices import gateways, own, sent

urlpatterns = [
    path("", own.inbox, name="inbox"),
    path("<uuid:pk>/open/", own.open_notice, name="open"),
    path("ways/", own.ways, name="ways"),
    path("ways/email/", own.email, name="email"),
    path("ways/email/remove/", own.remove_email, name="remove_email"),
    path("sent/", sent.sent, name="sent"),
    path("sent/app/", sent.in_app, name="in_app"),
    path("sent/<uuid:pk>/again/", sent.again, name="again"),
    path("gateways/", gateways.gateways, name="gateways"),
    path("chats/", gateways.chats, name="chats"),
    path("chats/new/", gateways.new_chat, name="new_chat"),
    path("chats/<uuid:pk>/try/", gateways.try_one, name="try_chat"),
    path("chats/<uuid:pk>/remove/", gateways.remove, name="remove_chat"),
]
