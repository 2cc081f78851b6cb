"""Addresses of welcome packs, below /desk/packs/."""

from django.urls import path

from nuanxin.web.desk.packs import people, views

urlpatterns = [
    path("", views.stocks, name="stocks"),
    path("excel/", views.excel, name="stocks_excel"),
    path("new/", views.new, name="new"),
    path("people/", people.people, name="people"),
    path("people/<str:number>/", people.person, name="person"),
    path("people/<str:number>/<uuid:pk>/<str:verb>/", people.right, name="right"),
    path("<uuid:pk>/", views.stock, name="stock"),
    path("<uuid:pk>/excel/", views.history_excel, name="stock_excel"),
    path("<uuid:pk>/<str:verb>/", views.act, name="act"),
]
