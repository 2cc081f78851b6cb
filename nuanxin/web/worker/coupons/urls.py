"""Addresses of coupons, part of the worker's door."""

from django.urls import path

from nuanxin.web.worker.coupons import line, wallet

urlpatterns = [
    path("coupons/", wallet.coupons, name="coupons"),
    path("coupons/<str:number>/", line.stock, name="coupon_offer"),
    path("coupons/<str:number>/now/", line.line_now, name="coupon_now"),
    path("coupons/<str:number>/join/", line.join, name="coupon_join"),
    path("coupons/<str:number>/take/", line.take, name="coupon_take"),
]
