"""Addresses of reviewing, below /desk/review/."""

from django.urls import path

from nuanxin.web.desk.review import application, batch, contests, decisions, lapses, papers, queue, releases

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("excel", queue.queue_excel, name="queue_excel"),
    path("batch/", batch.preview, name="batch"),
    path("batch/decide/", batch.carry_out, name="batch_decide"),
    path("batch/result/", batch.result, name="batch_result"),
    path("releases/", releases.release_list, name="releases"),
    path("releases/excel", releases.releases_excel, name="releases_excel"),
    path("releases/<uuid:pk>/", releases.release, name="release"),
    path("contests/", contests.contest_list, name="contests"),
    path("contests/excel", contests.contests_excel, name="contests_excel"),
    path("contests/<uuid:pk>/", contests.contest, name="contest"),
    path("contests/<uuid:pk>/files/<uuid:file_pk>/", contests.contest_file, name="contest_file"),
    path("lapses/", lapses.lapse_list, name="lapses"),
    path("lapses/excel", lapses.lapses_excel, name="lapses_excel"),
    path("lapses/<str:code>/", lapses.lapses_of_union, name="lapses_of"),
    path("<str:number>/", application.application, name="application"),
    path("<str:number>/reveal/<str:what>/", application.reveal_value, name="reveal"),
    path("<str:number>/registration.pdf", papers.registration_form, name="registration_form"),
    path("<str:number>/<str:decision>/", decisions.decide_one, name="decide"),
]
