"""Addresses of gifted insurance, below /desk/insurance/."""

from django.urls import path

from nuanxin.web.desk.insurance import acts, batches, claims, differences, plans

urlpatterns = [
    path("", batches.batches, name="batches"),
    path("new/", batches.new, name="new"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new_plan, name="new_plan"),
    path("insurers/new/", plans.new_insurer, name="new_insurer"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<str:number>/", claims.claim, name="claim"),
    path("claims/<str:number>/files/<uuid:pk>/", claims.file, name="claim_file"),
    path("<str:number>/", batches.batch, name="batch"),
    path("<str:number>/progress/", batches.progress, name="progress"),
    path("<str:number>/freeze/", acts.freeze, name="freeze"),
    path("<str:number>/check/", acts.check, name="check"),
    path("<str:number>/roll/", acts.roll, name="roll"),
    path("<str:number>/roll.xlsx", acts.roll_file, name="roll_file"),
    path("<str:number>/send/", acts.send, name="send"),
    path("<str:number>/give-up/", acts.give_up, name="give_up"),
    path("<str:number>/policies/", acts.policies, name="policies"),
    path("<str:number>/differences/", differences.differences, name="differences"),
    path("<str:number>/differences.xlsx", differences.excel, name="differences_excel"),
    path("<str:number>/settle/", differences.settle, name="settle"),
]
