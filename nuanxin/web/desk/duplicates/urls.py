"""Addresses of records that may be one person, below /desk/duplicates/."""

from django.urls import path

from nuanxin.web.desk.duplicates import pair, pairs

urlpatterns = [
    path("", pairs.pair_list, name="duplicates"),
    path("excel", pairs.pairs_excel, name="excel"),
    path("search/", pairs.search, name="search"),
    path("distinct/", pairs.distinct, name="distinct"),
    path("<uuid:pk>/", pair.pair, name="pair"),
    path("<uuid:pk>/undo/", pair.undo, name="undo"),
]
