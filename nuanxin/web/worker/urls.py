"""Addresses of the worker's door."""

from django.urls import path

from nuanxin.web.worker import catalog, ceremonies, checkups, home, packs, posters, weixin
from nuanxin.web.worker.account import card, credentials, me, phone, platforms, proof, rights, sessions, sign_in, ways
from nuanxin.web.worker.bookings import urls as bookings
from nuanxin.web.worker.coupons import urls as coupons
from nuanxin.web.worker.insurance import views as insurance
from nuanxin.web.worker.join import offer
from nuanxin.web.worker.join import views as join
from nuanxin.web.worker.moves import registries
from nuanxin.web.worker.moves import views as moves
from nuanxin.web.worker.progress import contest, correct, data, documents, find
from nuanxin.web.worker.progress import views as progress

app_name = "worker"

urlpatterns = [
    path("", home.home, name="home"),
    path("u/<str:code>", posters.poster, name="poster"),
    path("d/<str:code>", posters.door, name="door"),
    path("weixin/signature/", weixin.signature, name="weixin"),
    path("c/<str:code>", ceremonies.ceremony, name="ceremony"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/with/<str:platform>/", platforms.go, name="platform"),
    path("sign-in/with/<str:platform>/back/", platforms.back, name="platform_back"),
    path("sign-in/alone/", platforms.alone, name="sign_in_alone"),
    path("me/links/", platforms.links, name="links"),
    path("me/links/<uuid:pk>/unlink/", platforms.unlink, name="unlink"),
    path("sign-out/", sign_in.leave, name="sign_out"),
    path("card/", card.card, name="card"),
    path("card/code/", card.code, name="code"),
    path("card/offline/", card.offline_code, name="offline_code"),
    path("card/credentials/", credentials.credentials, name="credentials"),
    path("card/lost/", card.lost, name="lost"),
    path("card/move/", moves.move, name="move"),
    path("card/move/<str:code>/", moves.move_to, name="move_to"),
    path("card/registries/", registries.move_here, name="move_here"),
    path("card/transfers/<uuid:pk>/", moves.transfer, name="transfer"),
    path("card/transfers/<uuid:pk>/cancel/", moves.cancel, name="transfer_cancel"),
    path("services/", catalog.services, name="services"),
    path("services/received/", catalog.received, name="received"),
    path("services/<str:code>/", catalog.service, name="service"),
    path("packs/", packs.packs, name="packs"),
    path("insurance/", insurance.insurance, name="insurance"),
    path("insurance/<uuid:pk>/", insurance.policy, name="policy"),
    path("insurance/<uuid:pk>/certificate.pdf", insurance.certificate, name="certificate"),
    path("insurance/<uuid:pk>/claim/", insurance.new_claim, name="new_claim"),
    path("insurance/claims/<str:number>/", insurance.claim, name="claim"),
    path("insurance/claims/<str:number>/withdraw/", insurance.withdraw, name="claim_withdraw"),
    path("insurance/claims/<str:number>/files/<uuid:pk>/", insurance.file, name="claim_file"),
    path("check-ups/", checkups.checkups, name="checkups"),
    path("check-ups/<uuid:pk>/cannot-come/", checkups.cannot_come, name="checkup_cannot_come"),
    path("check-ups/results/<uuid:pk>.pdf", checkups.result, name="checkup_result"),
    *bookings.urlpatterns,
    *coupons.urlpatterns,
    path("me/", me.me, name="me"),
    path("me/messages/", ways.inbox, name="messages"),
    path("me/messages/read/", ways.read_all, name="messages_read"),
    path("me/messages/<uuid:pk>/open/", ways.open_message, name="message_open"),
    path("me/ways/", ways.ways, name="ways"),
    path("me/ways/email/", ways.email, name="ways_email"),
    path("me/ways/email/remove/", ways.remove_email, name="ways_email_remove"),
    path("me/phone/", phone.change, name="phone"),
    path("me/acts/", me.acts, name="acts"),
    path("me/proof/", proof.proof, name="proof"),
    path("me/sessions/", sessions.sessions, name="sessions"),
    path("me/checks/", me.checks, name="checks"),
    path("me/consents/", me.consents, name="my_consents"),
    path("me/consents/<uuid:pk>/withdraw/", rights.consent_withdraw, name="consent_withdraw"),
    path("me/export/", me.export, name="export"),
    path("me/rights/", rights.rights, name="rights"),
    path("me/correct/", rights.correct, name="correct"),
    path("me/leave/", rights.leave, name="leave"),
    path("me/close/", rights.close, name="close"),
    path("me/erasure/", rights.erasure, name="erasure"),
    path("join/", join.person, name="join"),
    path("join/place/", join.place, name="join_place"),
    path("join/place/employers/", join.employer_suggestions, name="employers"),
    path("join/send/", join.send, name="join_send"),
    path("join/consents/", join.consents, name="consents"),
    path("q/<str:token>/", offer.offer, name="offer"),
    path("q/<str:token>/change/", offer.change, name="offer_change"),
    path("q/<str:token>/decline/", offer.decline, name="offer_decline"),
    path("a/<str:token>", progress.application, name="application"),
    path("progress/", find.find, name="progress"),
    path("a/<str:token>/correct/", correct.correct, name="application_correct"),
    path("a/<str:token>/application.pdf", documents.application_form, name="application_form"),
    path("a/<str:token>/registration.pdf", documents.registration_form, name="registration_form"),
    path("a/<str:token>/code/", progress.code, name="application_code"),
    path("a/<str:token>/code/resend/", progress.resend, name="application_resend"),
    path("a/<str:token>/withdraw/", progress.withdraw, name="application_withdraw"),
    path("a/<str:token>/contest/<str:kind>/", contest.contest, name="application_contest"),
    path("a/<str:token>/files/<uuid:pk>/", contest.file, name="application_file"),
    path("a/<str:token>/data/", data.data, name="application_data"),
    path("a/<str:token>/data/<uuid:pk>/withdraw/", data.consent, name="application_consent"),
    path("a/<str:token>/data/erase/", data.erase, name="application_erase"),
    path("a/<str:token>/transfer/", progress.transfer, name="application_transfer"),
]
