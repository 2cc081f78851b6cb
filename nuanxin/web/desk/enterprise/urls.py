"""Addresses of an employer's people office, below /desk/enterprise/."""

from django.urls import path

from nuanxin.web.desk.enterprise import answers, contact, people

urlpatterns = [
    path("", people.employees, name="employees"),
    path("excel", people.employees_excel, name="employees_excel"),
    path("answers/", answers.preview, name="preview"),
    path("answers/give/", answers.carry_out, name="answer"),
    path("contact/<uuid:pk>/", contact.contact, name="contact"),
    path("applicants/<str:number>/", answers.applicant, name="applicant"),
]
