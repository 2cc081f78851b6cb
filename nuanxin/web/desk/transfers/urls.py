"""Addresses of transfers, below /desk/transfers/."""

from django.urls import path

from nuanxin.web.desk.transfers import filings, views

urlpatterns = [
    path("", views.transfer_list, name="transfers"),
    path("excel", views.transfers_excel, name="transfers_excel"),
    path("ask/", views.ask, name="ask"),
    path("filings/", filings.filing_list, name="filings"),
    path("filings/excel", filings.filings_excel, name="filings_excel"),
    path("filings/<uuid:pk>/", filings.filing, name="filing"),
    path("<uuid:pk>/", views.transfer, name="transfer"),
]
