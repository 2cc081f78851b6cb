"""Addresses of the access pages, below /desk/access/."""

from django.urls import path

from nuanxin.web.desk.access import absences, accounts, audit, keys, links, me, passkeys, posts

urlpatterns = [
    path("posts/", posts.posts, name="posts"),
    path("posts/excel/", posts.posts_excel, name="posts_excel"),
    path("posts/new/", posts.new_post, name="new_post"),
    path("posts/<uuid:pk>/end/", posts.end, name="end_post"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.new_account, name="new_account"),
    path("accounts/<uuid:pk>/", accounts.account, name="account"),
    path("accounts/<uuid:pk>/reset/", accounts.reset, name="reset_password"),
    path("accounts/<uuid:pk>/switch/", accounts.switch, name="switch_account"),
    path("absences/", absences.absences, name="absences"),
    path("absences/new/", absences.new_absence, name="new_absence"),
    path("absences/<uuid:pk>/end/", absences.end, name="end_absence"),
    path("session/", absences.staff_session, name="staff_session"),
    path("session/<uuid:pk>/close/", absences.close, name="close_staff_session"),
    path("clients/", keys.clients, name="clients"),
    path("clients/new/", keys.new_client, name="new_client"),
    path("clients/<uuid:pk>/revoke/", keys.end_client, name="revoke_client"),
    path("devices/", keys.devices, name="devices"),
    path("devices/new/", keys.new_device, name="new_device"),
    path("devices/<uuid:pk>/renew/", keys.renew, name="renew_enrollment"),
    path("devices/<uuid:pk>/revoke/", keys.end_device, name="revoke_device"),
    path("me/", me.me, name="me"),
    path("me/language/", me.language, name="my_language"),
    path("me/password/", me.password, name="my_password"),
    path("me/sessions/", me.sessions, name="my_sessions"),
    path("me/code/<str:what>/", passkeys.prove, name="prove"),
    path("me/passkeys/", passkeys.mine, name="my_passkeys"),
    path("me/passkeys/options/", passkeys.options, name="passkey_options"),
    path("me/passkeys/<int:pk>/remove/", passkeys.remove, name="remove_passkey"),
    path("me/links/", links.mine, name="my_links"),
    path("me/links/dingtalk/", links.go, name="my_link"),
    path("me/links/dingtalk/back/", links.back, name="my_link_back"),
    path("me/recovery-codes/", me.recovery_codes, name="my_recovery_codes"),
    path("me/tokens/<uuid:pk>/new/", me.new_token, name="new_token"),
    path("me/tokens/<uuid:pk>/revoke/", me.end_token, name="revoke_token"),
    path("audit/", audit.audit, name="audit"),
]
