"""Addresses of coupons, below /desk/coupons/."""

from django.urls import path

from nuanxin.web.desk.coupons import clashes, gifts, kinds, redemptions, settlements

urlpatterns = [
    path("", kinds.kinds, name="kinds"),
    path("new/", kinds.new, name="new"),
    path("redemptions/", redemptions.redemptions, name="redemptions"),
    path("redemptions/excel/", redemptions.excel, name="redemptions_excel"),
    path("clashes/", clashes.clashes, name="clashes"),
    path("clashes/<uuid:pk>/<slug:verb>/", clashes.decide, name="decide_clash"),
    path("give/", gifts.give, name="give"),
    path("gifts/<uuid:pk>/back/", gifts.take_back, name="take_gift_back"),
    path("redemptions/<uuid:pk>/back/", redemptions.back, name="give_back"),
    path("settlements/", settlements.settlements, name="settlements"),
    path("settlements/close/<uuid:pk>/<str:month>/", settlements.close, name="close"),
    path("settlements/<str:number>/", settlements.settlement, name="settlement"),
    path("settlements/<str:number>/excel/", settlements.excel, name="settlement_excel"),
    path("<uuid:pk>/", kinds.kind, name="kind"),
    path("<uuid:pk>/edit/", kinds.edit, name="edit"),
    path("<uuid:pk>/end/", kinds.end, name="end"),
    path("<uuid:pk>/stock/", kinds.stock, name="stock"),
    path("<uuid:pk>/keep/", gifts.keep, name="keep"),
    path("<uuid:pk>/gifts/", gifts.gifts, name="gifts"),
]
